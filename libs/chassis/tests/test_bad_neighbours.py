"""What the database will not take is found while others work, and harms nobody but itself."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from uuid import UUID, uuid4

import pytest

from kpo_chassis.kernel import Caller, Command, PersonId, TenantId
from kpo_chassis.machinery import Machinery, Ports
from kpo_chassis.store import PARKED, ConflictingWriteError, Document, Id, RejectedWriteError
from kpo_chassis.testing.blobs import MemoryBlobs
from kpo_chassis.testing.broker import MemoryBroker
from kpo_chassis.testing.database import MemoryDatabase, MemoryTransaction, Shelves
from kpo_chassis.testing.service import StoppedClock
from kpo_events.catalogue import Origin, make_event, record

from .model.virtual_time import virtual_time
from .sample import blueprint, counter_of, create
from .test_engine import a_client

CALLER = Caller(PersonId(uuid4()), TenantId(uuid4()), frozenset())
CALLERS = 20
RECORDS = 200
SECONDS_MAX = 120.0
COMMIT_SECONDS = 0.003


class PickyTransaction(MemoryTransaction):
    """Refuses to write one aggregate."""

    def __init__(self, shelves: Shelves, unwanted: UUID, refusal: Exception) -> None:
        super().__init__(shelves)
        self._unwanted = unwanted
        self._refusal = refusal

    async def save(self, collection: str, documents: Sequence[Document], new: frozenset[Id]) -> None:
        if any(document["_id"] == self._unwanted for document in documents):
            raise self._refusal
        await super().save(collection, documents, new)


class PickyDatabase(MemoryDatabase):
    """Takes its time, and everything but one aggregate; counts its transactions."""

    def __init__(self, unwanted: UUID, refusal: Exception) -> None:
        super().__init__()
        self._unwanted = unwanted
        self._refusal = refusal
        self.transactions = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MemoryTransaction]:
        self.transactions += 1
        transaction = PickyTransaction(self.shelves, self._unwanted, self._refusal)
        yield transaction
        await asyncio.sleep(COMMIT_SECONDS)
        transaction.commit()


class Scene:
    """A worker with a picky database, a log before it, and people who never stop asking."""

    def __init__(self, machinery: Machinery, database: PickyDatabase, broker: MemoryBroker) -> None:
        self._changes = machinery.committer
        self._numbers = count()
        self.database = database
        self.broker = broker
        self.answers = 0

    def send(self, client: UUID) -> None:
        event = make_event(
            a_client(client), Origin(actor="test"), subject=client, seq=1, time=StoppedClock().now()
        )
        made = record(event)
        self.broker.append(made.topic, str(client), tuple(made.headers), made.value)

    async def create(self) -> None:
        command = Command(CALLER, f"key {next(self._numbers)}", "0" * 64)
        await create(uuid4(), CALLER.tenant, None, command, changes=self._changes)

    async def ask_for_ever(self, pause_seconds: float) -> None:
        while True:
            await self.create()
            self.answers += 1
            await asyncio.sleep(pause_seconds)

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(SECONDS_MAX):
            while not is_so():  # noqa: ASYNC110 - it looks from outside.
                await asyncio.sleep(COMMIT_SECONDS)

    @property
    def parked(self) -> list[str]:
        return [str(row["key"]) for row in self.database.shelves.documents[PARKED].values()]

    @property
    def counters(self) -> int:
        return len(self.database.shelves.documents["counters"])


@asynccontextmanager
async def a_scene(unwanted: UUID, refusal: Exception, *, pause_seconds: float = 0) -> AsyncIterator[Scene]:
    database, broker = PickyDatabase(counter_of(unwanted), refusal), MemoryBroker()
    machinery = Machinery(blueprint(), Ports(database, broker, MemoryBlobs(), StoppedClock()))
    async with machinery.running(worker=True, clocks=False):
        scene = Scene(machinery, database, broker)
        crowd = [asyncio.create_task(scene.ask_for_ever(pause_seconds)) for _ in range(CALLERS)]
        yield scene
        for each in crowd:
            each.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)


REFUSALS = pytest.mark.parametrize(
    "refusal", [RejectedWriteError("not storable"), ConflictingWriteError("it is there already")], ids=repr
)


@REFUSALS
def test_a_record_that_cannot_be_written_is_set_aside_while_people_work(refusal: Exception) -> None:
    bad, good = uuid4(), [uuid4() for _ in range(RECORDS)]

    async def story() -> None:
        async with a_scene(bad, refusal, pause_seconds=0.5) as scene:
            for client in [*good[: RECORDS // 2], bad, *good[RECORDS // 2 :]]:
                scene.send(client)
            await scene.until(lambda: bool(scene.parked))
            await scene.until(lambda: scene.counters - scene.answers >= RECORDS)

            assert scene.parked == [str(bad)]

    with virtual_time() as loop:
        loop.run_until_complete(story())


@REFUSALS
def test_people_hardly_notice_a_record_that_cannot_be_written(refusal: Exception) -> None:
    bad = uuid4()

    async def answers_in_a_while(*, disturbed: bool) -> int:
        async with a_scene(bad, refusal) as scene:
            await asyncio.sleep(0.3)
            before = scene.answers
            if disturbed:
                scene.send(bad)
            await asyncio.sleep(0.3)
            return scene.answers - before

    with virtual_time() as loop:
        calm = loop.run_until_complete(answers_in_a_while(disturbed=False))
        disturbed = loop.run_until_complete(answers_in_a_while(disturbed=True))

    assert disturbed > calm / 4
