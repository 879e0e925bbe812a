"""One sample service on real servers: its database, a source of events, and workers on demand."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from uuid import UUID, uuid4

from aiokafka import AIOKafkaProducer

from kpo_chassis.broker import Outgoing, Partition, Producer
from kpo_chassis.committer import SystemClock
from kpo_chassis.doors import Blueprint
from kpo_chassis.kafka import KafkaBroker, KafkaConsumer
from kpo_chassis.kernel import TransientError
from kpo_chassis.machinery import Machinery, Ports
from kpo_chassis.meters import Meters
from kpo_chassis.mongo import MongoDatabase, connect, prepare
from kpo_chassis.reader import READER, Reader
from kpo_chassis.service import preparation_of
from kpo_chassis.store import POSITIONS, Document
from kpo_chassis.testing.blobs import MemoryBlobs
from kpo_cli.stack.servers import Servers
from kpo_events.catalogue import Origin, make_event, peek, record
from kpo_events.intake import ClientRegisteredV1

from .sample import blueprint

SECONDS_MAX = 30.0
LOOK_SECONDS = 0.1
ROWS_MAX = 10_000
SOURCE, TARGET = "intake.client", "matching.vendor"
PARTITIONS = 3


@dataclass
class Bench:
    """One sample service's database, its event source, and workers on demand."""

    servers: Servers
    client: object
    name: str
    broker: KafkaBroker
    producer: Producer

    blueprint: Blueprint = field(default_factory=blueprint)
    targets_before: dict[Partition, int] = field(default_factory=dict)

    @asynccontextmanager
    async def worker(self, reader: Reader = READER, meters: Meters | None = None) -> AsyncIterator[Machinery]:
        database = await MongoDatabase.open(self.client, self.name)
        ports = Ports(database, self.broker, MemoryBlobs(), SystemClock())
        machinery = Machinery(self.blueprint, ports, meters, reader=reader)
        async with machinery.running(worker=True):
            yield machinery

    async def send(self, client: UUID, *numbers: int, name: str = "Acme") -> None:
        await self.producer.send([a_record(client, number, name) for number in numbers])

    async def send_without_key(self, partition: int) -> None:
        """Write what our own producer cannot: a record whose key is null."""
        async with AIOKafkaProducer(bootstrap_servers=self.servers.kafka_bootstrap) as producer:
            await producer.send_and_wait(SOURCE, b"{}", partition=partition)

    async def send_with_null_header(self, partition: int) -> None:
        """Write another one: Kafka allows it, and a header may be null, too."""
        batch_headers = [("note", None)]
        async with AIOKafkaProducer(bootstrap_servers=self.servers.kafka_bootstrap) as producer:
            await producer.send_and_wait(SOURCE, b"{}", partition=partition, headers=batch_headers)

    async def announced(self) -> dict[str, list[int]]:
        """Give the numbers that went out under every key since the bench was made, in their order."""
        numbers: defaultdict[str, list[int]] = defaultdict(list)
        after = await ends(self.broker, TARGET)
        left = sum(after.values()) - sum(self.targets_before.values())
        async with reader(self.broker, TARGET, self.targets_before) as (consumer, _):
            while left > 0:
                for found in await consumer.poll():
                    left -= 1
                    numbers[str(found.key)].append(peek(found.headers).seq)
        return numbers

    async def rows(self, collection: str, **where: object) -> list[Document]:
        database = await MongoDatabase.open(self.client, self.name)
        return await database.find(collection, where, limit=ROWS_MAX)

    async def count(self, collection: str, **where: object) -> int:
        database = await MongoDatabase.open(self.client, self.name)
        return await database.count(collection, where, limit=ROWS_MAX)

    async def until(
        self, collection: str, count: int, *, seconds_max: float = SECONDS_MAX, **where: object
    ) -> list[Document]:
        """Wait until a collection has as many rows as a test expects."""
        found = 0
        deadline = monotonic() + seconds_max
        while monotonic() < deadline:
            with suppress(TransientError):  # Some tests kill the server meanwhile.
                found = await self.count(collection, **where)
                if found == count:
                    return await self.rows(collection, **where)
            await asyncio.sleep(LOOK_SECONDS)
        raise AssertionError(f"{found} of {count} in {collection}")


def a_record(client: UUID, number: int, name: str = "Acme") -> Outgoing:
    payload = ClientRegisteredV1(client_id=client, name=name, country="NL", currency="EUR")
    event = make_event(
        payload, Origin(actor="machine:test"), subject=client, seq=number, time=datetime.now(UTC)
    )
    made = record(event)
    return Outgoing(made.topic, str(client), tuple(made.headers), made.value)


async def skip_history(client: object, name: str, broker: KafkaBroker) -> None:
    """Begin where the log ends now: what other tests sent is not ours."""
    database = await MongoDatabase.open(client, name)
    for partition, end in (await ends(broker, SOURCE)).items():
        await database.claim(partition.id)
        await database.update(POSITIONS, {"_id": partition.id}, {"next_offset": end, "base": 0})


async def ends(broker: KafkaBroker, topic: str) -> dict[Partition, int]:
    """Say where each partition of a topic ends now."""
    found: dict[Partition, int] = {}
    async with reader(broker, topic, {}) as (consumer, partitions):
        for partition in partitions:
            _, found[partition] = await consumer.bounds(partition)
    return found


@asynccontextmanager
async def reader(
    broker: KafkaBroker, topic: str, offsets: dict[Partition, int]
) -> AsyncIterator[tuple[KafkaConsumer, list[Partition]]]:
    """Read a topic from the given offsets, in a group of its own."""
    consumer, adopted = broker.consumer(f"reader_{uuid4().hex}"), asyncio.Event()
    found: list[Partition] = []

    async def adopt(partitions: Sequence[Partition]) -> None:
        found.extend(partitions)
        for partition in partitions:
            consumer.seek(partition, offsets.get(partition, 0))
        adopted.set()

    async def forget(_: Sequence[Partition]) -> None:
        return

    await consumer.start([topic], adopt, forget)
    try:
        await asyncio.wait_for(adopted.wait(), SECONDS_MAX)
        yield consumer, found
    finally:
        await consumer.close()


@asynccontextmanager
async def a_bench(
    servers: Servers, described: Blueprint | None = None, *, replicas: int = 1
) -> AsyncIterator[Bench]:
    """Make a database and topics for the sample service, and remove the database afterwards."""
    described = described or blueprint()
    client = connect(servers.mongo_admin_url)
    name = f"sample_{uuid4().hex}"
    bare = "mongodb://" + servers.mongo_admin_url.rpartition("@")[2]
    await prepare(client, preparation_of(name, described), bare)
    broker = KafkaBroker(servers.kafka_bootstrap, name)
    await broker.create_topics([SOURCE, TARGET, "sample.parked"], PARTITIONS, replicas)
    await skip_history(client, name, broker)
    before = await ends(broker, TARGET)
    producer = await broker.producer()
    yield Bench(servers, client, name, broker, producer, described, before)
    await producer.close()
    await client.drop_database(name)
    client.close()
