"""Databases that leave one guard of the engine out, so that tests can show that the model would notice."""

from collections.abc import Sequence
from dataclasses import replace

from kpo_chassis.store import INBOX, OUTBOX, POSITIONS, REQUESTS, Document, Id, Move
from kpo_chassis.testing.database import MemoryDatabase, MemoryTransaction


class Unread(MemoryTransaction):
    """Reads beside the transaction: every statement sees what is there now, and the second writer wins."""

    def _seen(self, collection: str) -> dict[Id, Document]:
        self._snapshot = None
        return super()._seen(collection)

    def commit(self) -> None:
        self._seen(INBOX)
        super().commit()


class Unplaced(MemoryTransaction):
    """Moves positions for whoever asks: neither the epoch nor the expected offset counts."""

    async def advance(self, moves: Sequence[Move]) -> None:
        await super().advance([self._as_stored(move) for move in moves])

    def _as_stored(self, move: Move) -> Move:
        row = self._seen(POSITIONS)[move.id]
        epoch, expected = row["epoch"], row["next_offset"]
        assert isinstance(epoch, int)
        assert isinstance(expected, int)
        return replace(move, epoch=epoch, expected=expected)


class Forgotten(int):
    """The last number of a stream that does not know which numbers it has had."""

    def __ge__(self, _: int) -> bool:
        return False

    def __add__(self, other: int) -> "Following":
        return Following(int(self) + other)


class Following(int):
    """The next number of such a stream: every number up to it may be."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int) and int(other) <= int(self)

    __hash__ = int.__hash__


class Unnumbered(MemoryTransaction):
    """Takes copies of events for new ones, and does not stumble over the entries that these made."""

    async def load(self, collection: str, ids: Sequence[Id]) -> dict[Id, Document]:
        found = await super().load(collection, ids)
        return {key: _forgetful(row) for key, row in found.items()} if collection == INBOX else found

    async def insert(self, collection: str, documents: Sequence[Document]) -> None:
        there = self._seen(collection)
        await super().insert(collection, [d for d in documents if d["_id"] not in there])


def _forgetful(row: Document) -> Document:
    seq = row["seq"]
    assert isinstance(seq, int)
    return {**row, "seq": Forgotten(seq)}


class UnplacedAndUnnumbered(Unplaced, Unnumbered):
    """Knows neither whose a partition is, nor which events have been applied."""


class Unkeyed(MemoryTransaction):
    """Keeps no idempotency keys."""

    async def load(self, collection: str, ids: Sequence[Id]) -> dict[Id, Document]:
        return {} if collection == REQUESTS else await super().load(collection, ids)

    async def insert(self, collection: str, documents: Sequence[Document]) -> None:
        if collection != REQUESTS:
            await super().insert(collection, documents)


class FromTheBeginning(MemoryDatabase):
    """Gives a partition to its next owner as if nothing of it had been consumed."""

    async def claim(self, position: str) -> Document | None:
        before = await super().claim(position)
        return {**before, "next_offset": 0} if before and "next_offset" in before else before


class Unordered(MemoryDatabase):
    """Never finds an outbox document that another one waits for."""

    async def existing(self, collection: str, ids: Sequence[Id]) -> set[Id]:
        return set() if collection == OUTBOX else await super().existing(collection, ids)
