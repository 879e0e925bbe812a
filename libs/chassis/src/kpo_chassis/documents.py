"""How states and entries become documents: one declaration per collection, shared by every store."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import JsonValue, TypeAdapter

from kpo_chassis.kernel import Aggregate, Task, TenantId

S = TypeVar("S", bound=Aggregate)
E_contra = TypeVar("E_contra")

EXPECTED = "expected"
"""The status of an aggregate that only waits for its beginning; no list and no task shows it."""

Upcaster = Callable[[dict[str, JsonValue]], dict[str, JsonValue]]
Index = tuple[tuple[str, int], ...]
"""Field names with 1 (ascending) or -1 (descending)."""


@dataclass(frozen=True)
class Documents(Generic[S]):
    """The collection of one aggregate type.

    `name` is the aggregate's name in event types, `status` gives the state that lists filter by.
    `upcasters[n]` turns a stored state of schema n into schema n + 1; `schema` is the newest number.
    """

    type: type[S]
    name: str
    collection: str
    status: Callable[[S], str] | None = None
    schema: int = 1
    upcasters: Mapping[int, Upcaster] = field(default_factory=dict)
    indexes: tuple[Index, ...] = ()
    validator: Mapping[str, object] | None = None

    @cached_property
    def _adapter(self) -> TypeAdapter[S]:
        return TypeAdapter(self.type)

    def dump(self, state: S) -> dict[str, JsonValue]:
        dumped: dict[str, JsonValue] = self._adapter.dump_python(state, mode="json")
        return dumped

    def load(self, stored: dict[str, JsonValue], schema: int) -> S:
        for number in range(schema, self.schema):
            stored = self.upcasters[number](stored)
        return self._adapter.validate_python(stored)

    def status_of(self, state: S) -> str:
        return self.status(state) if self.status else ""


@dataclass(frozen=True)
class Entries(Generic[E_contra]):
    """A collection of immutable documents that is only ever inserted into and read.

    `encode` answers the whole document, `_id` included; `append_only` takes update and delete away from
    the service's database role.
    """

    type: type[E_contra]
    collection: str
    encode: Callable[[E_contra], Mapping[str, object]]
    indexes: tuple[Index, ...] = ()
    validator: Mapping[str, object] | None = None
    append_only: bool = True


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
    tenant: TenantId
