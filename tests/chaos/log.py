"""Reads the whole log as an onlooker, and puts records into it that no service of ours would send."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID, uuid4

from pydantic import JsonValue

from kpo_chassis.announcement import parked_topic
from kpo_chassis.broker import Outgoing, Partition
from kpo_chassis.kafka import KafkaBroker, KafkaConsumer
from kpo_chassis.kernel import TransientError
from kpo_chassis.work import Incoming
from kpo_cli.stack.options import SERVICES
from kpo_events.catalogue import TOPICS
from kpo_events.envelope import Envelope, MalformedEventError, uuid7

from .entries import Look, Seen, now

READ_SECONDS_MAX = 60.0
SEND_SECONDS_MAX = 60.0
AGAIN_SECONDS = 0.5
TOLD = "kpo_"
"""How headers begin that tell why a record was set aside."""


@asynccontextmanager
async def _reading(
    bootstrap: str, topics: Collection[str]
) -> AsyncIterator[tuple[KafkaConsumer, list[Partition]]]:
    """Own every partition of some topics, from the beginning."""
    consumer = KafkaBroker(bootstrap, "chaos").consumer(f"chaos-{uuid4().hex}")
    owned: list[Partition] = []
    joined = asyncio.Event()

    async def from_the_beginning(partitions: Sequence[Partition]) -> None:
        for partition in partitions:
            consumer.seek(partition, 0)
        owned.extend(partitions)
        joined.set()

    async def forget(_: Sequence[Partition]) -> None:
        """Do nothing: an onlooker has nothing to lose."""

    try:
        await consumer.start(list(topics), from_the_beginning, forget)
        await joined.wait()
        yield consumer, owned
    finally:
        await consumer.close()


async def read_all(bootstrap: str, topics: Collection[str] = TOPICS) -> list[Incoming]:
    """Read every record that the log has now; its events, unless other topics are named."""
    records: dict[tuple[str, int, int], Incoming] = {}
    read: dict[Partition, int] = {}
    async with asyncio.timeout(READ_SECONDS_MAX), _reading(bootstrap, topics) as (consumer, owned):
        while not all(_is_read(consumer, place, read) for place in owned):
            for record in await consumer.poll():
                records[record.topic, record.partition, record.offset] = record
                read[Partition(record.topic, record.partition)] = record.offset + 1
    return list(records.values())


def _is_read(consumer: KafkaConsumer, place: Partition, read: Mapping[Partition, int]) -> bool:
    end = consumer.end(place)
    return end is not None and read.get(place, 0) >= end


def seen(record: Incoming) -> Seen:
    """Write a record down as it lies in the log; what is no event keeps its place and its bytes' digest."""
    digest = hashlib.sha256(repr(record.headers).encode() + record.value).hexdigest()
    place = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": record.key,
        "digest": digest,
    }
    try:
        envelope, data = Envelope.read(record.headers), json.loads(record.value)
    except (MalformedEventError, ValueError):
        return Seen.model_validate({"at": now(), "seq": None, **place})
    return Seen.model_validate(
        {
            **place,
            "at": envelope.time,
            "seq": envelope.seq,
            "id": str(envelope.id),
            "type": envelope.type,
            "cause": str(envelope.causation_id) if envelope.causation_id else None,
            "correlation": str(envelope.correlation_id),
            "trace": (envelope.traceparent or "--").split("-")[1],
            "actor": envelope.actor,
            "data": data,
        }
    )


async def copies_of_parked(bootstrap: str) -> list[Look]:
    """Read what services ever set aside, and why, whatever became of it since."""
    records = await read_all(bootstrap, [parked_topic(service) for service in SERVICES])
    return [_copied(record) for record in records]


def _copied(record: Incoming) -> Look:
    told: dict[str, JsonValue] = {
        name.removeprefix(TOLD): value.decode() for name, value in record.headers if name.startswith(TOLD)
    }
    place = f"{record.topic}/{record.partition}/{record.offset}"
    return Look(at=now(), what="copy of parked", id=place, body={**told, "key": record.key})


async def send(bootstrap: str, records: Sequence[Outgoing]) -> None:
    """Send records, again and again while the broker is away."""
    async with asyncio.timeout(SEND_SECONDS_MAX):
        while not await _sent(bootstrap, records):  # noqa: ASYNC110 - a broker that is away sends no event.
            await asyncio.sleep(AGAIN_SECONDS)


async def _sent(bootstrap: str, records: Sequence[Outgoing]) -> bool:
    try:
        producer = await KafkaBroker(bootstrap, "chaos").producer()
        try:
            await producer.send(records)
        finally:
            await producer.close()
    except TransientError:
        return False
    return True


def a_copy(record: Incoming) -> Outgoing:
    return Outgoing(record.topic, str(record.key), record.headers, record.value)


def an_unreadable_event(topic: str, event_type: str, subject: UUID, at: datetime) -> Outgoing:
    """Make a record with a good envelope, the first of its stream, and a body that is cut off."""
    envelope = Envelope(
        id=uuid7(at),
        type=event_type,
        subject=subject,
        time=at,
        seq=1,
        correlation_id=subject,
        actor="machine:chaos",
    )
    return Outgoing(topic, str(subject), tuple(envelope.headers()), b'{"engagement_id": ')
