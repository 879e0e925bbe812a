"""The engine on real Kafka and MongoDB: what the doubles cannot show."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from conftest import Servers

from kpo_chassis.broker import Outgoing, Partition, Producer
from kpo_chassis.committer import SystemClock
from kpo_chassis.kafka import KafkaBroker
from kpo_chassis.machinery import Machinery, Ports
from kpo_chassis.mongo import MongoDatabase, connect, prepare
from kpo_chassis.service import preparation_of
from kpo_chassis.store import INBOX, OUTBOX, PARKED, POSITIONS, Document
from kpo_chassis.testing.blobs import MemoryBlobs
from kpo_events.catalogue import Origin, make_event, record
from kpo_events.intake import ClientRegisteredV1

from .sample import POISON, Note, blueprint, counter_of

SECONDS_MAX = 30.0

pytestmark = pytest.mark.real


@dataclass
class Bench:
    """One sample service's database, its event source, and workers on demand."""

    servers: Servers
    client: object
    name: str
    broker: KafkaBroker
    producer: Producer

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[Machinery]:
        database = await MongoDatabase.open(self.client, self.name)
        machinery = Machinery(blueprint(), Ports(database, self.broker, MemoryBlobs(), SystemClock()))
        async with machinery.running(worker=True):
            yield machinery

    async def send(self, client: UUID, *numbers: int, name: str = "Acme") -> None:
        await self.producer.send([a_record(client, number, name) for number in numbers])

    async def rows(self, collection: str) -> list[Document]:
        database = await MongoDatabase.open(self.client, self.name)
        return await database.find(collection, {}, limit=10_000)

    async def until(self, collection: str, count: int, **where: object) -> list[Document]:
        """Wait until a collection has as many rows as a test expects."""
        deadline = asyncio.get_running_loop().time() + SECONDS_MAX
        while True:
            rows = [r for r in await self.rows(collection) if where.items() <= r.items()]
            if len(rows) == count:
                return rows
            assert asyncio.get_running_loop().time() < deadline, f"{len(rows)} of {count} in {collection}"
            await asyncio.sleep(0.1)


def a_record(client: UUID, number: int, name: str = "Acme") -> Outgoing:
    payload = ClientRegisteredV1(client_id=client, name=name, country="NL", currency="EUR")
    event = make_event(
        payload, Origin(actor="machine:test"), subject=client, seq=number, time=datetime.now(UTC)
    )
    made = record(event)
    return Outgoing(made.topic, str(client), tuple(made.headers), made.value)


async def skip_history(client: object, name: str, broker: KafkaBroker) -> None:
    """Begin where the log ends now: what other tests sent is not ours."""
    database, consumer = await MongoDatabase.open(client, name), broker.consumer(f"{name}_probe")
    adopted = asyncio.Event()

    async def begin_at_the_end(partitions: Sequence[Partition]) -> None:
        for partition in partitions:
            await database.claim(partition.id)
            _, end = await consumer.bounds(partition)
            await database.update(POSITIONS, {"_id": partition.id}, {"next_offset": end, "base": 0})
        adopted.set()

    async def forget(_: Sequence[Partition]) -> None:
        return

    await consumer.start(["intake.client"], begin_at_the_end, forget)
    await adopted.wait()
    await consumer.close()


@pytest.fixture
async def bench(servers: Servers) -> AsyncIterator[Bench]:
    client = connect(servers.mongo_admin_url)
    name = f"sample_{uuid4().hex}"
    bare = "mongodb://" + servers.mongo_admin_url.rpartition("@")[2]
    await prepare(client, preparation_of(name, blueprint()), bare)
    broker = KafkaBroker(servers.kafka_bootstrap, name)
    await broker.create_topics(["intake.client", "matching.vendor", "sample.parked"], 3, 1)
    await skip_history(client, name, broker)
    producer = await broker.producer()
    yield Bench(servers, client, name, broker, producer)
    await producer.close()
    await client.drop_database(name)
    client.close()


async def test_events_arrive_once_and_in_order(bench: Bench) -> None:
    clients = [uuid4() for _ in range(20)]
    for client in clients:
        await bench.send(client, 1, 2, 2, 3, 1)

    async with bench.worker():
        notes = await bench.until("notes", 60)
        await bench.until(OUTBOX, 0)

    ours = {f"intake.client/{client}/3" for client in clients}
    assert {note["_id"] for note in notes if note["total"] == 3} >= ours


async def test_a_second_worker_takes_over_and_loses_nothing(bench: Bench) -> None:
    client = uuid4()
    await bench.send(client, 1, 2)
    async with bench.worker():
        await bench.until("notes", 2)

    await bench.send(client, 3)
    async with bench.worker():
        await bench.until("notes", 3)

    assert {row["epoch"] for row in await bench.rows(POSITIONS)} == {3}


async def test_records_that_are_read_again_change_nothing(bench: Bench) -> None:
    client = uuid4()
    await bench.send(client, 1, 2)
    async with bench.worker() as machinery:
        await bench.until("notes", 2, counter=counter_of(client))
    database = machinery.ports.database
    for row in await bench.rows(POSITIONS):
        assert isinstance(row["next_offset"], int)
        back = max(0, row["next_offset"] - 2)
        await database.update(POSITIONS, {"_id": row["_id"]}, {"next_offset": back})

    async with bench.worker():
        await bench.send(client, 3)
        await bench.until("notes", 3, counter=counter_of(client))

    assert [row["seq"] for row in await bench.rows(INBOX) if row["_id"] == f"intake.client/{client}"] == [3]


async def test_a_poison_record_parks_its_key_and_others_go_on(bench: Bench) -> None:
    sick, well = uuid4(), uuid4()
    await bench.send(sick, 1, name=POISON)
    await bench.send(sick, 2)
    await bench.send(well, 1)

    async with bench.worker():
        await bench.until("notes", 1)
        parked = await bench.until(PARKED, 2)

    assert [row["code"] for row in sorted(parked, key=lambda row: str(row["_id"]))] == ["bug", "behind"]


async def test_a_backlog_of_thousands_is_counted_exactly(bench: Bench) -> None:
    clients = [uuid4() for _ in range(300)]
    for number in range(1, 11):
        await bench.producer.send([a_record(client, number) for client in clients])

    async with bench.worker() as machinery:
        await bench.until("notes", 3_000)
        kinds = await machinery.reads.entries(Note, {"total": 10}, order=("_id",), limit=1_000)

    assert len(kinds) == 300
