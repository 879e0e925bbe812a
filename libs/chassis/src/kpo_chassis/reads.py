"""The read side over a database: single states, pages, tasks and entries, as a caller may see them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import TypeVar
from uuid import UUID

from kpo_chassis.attempt import Registry
from kpo_chassis.documents import EXPECTED, Documents, OpenTask
from kpo_chassis.held import Held
from kpo_chassis.kernel import Aggregate, Caller, NotFoundError, Stored, Task, TenantId
from kpo_chassis.reading import Listed, Place, TaskPlace
from kpo_chassis.store import Database, Document, Sort, Where

S = TypeVar("S", bound=Aggregate)
E = TypeVar("E")

TASK_DOCUMENTS_MAX = 1_000
"""How many aggregates with tasks one look takes in per collection."""

NEWEST_FIRST: Sort = (("created_at", -1), ("_id", -1))


class StoredReads:
    """Fulfils `kernel.Reads` and `reading.Listings` from one service's collections."""

    def __init__(self, database: Database, registry: Registry) -> None:
        self._database = database
        self._registry = registry

    async def get(self, kind: type[S], key: UUID, caller: Caller | None = None) -> Stored[S]:
        documents = self._registry.documents[kind]
        found = await self._database.find(documents.collection, {"_id": key}, limit=1)
        held = Held.read(documents, key, found[0] if found else None)
        if held.state is None or (caller is not None and not held.known_to(caller)):
            raise NotFoundError(f"There is no {documents.name} {key}.")
        return Stored(_narrow(held.state, kind), held.version)

    async def find(
        self, kind: type[S], where: Mapping[str, str], *, after: UUID | None = None, limit: int
    ) -> tuple[S, ...]:
        documents = self._registry.documents[kind]
        filters: dict[str, object] = {f"state.{name}": value for name, value in where.items()}
        if after is not None:
            filters["_id"] = {"$gt": after}
        rows = await self._database.find(documents.collection, filters, limit=limit)
        return tuple(_narrow(_state(documents, row), kind) for row in rows)

    async def entries(
        self,
        kind: type[E],
        where: Mapping[str, object],
        *,
        order: Sequence[str],
        after: Sequence[object] | None = None,
        limit: int,
    ) -> tuple[E, ...]:
        entries = self._registry.entries[kind]
        filters = {**where, **(_behind(order, after, "$gt") if after else {})}
        sort = tuple((name, 1) for name in order)
        rows = await self._database.find(entries.collection, filters, sort=sort, limit=limit)
        decoded = [entries.decode(row) for row in rows]
        return tuple(entry for entry in decoded if isinstance(entry, kind))

    async def totals(self, kind: type[object], array: str, key: str, amount: str) -> dict[str, int]:
        return await self._database.totals(self._registry.entries[kind].collection, array, key, amount)

    # Listings ---------------------------------------------------------------------------------------------

    async def page(
        self, kind: type[S], caller: Caller, where: Where, *, after: Place | None, limit: int
    ) -> tuple[Listed[S], ...]:
        documents = self._registry.documents[kind]
        shown: dict[str, object] = {**where, "visible": True}
        if not caller.is_operator:
            shown["parties"] = {"$in": list(caller.circles)}
        if after is not None:
            shown.update(_behind(("created_at", "_id"), after, "$lt"))
        rows = await self._database.find(documents.collection, shown, sort=NEWEST_FIRST, limit=limit)
        return tuple(_listed(documents, row, kind) for row in rows)

    async def tasks(self, caller: Caller, *, after: TaskPlace | None, limit: int) -> tuple[OpenTask, ...]:
        where = {"tasks.0": {"$exists": True}} if caller.is_operator else {"tasks.tenant": caller.tenant}
        found: list[OpenTask] = []
        for documents in self._registry.documents.values():
            rows = await self._database.find(documents.collection, where, limit=TASK_DOCUMENTS_MAX)
            found.extend(chain.from_iterable(_open_tasks(documents, row, caller) for row in rows))
        found.sort(key=_order)
        if after is not None:
            found = [task for task in found if _order(task) > _order_of_place(after)]
        return tuple(found[:limit])


def _behind(names: Sequence[str], place: Sequence[object], operator: str) -> dict[str, object]:
    """Write the filter for everything that sorts behind a place by several fields."""
    choices = []
    for position, name in enumerate(names):
        same = dict(zip(names[:position], place, strict=False))
        choices.append({**same, name: {operator: place[position]}})
    return {"$or": choices}


def _state(documents: Documents, row: Document) -> Aggregate:
    stored, schema = row["state"], row["schema"]
    assert isinstance(stored, dict)
    assert isinstance(schema, int)
    return documents.load(stored, schema)


def _narrow(state: Aggregate, kind: type[S]) -> S:
    assert isinstance(state, kind)
    return state


def _listed(documents: Documents, row: Document, kind: type[S]) -> Listed[S]:
    key, version, created_at = row["_id"], row["version"], row["created_at"]
    assert isinstance(key, UUID)
    assert isinstance(version, int)
    assert isinstance(created_at, datetime)
    return Listed(Stored(_narrow(_state(documents, row), kind), version), created_at)


def _open_tasks(documents: Documents, row: Document, caller: Caller) -> Iterable[OpenTask]:
    key, tasks = row["_id"], row["tasks"]
    assert isinstance(key, UUID)
    assert isinstance(tasks, list)
    if row["status"] == EXPECTED:
        return
    for task in tasks:
        if caller.is_operator or task["tenant"] == caller.tenant:
            waiting = Task(TenantId(task["tenant"]), task["action"], task["path"], task["until"])
            yield OpenTask(waiting, documents.name, key)


def _order(waiting: OpenTask) -> tuple[bool, float, UUID, str, str]:
    until = waiting.task.until
    return until is None, _seconds(until), waiting.id, waiting.task.path, waiting.task.action


def _order_of_place(place: TaskPlace) -> tuple[bool, float, UUID, str, str]:
    return place.until is None, _seconds(place.until), place.id, place.path, place.action


def _seconds(until: datetime | None) -> float:
    return until.timestamp() if until else 0.0
