"""The database port in memory, with the conflicts and the snapshot of the real one."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

from kpo_chassis.store import (
    BY_ID,
    OUTBOX,
    POSITIONS,
    ConflictingWriteError,
    Document,
    Id,
    Move,
    PositionLostError,
    Sort,
    Where,
    Window,
)
from kpo_chassis.testing.copies import copied
from kpo_chassis.testing.filters import in_order, matches

Place = tuple[str, Id]


def _machine_time() -> datetime:
    return datetime.now(UTC)


class Shelves:
    """Documents by collection and id, each with the number of the write that made it, and a clock."""

    def __init__(self, now: Callable[[], datetime] = _machine_time) -> None:
        self.writes = 0
        self.now = now
        self.documents: defaultdict[str, dict[Id, Document]] = defaultdict(dict)
        self.written: defaultdict[Place, int] = defaultdict(int)

    def put(self, collection: str, document: Document) -> None:
        key = _id_of(document)
        self.documents[collection][key] = copied(document)
        self._mark(collection, key)

    def remove(self, collection: str, key: Id) -> None:
        self.documents[collection].pop(key, None)
        self._mark(collection, key)

    def _mark(self, collection: str, key: Id) -> None:
        self.writes += 1
        self.written[collection, key] = self.writes


class MemoryTransaction:
    """Sees all documents as they were at its first statement; at commit those it writes must still be so."""

    def __init__(self, shelves: Shelves) -> None:
        self._shelves = shelves
        self._snapshot: defaultdict[str, dict[Id, Document]] | None = None
        self._as_of = 0
        self._puts: dict[Place, Document] = {}
        self._removes: list[Place] = []

    def _seen(self, collection: str) -> dict[Id, Document]:
        if self._snapshot is None:
            shelves = self._shelves
            stored = {name: dict(documents) for name, documents in shelves.documents.items()}
            self._snapshot, self._as_of = defaultdict(dict, stored), shelves.writes
        return self._snapshot[collection]

    async def load(self, collection: str, ids: Sequence[Id]) -> dict[Id, Document]:
        stored = self._seen(collection)
        return {key: copied(stored[key]) for key in ids if key in stored}

    async def save(self, collection: str, documents: Sequence[Document], new: frozenset[Id]) -> None:
        for document in documents:
            key = _id_of(document)
            if (key in self._seen(collection)) is (key in new):
                raise ConflictingWriteError(f"{collection}/{key}: created or removed by another")
            self._puts[collection, key] = document

    async def insert(self, collection: str, documents: Sequence[Document]) -> None:
        for document in documents:
            key = _id_of(document)
            if key in self._seen(collection):
                raise ConflictingWriteError(f"{collection}/{key} is there already")
            self._puts[collection, key] = document

    async def delete(self, collection: str, ids: Sequence[Id]) -> None:
        self._removes.extend((collection, key) for key in ids if key in self._seen(collection))

    async def announce(self, document: Document) -> None:
        await self.insert(OUTBOX, [{**document, "at": self._shelves.now()}])

    async def advance(self, moves: Sequence[Move]) -> None:
        for move in moves:
            row = self._seen(POSITIONS).get(move.id)
            if row is None or (row["epoch"], row.get("next_offset")) != (move.epoch, move.expected):
                raise PositionLostError(f"{move.id} was moved by another")
            self._puts[POSITIONS, move.id] = {**row, "next_offset": move.next_offset}

    def commit(self) -> None:
        for place in (*self._puts, *self._removes):
            if self._shelves.written[place] > self._as_of:
                raise ConflictingWriteError(f"{place} was written by another")
        for (collection, _), document in self._puts.items():
            self._shelves.put(collection, document)
        for collection, key in self._removes:
            self._shelves.remove(collection, key)


class MemoryDatabase:
    """One service's database. Several may share `shelves`, as processes share a server."""

    def __init__(self, shelves: Shelves | None = None) -> None:
        self.shelves = shelves or Shelves()
        self.session_ids = (str(uuid4()),)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MemoryTransaction]:
        transaction = MemoryTransaction(self.shelves)
        yield transaction
        transaction.commit()

    async def find(
        self,
        collection: str,
        where: Where,
        *,
        limit: int,
        sort: Sort = BY_ID,
        without: Sequence[str] = (),
    ) -> list[Document]:
        found = [d for d in self.shelves.documents[collection].values() if matches(d, where)]
        shown = in_order(found, sort)[:limit]
        return [copied({k: v for k, v in d.items() if k not in without}) for d in shown]

    async def existing(self, collection: str, ids: Sequence[Id]) -> set[Id]:
        return {key for key in ids if key in self.shelves.documents[collection]}

    async def count(self, collection: str, where: Where, *, limit: int) -> int:
        return len(await self.find(collection, where, limit=limit))

    async def insert(self, collection: str, documents: Sequence[Document]) -> None:
        there = await self.existing(collection, [_id_of(document) for document in documents])
        for document in documents:
            if _id_of(document) not in there:
                self.shelves.put(collection, document)
        if there:
            raise ConflictingWriteError(f"{collection}: {len(there)} are there already")

    async def update(self, collection: str, where: Where, changes: Where) -> bool:
        for document in await self.find(collection, where, limit=1):
            self.shelves.put(collection, {**document, **changes})
            return True
        return False

    async def forget(self, collection: str, ids: Sequence[Id]) -> None:
        for key in ids:
            self.shelves.remove(collection, key)

    async def claim(self, position: str) -> Document | None:
        before = self.shelves.documents[POSITIONS].get(position)
        epoch = before["epoch"] if before else 0
        assert isinstance(epoch, int)
        row = {**(before or {"_id": position}), "epoch": epoch + 1, "sessions": list(self.session_ids)}
        self.shelves.put(POSITIONS, row)
        return copied(before) if before else None

    async def end_sessions(self, session_ids: Sequence[str]) -> None:
        """Do nothing: transactions in memory hold no document until they commit."""

    async def now(self) -> datetime:
        return self.shelves.now()

    async def elements(self, collection: str, array: str, where: Where, window: Window) -> list[Document]:
        every = [
            {**element, "_id": key}
            for key, document in self.shelves.documents[collection].items()
            for element in _elements(document, array)
        ]
        found = [element for element in every if matches(element, where) and matches(element, window.behind)]
        return [copied(each) for each in in_order(found, window.sort)[: window.limit]]

    async def totals(self, collection: str, array: str, key: str, amount: str) -> dict[str, int]:
        sums: defaultdict[str, int] = defaultdict(int)
        for document in self.shelves.documents[collection].values():
            for item in _elements(document, array):
                value = item[amount]
                assert isinstance(value, int)
                sums[str(item[key])] += value
        return dict(sums)


def _id_of(document: Document) -> Id:
    key = document["_id"]
    assert isinstance(key, Id)
    return key


def _elements(document: Document, array: str) -> list[Document]:
    found = document.get(array, [])
    assert isinstance(found, list)
    return found
