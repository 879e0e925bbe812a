"""When a second transaction is open beside the first: from a backlog, and on aggregates of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest

from kpo_chassis.committer import BACKLOG_CHANGES_MIN, CHANGES_MAX
from kpo_chassis.kernel import Caller, Command, PersonId, Stored, TenantId
from kpo_chassis.machinery import Machinery, Ports
from kpo_chassis.store import ConflictingWriteError
from kpo_chassis.testing.blobs import MemoryBlobs
from kpo_chassis.testing.broker import MemoryBroker
from kpo_chassis.testing.database import MemoryDatabase, MemoryTransaction
from kpo_chassis.testing.service import StoppedClock

from .sample import Counter, add, blueprint, create

CALLER = Caller(PersonId(uuid4()), TenantId(uuid4()), frozenset())
MANY = CHANGES_MAX + BACKLOG_CHANGES_MIN
TURNS = 50
"""How often everybody gets a turn until all have done what they can without the gate."""


class GatedDatabase(MemoryDatabase):
    """Commits nothing while its gate is closed, and knows how many transactions wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.open = 0
        self.collisions = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MemoryTransaction]:
        self.open += 1
        try:
            async with super().transaction() as tx:
                yield tx
                await self.gate.wait()
                if self.collisions:
                    self.collisions -= 1
                    raise ConflictingWriteError("somebody was there first")
        finally:
            self.open -= 1


class Scene:
    """A committer on a database with a gate, and whoever wants something of it."""

    def __init__(self, machinery: Machinery, database: GatedDatabase) -> None:
        self._changes = machinery.committer
        self.database = database

    async def open_after(self, *wishes: Awaitable[Stored[Counter]]) -> int:
        """Say how many transactions are open once all wishes wait; then let everything happen."""
        waiting = [asyncio.ensure_future(wish) for wish in wishes]
        for _ in range(TURNS):
            await asyncio.sleep(0)
        number = self.database.open
        self.database.gate.set()
        await asyncio.gather(*waiting)
        return number

    def creations(self, count: int) -> list[Awaitable[Stored[Counter]]]:
        return [
            create(uuid4(), CALLER.tenant, None, _command(number), changes=self._changes)
            for number in range(count)
        ]

    def additions(self, counter: UUID, count: int) -> list[Awaitable[Stored[Counter]]]:
        return [add(counter, 1, _command(number), changes=self._changes) for number in range(count)]

    async def counter(self) -> UUID:
        """Make a counter while the gate is open for a moment."""
        self.database.gate.set()
        made = await create(uuid4(), CALLER.tenant, None, _command(-1), changes=self._changes)
        self.database.gate.clear()
        return made.state.id


def _command(number: int) -> Command:
    return Command(CALLER, f"key {number} {uuid4()}", "0" * 64)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    database = GatedDatabase()
    machinery = Machinery(blueprint(), Ports(database, MemoryBroker(), MemoryBlobs(), StoppedClock()))
    async with machinery.running(worker=False):
        yield Scene(machinery, database)


async def test_from_a_backlog_a_second_transaction_is_open_beside_the_first(scene: Scene) -> None:
    assert await scene.open_after(*scene.creations(MANY)) == 2


async def test_what_is_no_backlog_waits_for_the_one_that_is_open(scene: Scene) -> None:
    assert await scene.open_after(*scene.creations(BACKLOG_CHANGES_MIN)) == 1


async def test_what_names_the_same_aggregate_waits_for_the_one_that_is_open(scene: Scene) -> None:
    counter = await scene.counter()

    assert await scene.open_after(*scene.additions(counter, MANY)) == 1


async def test_after_a_conflict_only_one_is_open_until_batches_have_grown_again(scene: Scene) -> None:
    scene.database.collisions = 1
    await scene.open_after(*scene.creations(1))
    scene.database.gate.clear()

    assert await scene.open_after(*scene.creations(MANY)) == 1


async def test_of_two_that_are_open_every_command_gets_its_own_answer(scene: Scene) -> None:
    scene.database.gate.set()

    answers = await asyncio.gather(*scene.creations(MANY))

    assert len({answer.state.id for answer in answers}) == MANY
