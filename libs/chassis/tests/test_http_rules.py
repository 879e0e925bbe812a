"""Every promise of the API, for every operation, by walking the OpenAPI document."""

from typing import Annotated

from fastapi import APIRouter, Security
from pydantic import ConfigDict, create_model

from kpo_chassis.http import RequestBody, ResponseBody, caller, command
from kpo_chassis.kernel import Caller, Command
from kpo_chassis.testing.http_drive import misbehaviour
from kpo_chassis.testing.http_rules import breaches

from .door import Door, a_door

Anybody = Annotated[Caller, Security(caller, scopes=["briefs:read"])]


class LooseBody(RequestBody):
    model_config = ConfigDict(extra="ignore")

    Title: str
    tags: tuple[int, ...]


class AnswerBody(ResponseBody):
    created: str
    items: list[int] | None


async def test_the_document_keeps_every_rule(door: Door) -> None:
    document = (await door.http.get("/openapi.json")).json()

    assert breaches(document) == []


async def test_every_wrong_request_is_refused_as_promised(door: Door) -> None:
    found = await misbehaviour(door.http, lambda scopes: door.token(*scopes))

    assert found == []


async def test_the_rules_find_what_breaks_them() -> None:
    routes = APIRouter()

    @routes.post("/v1/Loose_things")
    async def MakeLoose(body: LooseBody, who: Anybody) -> AnswerBody:  # noqa: N802 - the rule under test.
        raise NotImplementedError

    @routes.get("/v1/open")
    async def get_open() -> None: ...

    async with a_door(routes) as door:
        told = "\n".join(breaches((await door.http.get("/openapi.json")).json()))

    for sentence in (
        "MakeLoose is no function name",
        "/v1/Loose_things is not made of lower-case words",
        "it is a POST without Idempotency-Key",
        "request takes unknown fields",
        "request.Title is a text without a maximum",
        "request.Title is not in snake_case",
        "request.tags is an array without a maximum",
        "200.items is an array that may be null",
        "GET /v1/open: it asks for no token",
    ):
        assert sentence in told


def test_a_problem_in_place_of_the_document_breaks_the_rules() -> None:
    told = breaches({"status": 500, "code": "internal_error"})

    assert len(told) == 1
    assert "describes no path" in told[0]


async def test_a_body_of_many_layers_has_an_example() -> None:
    layer: type[ResponseBody] = AnswerBody
    for number in range(7):
        layer = create_model(f"Layer{number}Body", __base__=ResponseBody, inner=(layer, ...))
    routes = APIRouter()

    @routes.get("/v1/onions", response_model=layer)
    async def get_onion(who: Anybody) -> None:
        raise NotImplementedError

    async with a_door(routes) as door:
        answer = await door.http.get("/openapi.json")

    shown = answer.json()["paths"]["/v1/onions"]["get"]["responses"]["200"]["content"]["application/json"]
    assert str(shown["example"]).count("inner") == 7


async def test_the_drive_finds_what_is_not_refused() -> None:
    routes = APIRouter()

    @routes.post("/v1/loose-things")
    async def make_loose(
        body: LooseBody, cause: Annotated[Command, Security(command, scopes=["briefs:write"])]
    ) -> AnswerBody:
        return AnswerBody(created=f"{body.Title} {cause.key}", items=None)

    async with a_door(routes) as door:
        found = await misbehaviour(door.http, lambda scopes: door.token(*scopes))

    assert len(found) == 1
    assert "surprise" in found[0]
    assert "answered 200" in found[0]


async def test_operations_are_named_as_their_functions(door: Door) -> None:
    document = (await door.http.get("/openapi.json")).json()

    assert {op["operationId"] for path in document["paths"].values() for op in path.values()} == {
        "get_brief",
        "get_brief_content",
        "get_livez",
        "get_readyz",
        "get_version",
        "list_briefs",
        "list_tasks",
        "publish_brief",
        "put_brief_content",
        "write_brief",
    }


async def test_scopes_stand_in_the_document(door: Door) -> None:
    document = (await door.http.get("/openapi.json")).json()

    assert document["paths"]["/v1/briefs"]["post"]["security"] == [{"bearer": ["briefs:write"]}]


async def test_the_docs_page_needs_no_outside_address(door: Door) -> None:
    page = (await door.http.get("/docs")).text

    assert "http://" not in page
    assert "https://" not in page
