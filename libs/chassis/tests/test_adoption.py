"""A partition that cannot be taken over yet keeps nobody from the others; what cannot go on is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from kpo_chassis.broker import Partition
from kpo_chassis.kernel import TransientError
from kpo_chassis.machinery import Machinery, Ports
from kpo_chassis.store import Document, RejectedWriteError
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


async def test_what_forbids_to_go_on_ends_the_process_with_its_reason() -> None:
    database = LeaderlessDatabase(Partition(SOURCE, 0).id, RejectedWriteError("not allowed"))

    async with a_worker(database) as machinery:
        with pytest.raises(RejectedWriteError, match="not allowed"):
            await asyncio.wait_for(machinery.failed, 10)
