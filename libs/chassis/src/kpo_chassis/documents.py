"""How states and entries become documents: one declaration per collection, shared by every store."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import JsonValue, TypeAdapter

from kpo_chassis.kernel import Aggregate, Task

S = TypeVar("S", bound=Aggregate)
E = TypeVar("E")

EXPECTED = "expected"
"""The status of an aggregate that only waits for its beginning; no list and no task shows it."""

ANY_TENANT: Mapping[str, UUID] = {"$gte": UUID(int=0)}
"""Matches every task, through the index that a tenant's lists of tasks use."""

Upcaster = Callable[[dict[str, JsonValue]], dict[str, JsonValue]]

Index = tuple[tuple[str, int], ...]
"""Field names with 1 (ascending) or -1 (descending)."""


@dataclass(frozen=True, kw_only=True)
class Documents:
    """The collection of one aggregate type; made by `documents`.

    `name` is the aggregate's name in event types, `status_of` gives the state that lists filter by, and
    `facets_of` what else they filter by: values that the database can compare.
    `upcasters[n]` turns a stored state of schema n into schema n + 1; `schema` is the newest number.
    """

    type: type[Aggregate]
    name: str
    collection: str
    dump: Callable[[Aggregate], dict[str, JsonValue]]
    load_newest: Callable[[dict[str, JsonValue]], Aggregate]
    status_of: Callable[[Aggregate], str]
    facets_of: Callable[[Aggregate], Mapping[str, object]]
    schema: int = 1
    upcasters: tuple[Upcaster, ...] = ()
    indexes: tuple[Index, ...] = ()
    validator: Mapping[str, object] | None = None

    def load(self, stored: dict[str, JsonValue], schema: int) -> Aggregate:
        for upcast in self.upcasters[schema - 1 :]:
            stored = upcast(stored)
        return self.load_newest(stored)


def documents(  # noqa: PLR0913 - a declaration: every argument but the first has a name.
    kind: type[S],
    *,
    name: str,
    collection: str,
    status: Callable[[S], str] | None = None,
    facets: Callable[[S], Mapping[str, object]] | None = None,
    upcasters: tuple[Upcaster, ...] = (),
    indexes: tuple[Index, ...] = (),
    validator: Mapping[str, object] | None = None,
) -> Documents:
    """Declare how states of `kind`, a frozen dataclass, are stored: as JSON under `state`."""
    adapter = TypeAdapter(kind)

    def dump(state: Aggregate) -> dict[str, JsonValue]:
        dumped: dict[str, JsonValue] = adapter.dump_python(_narrow(state, kind), mode="json")
        return dumped

    return Documents(
        type=kind,
        name=name,
        collection=collection,
        dump=dump,
        load_newest=adapter.validate_python,
        status_of=lambda state: status(_narrow(state, kind)) if status else "",
        facets_of=lambda state: facets(_narrow(state, kind)) if facets else {},
        schema=len(upcasters) + 1,
        upcasters=upcasters,
        indexes=indexes,
        validator=validator,
    )


@dataclass(frozen=True, kw_only=True)
class Entries:
    """A collection of immutable documents that is only ever inserted into and read; made by `entries`.

    `encode` answers the whole document, `_id` included; `append_only` takes update and delete away from
    the service's database role.
    """

    type: type[object]
    collection: str
    encode: Callable[[object], dict[str, object]]
    decode: Callable[[dict[str, object]], object]
    indexes: tuple[Index, ...] = ()
    validator: Mapping[str, object] | None = None
    append_only: bool = True


def entries(  # noqa: PLR0913 - a declaration: every argument but the first has a name.
    kind: type[E],
    *,
    collection: str,
    encode: Callable[[E], dict[str, object]],
    decode: Callable[[dict[str, object]], E],
    indexes: tuple[Index, ...] = (),
    validator: Mapping[str, object] | None = None,
) -> Entries:
    """Declare how entries of `kind` are stored."""
    return Entries(
        type=kind,
        collection=collection,
        encode=lambda entry: encode(_narrow(entry, kind)),
        decode=decode,
        indexes=indexes,
        validator=validator,
    )


def _narrow(value: object, kind: type[E]) -> E:
    assert isinstance(value, kind), f"{value!r} is no {kind.__name__}"
    return value


@dataclass(frozen=True, slots=True)
class Document(Generic[S]):
    """An aggregate as it lies in its collection: the state, and what engine and read side need beside it."""

    state: S
    version: int
    seq: int
    outbox: str | None
    due_at: datetime | None
    due_trace: str | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task as lists of waiting work show it, with the aggregate that it belongs to."""

    task: Task
    aggregate: str
    id: UUID
