"""A partition that cannot be taken over yet keeps nobody from the others; what cannot go on is told."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from kpo_chassis.broker import Partition
from kpo_chassis.kernel import TransientError
from kpo_chassis.machinery import Machinery, Ports
from kpo_chassis.store import BY_ID, PARKED, POSITIONS, Document, RejectedWriteError, Sort, Where
from kpo_chassis.testing.blobs import MemoryBlobs
from kpo_chassis.testing.broker import MemoryBroker
from kpo_chassis.testing.database import MemoryDatabase
from kpo_chassis.testing.service import StoppedClock

from .bench import SOURCE, a_record
from .sample import blueprint
from .test_consuming import until

RECORDS = 30
"""Enough for every partition to have some."""


class LeaderlessDatabase(MemoryDatabase):
    """Lets one partition be claimed only later, as a broker without a leader for it would."""

    def __init__(self, position: str, error: Exception) -> None:
        super().__init__()
        self._position = position
        self.error: Exception | None = error

    async def claim(self, position: str) -> Document | None:
        if position == self._position and self.error is not None:
            raise self.error
        return await super().claim(position)


class HaltingDatabase(MemoryDatabase):
    """Is away at the first try to end sessions, and at the first look behind it."""

    def __init__(self, position: str) -> None:
        super().__init__()
        self._position = position
        self._outages = 2
        self.tries = 0
        self.ended: list[Sequence[str]] = []

    async def claim(self, position: str) -> Document | None:
        self.tries += position == self._position
        return await super().claim(position)

    async def end_sessions(self, session_ids: Sequence[str]) -> None:
        self._halt()
        self.ended.append(session_ids)

    async def find(
        self,
        collection: str,
        where: Where,
        *,
        limit: int,
        sort: Sort = BY_ID,
        without: Sequence[str] = (),
    ) -> list[Document]:
        if collection == PARKED and self.ended:
            self._halt()
        return await super().find(collection, where, limit=limit, sort=sort, without=without)

    def _halt(self) -> None:
        if self._outages:
            self._outages -= 1
            raise TransientError("it is away")


@asynccontextmanager
async def a_worker(database: MemoryDatabase) -> AsyncIterator[Machinery]:
    broker = MemoryBroker()
    for client in [uuid4() for _ in range(RECORDS)]:
        made = a_record(client, 1)
        broker.append(made.topic, made.key, made.headers, made.value)
    machinery = Machinery(blueprint(), Ports(database, broker, MemoryBlobs(), StoppedClock()))
    async with machinery.running(worker=True, clocks=False):
        yield machinery


def notes(database: MemoryDatabase) -> int:
    return len(database.shelves.documents["notes"])


async def test_one_partition_that_waits_for_a_leader_keeps_nobody_from_the_others() -> None:
    database = LeaderlessDatabase(Partition(SOURCE, 0).id, TransientError("it has no leader"))

    async with a_worker(database) as machinery:
        await until(lambda: notes(database) > 0)
        of_the_others = notes(database)
        database.error = None
        await until(lambda: notes(database) == RECORDS)

        assert 0 < of_the_others < RECORDS
        assert not machinery.failed.done()


async def test_a_predecessor_is_ended_once_however_often_adoption_is_tried() -> None:
    partition = Partition(SOURCE, 0)
    database = HaltingDatabase(partition.id)
    database.shelves.put(POSITIONS, {"_id": partition.id, "epoch": 1, "next_offset": 0, "sessions": ["old"]})

    async with a_worker(database):
        await until(lambda: notes(database) == RECORDS)

    assert database.tries > len(database.ended) == 1


async def test_what_forbids_to_go_on_ends_the_process_with_its_reason() -> None:
    database = LeaderlessDatabase(Partition(SOURCE, 0).id, RejectedWriteError("not allowed"))

    async with a_worker(database) as machinery:
        with pytest.raises(RejectedWriteError, match="not allowed"):
            await asyncio.wait_for(machinery.failed, 10)
