"""What careful programmers write without the engine: its guarantees, one message and transaction at a time.

Each message has a transaction with the inbox row, the aggregate and an outbox document; then its event is
sent and acknowledged, the outbox document deleted, the offset committed. On the bare client and under
FastStream, one after the other and with workers that share the partitions.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from benchmarks.measuring import Stopwatch
from benchmarks.plan import Plan
from benchmarks.tally import COLLECTION, SOURCE
from benchmarks.unsafe_loop import decide, document, tally
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from pymongo.read_concern import ReadConcern

from kpo_chassis.kafka import POLL_MILLISECONDS, REQUEST_MILLISECONDS
from kpo_chassis.mongo import connect
from kpo_chassis.mongo.database import QUICK, SAFE
from kpo_chassis.store import INBOX, OUTBOX
from kpo_events.catalogue import Event, Record, decode
from kpo_events.payload import Payload

RUN_SECONDS_MAX = 300.0
LAST_COMMIT_SECONDS_MAX = 1.0
"""How long workers may take at the end of a run for what is in their hands; idle ones wait as long."""

Headers = Sequence[tuple[str, bytes]]


class Handler:
    """Handles one message with all guarantees; the offset is the caller's."""

    def __init__(self, client: Any, plan: Plan, watch: Stopwatch, producer: AIOKafkaProducer) -> None:
        self._client = client
        self._database = client.get_database(plan.name, write_concern=SAFE)
        self._outbox = client.get_database(plan.name, write_concern=QUICK)[OUTBOX]
        self._watch = watch
        self._producer = producer

    async def handle(self, headers: Headers, value: bytes) -> None:
        event = decode(headers, value)
        made, outbox = await self._commit(event)
        if made is None:
            return
        await self._producer.send_and_wait(made.topic, made.value, key=made.key, headers=made.headers)
        await self._outbox.delete_one({"_id": outbox})
        self._watch.count(1)

    async def _commit(self, event: Event[Payload]) -> tuple[Record | None, str]:
        outbox = uuid4().hex
        snapshot = ReadConcern("snapshot")
        async with (
            await self._client.start_session() as session,
            session.start_transaction(read_concern=snapshot, write_concern=SAFE),
        ):
            made = await self._change(event, outbox, session)
        return made, outbox

    async def _change(self, event: Event[Payload], outbox: str, session: Any) -> Record | None:
        stream, key = f"{event.topic}/{event.subject}", event.subject
        inbox, tallies = self._database[INBOX], self._database[COLLECTION]
        place = await inbox.find_one({"_id": stream}, session=session)
        if place is not None and place["seq"] >= event.seq:
            return None
        row = await tallies.find_one({"_id": key}, session=session)
        states = {key: tally(row)} if row else {}
        numbers, now = {key: row["seq"] if row else 0}, datetime.now(UTC)
        made = decide(event, states, numbers, now)
        after = document(states[key], numbers[key], row["created_at"] if row else now, now)
        await tallies.replace_one({"_id": key}, after, upsert=True, session=session)
        await inbox.replace_one({"_id": stream}, {"seq": event.seq}, upsert=True, session=session)
        kept = {"_id": outbox, "key": made.key, "value": made.value, "headers": dict(made.headers)}
        await self._database[OUTBOX].insert_one(kept, session=session)
        return made


@dataclass(frozen=True)
class Bench:
    """What a loop stands on."""

    plan: Plan
    watch: Stopwatch
    handler: Handler


async def run_bare(plan: Plan, watch: Stopwatch, *, workers: int) -> None:
    await _run(plan, watch, lambda bench: _bare(bench, workers))


async def run_faststream(plan: Plan, watch: Stopwatch, *, workers: int) -> None:
    await _run(plan, watch, lambda bench: _faststream(bench, workers))


async def _run(plan: Plan, watch: Stopwatch, loop: Any) -> None:
    client = connect(plan.mongo_url)
    producer = AIOKafkaProducer(
        bootstrap_servers=plan.kafka,
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        request_timeout_ms=REQUEST_MILLISECONDS,
    )
    await producer.start()
    running = asyncio.create_task(loop(Bench(plan, watch, Handler(client, plan, watch, producer))))
    finished = asyncio.create_task(watch.done.wait())
    await asyncio.wait({running, finished}, timeout=RUN_SECONDS_MAX, return_when=asyncio.FIRST_COMPLETED)
    assert finished.done(), "the run took too long, or its loop has ended"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await producer.stop()
    client.close()


# The bare client ------------------------------------------------------------------------------------------


async def _bare(bench: Bench, workers: int) -> None:
    """Let each worker own a share of the partitions, so that every key keeps its order."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bench.plan.kafka,
        group_id=f"kpo_{bench.plan.name}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    partitions = sorted(await _partitions(consumer))
    consumer.assign([TopicPartition(SOURCE, number) for number in partitions])
    queues: list[asyncio.Queue[Any]] = [asyncio.Queue() for _ in range(workers)]
    works = [asyncio.create_task(_work(bench, consumer, queue)) for queue in queues]
    try:
        while True:
            polled = await consumer.getmany(timeout_ms=POLL_MILLISECONDS)
            if polled:
                bench.watch.begin()
            for place, records in polled.items():
                for record in records:
                    queues[place.partition % workers].put_nowait((place, record))
    finally:
        _, unfinished = await asyncio.wait(works, timeout=LAST_COMMIT_SECONDS_MAX)
        for work in unfinished:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)
        await consumer.stop()


async def _partitions(consumer: AIOKafkaConsumer) -> set[int]:
    await consumer._client.force_metadata_update()  # noqa: SLF001 - a fresh consumer knows no topic yet.
    found = consumer.partitions_for_topic(SOURCE)
    assert found, f"{SOURCE} does not exist"
    return set(found)


async def _work(bench: Bench, consumer: AIOKafkaConsumer, queue: "asyncio.Queue[Any]") -> None:
    while not bench.watch.done.is_set():
        place, record = await queue.get()
        await bench.handler.handle(record.headers, record.value)
        await consumer.commit({place: record.offset + 1})


# FastStream -----------------------------------------------------------------------------------------------


async def _faststream(bench: Bench, workers: int) -> None:
    broker = KafkaBroker(bench.plan.kafka, logger=None)

    async def on_event(body: Any, message: KafkaMessage) -> None:  # noqa: ARG001 - the raw record has it.
        bench.watch.begin()
        raw: Any = message.raw_message
        await bench.handler.handle(raw.headers, raw.value)

    subscribe = broker.subscriber(
        SOURCE,
        group_id=f"kpo_{bench.plan.name}",
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        max_workers=workers,
    )
    subscribe(on_event)
    async with broker:
        await broker.start()
        await asyncio.Event().wait()
