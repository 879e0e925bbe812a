"""Requests that may say one of several things, told apart by a field: their examples and their refusals."""

from enum import StrEnum
from typing import Annotated, Literal

import pytest
from fastapi import APIRouter, Body, Security
from pydantic import Field, JsonValue

from kpo_chassis.http import RequestBody, command
from kpo_chassis.kernel import Command
from kpo_chassis.testing.http_rules import breaches

from .door import a_door


class Kind(StrEnum):
    TEA = "tea"
    SOUP = "soup"


class TeaBody(RequestBody):
    kind: Literal[Kind.TEA]
    minutes: Annotated[int, Field(ge=1)]


class SoupBody(RequestBody):
    kind: Literal[Kind.SOUP]
    is_hot: bool
    spices: Annotated[tuple[Annotated[int, Field(le=9)], ...], Field(min_length=1, max_length=3)] = (1,)


def the_orders() -> APIRouter:
    """Give a route that takes one of two bodies, told apart by their kind."""
    routes = APIRouter()

    @routes.post("/v1/orders")
    async def place_order(
        body: Annotated[TeaBody | SoupBody, Body(discriminator="kind")],
        cause: Annotated[Command, Security(command, scopes=[])],
    ) -> None: ...

    return routes


async def test_a_body_of_two_kinds_shows_an_example_of_each() -> None:
    async with a_door(the_orders()) as door:
        document = (await door.http.get("/openapi.json")).json()

    media = document["paths"]["/v1/orders"]["post"]["requestBody"]["content"]["application/json"]
    assert media["examples"] == {
        "tea": {"value": {"kind": "tea", "minutes": 1}},
        "soup": {"value": {"kind": "soup", "is_hot": True, "spices": [1]}},
    }
    assert type(media["examples"]["tea"]["value"]["minutes"]) is int
    assert breaches(document) == []


@pytest.mark.parametrize(
    ("order", "pointer", "detail"),
    [
        ({"kind": "soup", "is_hot": []}, "/is_hot", "Write true or false, without quotes."),
        ({"kind": "soup", "is_hot": "yes"}, "/is_hot", "Write true or false, without quotes."),
        ({"kind": "soup", "is_hot": 1}, "/is_hot", "Write true or false, without quotes."),
        ({"kind": "tea", "minutes": "1"}, "/minutes", "Write a whole number, without quotes."),
        ({"kind": "tea", "minutes": True}, "/minutes", "Write a whole number, without quotes."),
        (
            {"kind": "soup", "is_hot": True, "spices": ["1"]},
            "/spices/0",
            "Write a whole number, without quotes.",
        ),
        (
            {"kind": "soup", "is_hot": True, "spices": []},
            "/spices",
            "There must be at least 1 item here, not 0.",
        ),
        ({"kind": "soup", "is_hot": True, "spices": 1}, "/spices", "Write an array."),
        ({"kind": "soup"}, "/is_hot", "This is required."),
        ({"kind": "cake"}, "/kind", "This is one of 'tea', 'soup'."),
        ({"is_hot": True}, "/kind", "This is required."),
    ],
)
async def test_what_is_wrong_with_a_body_of_two_kinds_is_pointed_to(
    order: dict[str, JsonValue], pointer: str, detail: str
) -> None:
    async with a_door(the_orders()) as door:
        answer = await door.http.post("/v1/orders", json=order, headers=door.writing("once"))

    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["detail"]) == (pointer, detail)
