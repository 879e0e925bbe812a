"""The port behind lists and tasks: what the edge reads beyond `kernel.Reads`. The stores implement it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from kpo_chassis.documents import OpenTask
from kpo_chassis.kernel import Aggregate, Caller, Stored
from kpo_chassis.store import Where

S = TypeVar("S", bound=Aggregate)
S_co = TypeVar("S_co", bound=Aggregate, covariant=True)

Place = tuple[datetime, UUID]
"""Where a page ended: the `created_at` and id of its last aggregate."""


@dataclass(frozen=True, slots=True)
class Listed(Generic[S_co]):
    """One aggregate of a page: as `Reads.get` gives it, and when it was created (its place in the order)."""

    stored: Stored[S_co]
    created_at: datetime

    @property
    def place(self) -> Place:
        return self.created_at, self.stored.state.id


@dataclass(frozen=True, slots=True)
class TaskPlace:
    """Where a page of tasks ended: `until` of its last task, its aggregate's id, its path and action."""

    until: datetime | None
    id: UUID
    path: str
    action: str

    def fields(self, names: Sequence[str]) -> list[object]:
        """Give it as values of the fields by which tasks are sorted."""
        values = {"until": self.until, "_id": self.id, "path": self.path, "action": self.action}
        return [values[name] for name in names]


class Listings(Protocol):
    """Pages of aggregates and tasks, as the caller may see them.

    Only aggregates that the caller may know are shown (`Caller.may_know`; the operator sees all), and none
    whose status is `documents.EXPECTED`.
    """

    async def page(
        self, kind: type[S], caller: Caller, where: Where, *, after: Place | None, limit: int
    ) -> tuple[Listed[S], ...]:
        """Give at most `limit` aggregates, newest first by (created_at, id), that come behind `after`.

        `where` keeps some by their `status` (`Documents.status_of`) and `facets.<name>` (`facets_of`).
        """
        ...

    async def tasks(self, caller: Caller, *, after: TaskPlace | None, limit: int) -> tuple[OpenTask, ...]:
        """Give at most `limit` tasks of the caller's tenant (for the operator: of all), across all kinds.

        Soonest first by (until, id, path, action), those without a deadline last, behind `after`.
        """
        ...
