"""A record that no service of ours would write is set aside where it arrives; nothing else waits for it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaProducer

from kpo_chassis.broker import Outgoing
from kpo_chassis.kafka import KafkaBroker, KafkaProducer
from kpo_cli.stack.system import System
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, World
from kpo_cli.story.patience import LOOK_SECONDS
from kpo_events.envelope import Envelope, Headers, uuid7

pytestmark = pytest.mark.real

TOPIC = "intake.engagement"
CONSUMERS = ("matching", "billing", "intake", "delivery")
READERS = ("matching", "billing", "intake")
"""Who acts on a submitted engagement; delivery only moves on past it."""

NO_KEY = ""
PARK_SECONDS_MAX = 20.0
TOO_LARGE = b'{"brief": "' + b"x" * 70_000 + b'"}'


@dataclass
class Sender:
    """Sends bad records, and looks after what became of them."""

    bootstrap: str
    producer: KafkaProducer
    workers: Actor
    keys: list[str | None] = field(default_factory=list)

    async def send(self, record: Outgoing) -> None:
        self.keys.append(record.key)
        await self.producer.send([record])

    async def send_without_key(self, headers: Headers, value: bytes) -> None:
        """Write what our own producer cannot: a record whose key is null."""
        self.keys.append(None)
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap) as producer:
            await producer.send_and_wait(TOPIC, value, headers=headers)

    async def parked(self, service: str, key: str | None) -> list[Json]:
        page = await self.workers.get(service, "/v1/operations/parked")
        return [row for row in say.rows(page.body["items"]) if row["key"] == key]

    async def until_parked(self, key: str | None, services: Iterable[str]) -> list[Json]:
        """Wait until every service has set the one record of this key aside."""
        async with asyncio.timeout(PARK_SECONDS_MAX):
            return [row for service in services for row in await self._until_parked(service, key)]

    async def _until_parked(self, service: str, key: str | None) -> list[Json]:
        while not (rows := await self.parked(service, key)):  # noqa: ASYNC110 - a door sends no event.
            await asyncio.sleep(LOOK_SECONDS)
        return rows

    async def discard(self) -> None:
        """Leave everything out that was sent, as an operator would, and wait until it is gone."""
        async with asyncio.timeout(say.WAIT_SECONDS_MAX):
            for key, service in product(self.keys, CONSUMERS):
                await self._discard(service, key)

    async def _discard(self, service: str, key: str | None) -> None:
        wish: Json = {"wish": "skip", "reason": "made by a test"}
        while rows := await self.parked(service, key):
            for row in rows:
                if row["wish"] is None:
                    path = f"/v1/operations/parked/{row['id']}/wish"
                    await self.workers.ask("PUT", service, path, json=wish)
            await asyncio.sleep(LOOK_SECONDS)


@pytest.fixture
async def sender(system: System, workers: Actor) -> AsyncIterator[Sender]:
    producer = await KafkaBroker(system.endpoints.kafka_bootstrap, "bad-records").producer()
    sender = Sender(system.endpoints.kafka_bootstrap, producer, workers)
    yield sender
    await sender.discard()
    await producer.close()


def a_record(subject: UUID, value: bytes, *, key: str | None = None) -> Outgoing:
    """Make a record with a good envelope, under the key that belongs to it unless another is given."""
    now = datetime.now(UTC)
    envelope = Envelope(
        id=uuid7(now),
        type="intake.engagement.submitted.v1",
        subject=subject,
        time=now,
        seq=1,
        correlation_id=subject,
        actor="machine:test",
    )
    headers = tuple(envelope.headers())
    return Outgoing(TOPIC, str(subject) if key is None else key, headers, value)


async def test_a_record_that_is_no_event_is_parked_alone(
    sender: Sender, world: World, operator: Actor
) -> None:
    client = await say.register_client(world, operator)

    await sender.send(Outgoing(TOPIC, NO_KEY, (), b"hello"))

    rows = await sender.until_parked(NO_KEY, CONSUMERS)
    assert [(row["code"], row["seq"]) for row in rows] == [("no_key", None)] * len(CONSUMERS)
    engaged = await say.submit(client, say.a_brief(jurisdictions=["AQ"]))
    await say.until_closed(engaged, "unfilled")


async def test_an_event_whose_key_names_no_aggregate_is_parked_alone(sender: Sender) -> None:
    await sender.send(a_record(uuid4(), b"{}", key=NO_KEY))

    rows = await sender.until_parked(NO_KEY, READERS)
    assert [(row["code"], row["seq"]) for row in rows] == [("no_key", None)] * len(READERS)
    await sender.until_parked(NO_KEY, CONSUMERS)


async def test_an_event_with_a_null_key_is_parked_alone(
    sender: Sender, world: World, operator: Actor
) -> None:
    client = await say.register_client(world, operator)

    await sender.send_without_key(list(a_record(uuid4(), b"{}").headers), b"{}")

    rows = await sender.until_parked(None, CONSUMERS)
    assert [(row["code"], row["seq"]) for row in rows] == [("no_key", None)] * len(CONSUMERS)
    engaged = await say.submit(client, say.a_brief(jurisdictions=["AQ"]))
    await say.until_closed(engaged, "unfilled")


async def test_an_event_above_its_largest_size_is_parked_under_its_key(sender: Sender) -> None:
    subject = uuid4()

    await sender.send(a_record(subject, TOO_LARGE))

    rows = await sender.until_parked(str(subject), READERS)
    assert [(row["code"], row["seq"]) for row in rows] == [("unreadable", 1)] * len(READERS)
    assert all(f"has {len(TOO_LARGE)} bytes, above 65536" in str(row["reason"]) for row in rows)
