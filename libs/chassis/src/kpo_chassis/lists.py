"""The two reading routes of every aggregate: one by id, and all by state."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError

from kpo_chassis.bodies import ResponseBody
from kpo_chassis.commands import caller, reply, route_template
from kpo_chassis.cursors import CURSOR_CHARS_MAX
from kpo_chassis.documents import EXPECTED
from kpo_chassis.edge import edge_of, listings_of
from kpo_chassis.kernel import Aggregate, Caller, Reads, Stored
from kpo_chassis.reading import Place

S = TypeVar("S", bound=Aggregate)
B = TypeVar("B", bound=BaseModel)

LIMIT_DEFAULT = 50
LIMIT_MAX = 200
ETAGS_CHARS_MAX = 1_024

Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="How many items a page holds at most.")]
Cursor = Annotated[
    str | None, Query(max_length=CURSOR_CHARS_MAX, description="The next_cursor of the page before.")
]


@dataclass(frozen=True)
class WantedPage:
    """Which part of a list is asked for."""

    limit: Limit = LIMIT_DEFAULT
    cursor: Cursor = None


@dataclass(frozen=True)
class ListFilters:
    """What a list can be filtered by beside the state: a subclass has an optional field per parameter.

    Its fields are annotated as FastAPI wants query parameters, and `facets` says what they keep.
    """

    @property
    def facets(self) -> Mapping[str, object]:
        """Give conditions on facets by their names, in the words of `store.Where`."""
        return {}


@dataclass(frozen=True, kw_only=True)
class Reading(Generic[S, B]):
    """How one kind of aggregate is read over HTTP.

    `path` is the plural (`/v1/work-orders`), `name` and `plural` are words in snake_case for operation ids,
    `shape` makes the body that this caller may see, `statuses` are the values of `Documents.status_of`,
    `filters` are the parameters of the list beside state, limit and cursor.
    """

    kind: type[S]
    path: str
    name: str
    plural: str
    body: type[B]
    shape: Callable[[Stored[S], Caller], B]
    scope: str
    statuses: type[StrEnum] | None = None
    filters: type[ListFilters] = ListFilters

    @property
    def parameters(self) -> tuple[str, ...]:
        return ("state", *(each.name for each in fields(self.filters)), "limit", "cursor")

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(status for status in self.statuses or () if status != EXPECTED)


class PageBody(ResponseBody, Generic[B]):
    """A page of a list; `next_cursor` is null on the last one."""

    items: tuple[B, ...] = Field(max_length=LIMIT_MAX)
    next_cursor: str | None = Field(max_length=CURSOR_CHARS_MAX)


def page_model(item: type[BaseModel]) -> type[BaseModel]:
    """Make the page of MatchBody under the name MatchPage, as generated clients will call it."""
    page = PageBody.__class_getitem__(item)
    assert isinstance(page, type)
    return create_model(f"{item.__name__.removesuffix('Body')}Page", __base__=page)


def add_reading(routes: APIRouter, reads: Reads, reading: Reading[S, B]) -> None:
    """Add `GET path/{id}` (with ETag and 304) and `GET path?state=&limit=&cursor=`."""
    _add_one(routes, reads, reading)
    add_list(routes, reading)


def _add_one(routes: APIRouter, reads: Reads, reading: Reading[S, B]) -> None:
    @routes.get(
        f"{reading.path}/{{{reading.name}_id}}",
        name=f"get_{reading.name}",
        summary=f"Get one {words(reading.name)}",
        response_model=reading.body,
        responses={304: {"description": "You have this version already."}},
    )
    async def get_one(
        response: Response,
        who: Annotated[Caller, Security(caller, scopes=[reading.scope])],
        key: Annotated[UUID, Path(alias=f"{reading.name}_id")],
        seen: Annotated[str | None, Header(alias="If-None-Match", max_length=ETAGS_CHARS_MAX)] = None,
    ) -> Response | B:
        """Answer with the version that is stored now; 304 if it is the one you have."""
        stored = await reads.get(reading.kind, key, who)
        body = reply(response, stored, reading.shape)
        if seen is not None and _matches(seen, response.headers["ETag"]):
            return Response(status_code=304, headers={"ETag": response.headers["ETag"]})
        return body


def add_list(routes: APIRouter, reading: Reading[S, B]) -> None:
    """Add `GET path?state=&limit=&cursor=` alone, where showing one takes more than its own state."""
    listed_states = WithJsonSchema({"type": "string", "enum": list(reading.states)})

    filtered = Query(include_in_schema=bool(reading.states), description="Keep those in this state.")

    @routes.get(
        reading.path,
        name=f"list_{reading.plural}",
        summary=f"List {words(reading.plural)}",
        response_model=page_model(reading.body),
        dependencies=[Depends(only_parameters(*reading.parameters))],
    )
    async def list_all(
        request: Request,
        who: Annotated[Caller, Security(caller, scopes=[reading.scope])],
        asked: Annotated[ListFilters, Depends(reading.filters)],
        wanted: Annotated[WantedPage, Depends(WantedPage)],
        state: Annotated[str | None, known_state(reading.states), listed_states, filtered] = None,
    ) -> dict[str, object]:
        """List what your organisation may see, newest first."""
        cursors, filters = edge_of(request).cursors, (route_template(request), state or "", repr(asked))
        after = place_of(cursors.open(wanted.cursor, filters)) if wanted.cursor else None
        where, limit = _conditions(state, asked), wanted.limit
        found = await listings_of(request).page(reading.kind, who, where, after=after, limit=limit + 1)
        shown = found[:limit]
        more = cursors.seal(place_text(shown[-1].place), filters) if len(found) > limit else None
        return {"items": [reading.shape(each.stored, who) for each in shown], "next_cursor": more}


def _conditions(state: str | None, asked: ListFilters) -> dict[str, object]:
    facets = {f"facets.{name}": wanted for name, wanted in asked.facets.items()}
    return facets if state is None else {"status": state, **facets}


def words(name: str) -> str:
    return name.replace("_", " ")


def only_parameters(*names: str) -> Callable[[Request], Awaitable[None]]:
    """Refuse query parameters that a list does not have: a filter with a typing mistake would show all."""

    async def check(request: Request) -> None:
        unknown = [name for name in request.query_params if name not in names]
        if unknown:
            message = f"is no parameter of this list; it has {', '.join(names)}"
            raise RequestValidationError(
                [{"type": "extra_forbidden", "loc": ("query", name), "msg": message} for name in unknown]
            )

    return check


def known_state(states: tuple[str, ...]) -> AfterValidator:
    def check(state: str | None) -> str | None:
        if state is not None and state not in states:
            named = {"states": ", ".join(states) or "nothing"}
            raise PydanticCustomError("enum", "Input should be one of {states}", named)
        return state

    return AfterValidator(check)


def place_text(place: Place) -> str:
    created_at, key = place
    return f"{created_at.isoformat()} {key.hex}"


def place_of(text: str) -> Place:
    created_at, _, key = text.partition(" ")
    return datetime.fromisoformat(created_at), UUID(key)


def _matches(seen: str, current: str) -> bool:
    """Compare weakly, as RFC 9110 13.1.2 asks of If-None-Match."""
    return seen.strip() == "*" or current in {tag.strip().removeprefix("W/") for tag in seen.split(",")}
