"""The engine as it is: a whole service from consumption to publication, seen only through its ports."""

import asyncio
from collections.abc import Sequence

from benchmarks.measuring import Stopwatch
from benchmarks.plan import Plan
from benchmarks.tally import blueprint

from kpo_chassis.broker import Outgoing
from kpo_chassis.committer import SystemClock
from kpo_chassis.kafka import KafkaBroker, KafkaConsumer, KafkaProducer
from kpo_chassis.machinery import Machinery, Ports
from kpo_chassis.mongo import MongoDatabase, connect
from kpo_chassis.store import OUTBOX
from kpo_chassis.testing.blobs import MemoryBlobs
from kpo_chassis.work import Incoming

EMPTY_LOOK_SECONDS = 0.05
RUN_SECONDS_MAX = 300.0


class WatchedBroker(KafkaBroker):
    """The broker port on Kafka, with a stopwatch at both ends."""

    def __init__(self, plan: Plan, watch: Stopwatch) -> None:
        super().__init__(plan.kafka, plan.name)
        self._plan = plan
        self._watch = watch

    async def producer(self) -> KafkaProducer:
        return WatchedProducer(await super().producer(), self._watch)

    def consumer(self, group: str) -> KafkaConsumer:
        return WatchedConsumer(self._plan, group, self._watch)


class WatchedProducer(KafkaProducer):
    def __init__(self, producer: KafkaProducer, watch: Stopwatch) -> None:
        super().__init__(producer._producer)  # noqa: SLF001 - the client inside; its wrapper is thrown away.
        self._watch = watch

    async def send(self, records: Sequence[Outgoing]) -> None:
        await super().send(records)
        self._watch.count(len(records))


class WatchedConsumer(KafkaConsumer):
    def __init__(self, plan: Plan, group: str, watch: Stopwatch) -> None:
        super().__init__(plan.kafka, plan.name, group)
        self._watch = watch

    async def poll(self) -> Sequence[Incoming]:
        records = await super().poll()
        if records:
            self._watch.begin()
        return records


async def run(plan: Plan, watch: Stopwatch) -> None:
    """Consume the backlog until its last event is out and forgotten."""
    client = connect(plan.mongo_url)
    database = await MongoDatabase.open(client, plan.name)
    broker = WatchedBroker(plan, watch)
    machinery = Machinery(blueprint(plan.name), Ports(database, broker, MemoryBlobs(), SystemClock()))
    async with machinery.running(worker=True):
        await _until_done(machinery, watch)
        while await database.count(OUTBOX, {}, limit=1):  # noqa: ASYNC110 - nobody tells when it is empty.
            await asyncio.sleep(EMPTY_LOOK_SECONDS)
    client.close()


async def _until_done(machinery: Machinery, watch: Stopwatch) -> None:
    done = asyncio.create_task(watch.done.wait())
    either: set[asyncio.Future[object]] = {done, machinery.failed}  # type: ignore[arg-type] # Set is invariant.
    await asyncio.wait(either, timeout=RUN_SECONDS_MAX, return_when=asyncio.FIRST_COMPLETED)
    done.cancel()
    if machinery.failed.done():
        await machinery.failed
    assert watch.done.is_set(), "the run took too long"
