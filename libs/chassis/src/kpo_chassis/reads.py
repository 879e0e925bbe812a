"""The read side over a database: single states, pages, tasks and entries, as a caller may see them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from kpo_chassis.attempt import Registry
from kpo_chassis.documents import ANY_TENANT, Documents, OpenTask
from kpo_chassis.held import Held
from kpo_chassis.kernel import Aggregate, Caller, NotFoundError, Stored, Task, TenantId
from kpo_chassis.reading import Listed, Place, TaskPlace
from kpo_chassis.store import Database, Document, Sort, Where, Window

S = TypeVar("S", bound=Aggregate)
E = TypeVar("E")

DATED: Where = {"until": {"$gt": datetime.fromtimestamp(0, UTC)}}
UNDATED: Where = {"until": None}
TASK_ORDER = ("_id", "path", "action")
"""What decides between tasks that are due at the same time."""

IDS_AT_ONCE_MAX = 1_000
"""How many ids one question to the database names."""

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

    async def several(self, kind: type[S], keys: Collection[UUID]) -> tuple[S, ...]:
        documents, wanted = self._registry.documents[kind], sorted(set(keys))
        found: list[S] = []
        for start in range(0, len(wanted), IDS_AT_ONCE_MAX):
            ids = wanted[start : start + IDS_AT_ONCE_MAX]
            rows = await self._database.find(documents.collection, {"_id": {"$in": ids}}, limit=len(ids))
            found.extend(_narrow(_state(documents, row), kind) for row in rows)
        return tuple(found)

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
        whose: Where = {"tenant": ANY_TENANT if caller.is_operator else caller.tenant}
        found: list[OpenTask] = []
        if after is None or after.until is not None:
            found = await self._tasks({**whose, **DATED}, ("until", *TASK_ORDER), after, limit)
            after = None
        if len(found) < limit:
            found += await self._tasks({**whose, **UNDATED}, TASK_ORDER, after, limit - len(found))
        return tuple(found)

    async def _tasks(
        self, where: Where, order: Sequence[str], after: TaskPlace | None, limit: int
    ) -> list[OpenTask]:
        behind = _behind(order, after.fields(order), "$gt") if after else {}
        window = Window(behind, tuple((name, 1) for name in order), limit)
        found: list[OpenTask] = []
        for documents in self._registry.documents.values():
            rows = await self._database.elements(documents.collection, "tasks", where, window)
            found.extend(_open_task(documents, row) for row in rows)
        return sorted(found, key=_order)[:limit]


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


def _open_task(documents: Documents, row: Document) -> OpenTask:
    key, tenant, until = row["_id"], row["tenant"], row["until"]
    assert isinstance(key, UUID)
    assert isinstance(tenant, UUID)
    assert until is None or isinstance(until, datetime)
    return OpenTask(Task(TenantId(tenant), str(row["action"]), str(row["path"]), until), documents.name, key)


def _order(waiting: OpenTask) -> tuple[float, UUID, str, str]:
    until = waiting.task.until
    return until.timestamp() if until else 0.0, waiting.id, waiting.task.path, waiting.task.action
