"""A consumer that gets nothing while the log goes on is found; an idle or a paused one is left alone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from kpo_chassis.broker import Partition
from kpo_chassis.committer import SystemClock
from kpo_chassis.consumer import QUEUED_RECORDS_MAX
from kpo_chassis.kafka import KafkaBroker, KafkaConsumer
from kpo_chassis.kernel import TransientError
from kpo_chassis.machinery import Machinery, Ports
from kpo_chassis.mongo import MongoDatabase
from kpo_chassis.testing.blobs import MemoryBlobs
from kpo_chassis.testing.broker import PARTITIONS, POLL_SECONDS, MemoryBroker, MemoryConsumer
from kpo_chassis.testing.database import MemoryDatabase
from kpo_chassis.testing.meters import NotedMeters
from kpo_chassis.watchdog import SILENT_SECONDS_MAX, Patience, SilentConsumerError, Watchdog
from kpo_chassis.work import Incoming

from .bench import LOOK_SECONDS, SECONDS_MAX, Bench
from .sample import blueprint
from .test_keys_in_flight import GatedDatabase

TOPIC = "intake.client"
HOUR = 3_600.0
IMPATIENT = Patience(look_seconds=0.2, silent_seconds_max=1.0)


class DeafConsumer(MemoryConsumer):
    """Stays in its group, and gets nothing while it is deaf."""

    deaf = False
    away = False

    async def poll(self) -> Sequence[Incoming]:
        if not self.deaf:
            return await super().poll()
        await asyncio.sleep(POLL_SECONDS)
        return []

    async def bounds(self, partition: Partition) -> tuple[int, int]:
        if self.away:
            raise TransientError("the broker does not answer")
        return await super().bounds(partition)


class DeafBroker(MemoryBroker):
    made: DeafConsumer

    def consumer(self, group: str) -> DeafConsumer:
        self.made = DeafConsumer(self, group)
        return self.made


@dataclass
class Kennel:
    """A worker, its watchdog, and the time that the watchdog sees."""

    machinery: Machinery
    broker: DeafBroker
    meters: NotedMeters = field(default_factory=NotedMeters)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.watchdog = Watchdog(
            self.machinery.consuming, self.broker.made, self.meters, clock=lambda: self.seconds
        )

    async def look(self, *, after: float = 0.0) -> None:
        self.seconds += after
        await self.watchdog.look()

    def arrive(self) -> None:
        self.broker.append(TOPIC, None, (), b"{}")

    async def until_queued(self, count: int) -> None:
        async with asyncio.timeout(SECONDS_MAX):
            while self.machinery.committer.queued < count:  # noqa: ASYNC110 - a queue sends no event.
                await asyncio.sleep(LOOK_SECONDS)


@asynccontextmanager
async def a_kennel(database: MemoryDatabase | None = None) -> AsyncIterator[Kennel]:
    broker = DeafBroker()
    ports = Ports(database or MemoryDatabase(), broker, MemoryBlobs(), SystemClock())
    machinery = Machinery(blueprint(), ports)
    async with machinery.running(worker=True, clocks=False):
        async with asyncio.timeout(SECONDS_MAX):
            while len(machinery.consuming.lanes) < PARTITIONS:  # noqa: ASYNC110 - a group sends no event.
                await asyncio.sleep(LOOK_SECONDS)
        yield Kennel(machinery, broker)


async def test_a_consumer_that_gets_nothing_of_a_log_that_goes_on_is_found() -> None:
    async with a_kennel() as kennel:
        kennel.broker.made.deaf = True
        kennel.arrive()
        await kennel.look()
        await kennel.look(after=SILENT_SECONDS_MAX)

        with pytest.raises(
            SilentConsumerError, match=r"intake\.client/0: nothing came for 70 s.* has 0 to 1;"
        ):
            await kennel.look(after=10)

        assert kennel.meters.counted("kpo_guard_stopped_total", guard="silence") == 1


async def test_silence_is_borne_for_its_time() -> None:
    async with a_kennel() as kennel:
        kennel.broker.made.deaf = True
        kennel.arrive()
        await kennel.look()

        for _ in range(5):
            await kennel.look(after=(SILENT_SECONDS_MAX - 1) / 5)

        assert kennel.meters.counted("kpo_guard_stopped_total", guard="silence") == 0


async def test_a_log_that_has_nothing_more_is_no_silence() -> None:
    async with a_kennel() as kennel:
        kennel.broker.made.deaf = True

        for _ in range(5):
            await kennel.look(after=HOUR)


async def test_a_record_that_is_still_on_its_way_at_one_look_is_no_silence() -> None:
    async with a_kennel(GatedDatabase()) as kennel:
        kennel.broker.made.deaf = True
        await kennel.look()
        kennel.arrive()
        await kennel.look(after=HOUR)

        kennel.broker.made.deaf = False
        await kennel.until_queued(1)

        await kennel.look(after=10)
        await kennel.look(after=10)


async def test_a_consumer_that_pauses_is_left_alone() -> None:
    async with a_kennel(GatedDatabase()) as kennel:
        for _ in range(QUEUED_RECORDS_MAX + 1):
            kennel.arrive()
        await kennel.until_queued(QUEUED_RECORDS_MAX + 1)
        await asyncio.sleep(LOOK_SECONDS)
        kennel.arrive()

        for _ in range(5):
            await kennel.look(after=HOUR)

        assert kennel.machinery.consuming.paused


async def test_a_broker_that_is_away_is_waited_for() -> None:
    async with a_kennel() as kennel:
        kennel.broker.made.away = True
        await kennel.look()

        with pytest.raises(TransientError):
            await kennel.look(after=HOUR)


# On real servers ------------------------------------------------------------------------------------------


class MutedBroker(KafkaBroker):
    """Keeps the consumer that it makes, so that a test can stop its fetches behind the engine's back."""

    made: KafkaConsumer

    def consumer(self, group: str) -> KafkaConsumer:
        self.made = super().consumer(group)
        return self.made


@pytest.mark.real
async def test_a_worker_whose_client_fetches_no_more_ends_on_real_servers(bench: Bench) -> None:
    broker = MutedBroker(bench.servers.kafka_bootstrap, bench.name)
    database = await MongoDatabase.open(bench.client, bench.name)
    ports = Ports(database, broker, MemoryBlobs(), SystemClock())
    machinery = Machinery(bench.blueprint, ports, patience=IMPATIENT)
    await bench.send(uuid4(), 1)
    async with machinery.running(worker=True):
        await bench.until("notes", 1)
        await asyncio.sleep(5 * IMPATIENT.silent_seconds_max)
        idle = not machinery.failed.done()

        broker.made.pause()
        await bench.send(uuid4(), 1)

        with pytest.raises(SilentConsumerError, match=r"intake\.client/\d: nothing came for"):
            await asyncio.wait_for(machinery.failed, SECONDS_MAX)
    assert idle
