"""What a hurried programmer writes: the same work in the same batches, and nothing that survives a fault.

It reads, decides and writes the same states and sends the same events, with the same libraries, settings,
document form, indexes and write concern. It has no transaction, no inbox, no position and no outbox: a crash
loses or repeats events, a second process loses updates.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias
from uuid import UUID

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from benchmarks.measuring import Stopwatch
from benchmarks.plan import BATCH_EVENTS_MAX, Plan
from benchmarks.tally import COLLECTION, DOCUMENTS, SOURCE, TARGET, Tally, outgoing
from pymongo import InsertOne, ReplaceOne

from kpo_chassis.kafka import BATCH_BYTES_MAX, POLL_MILLISECONDS, REQUEST_MILLISECONDS, partition_of
from kpo_chassis.kernel import TenantId
from kpo_chassis.mongo import connect
from kpo_chassis.mongo.database import SAFE
from kpo_events.catalogue import Event, Origin, decode, make_event, record
from kpo_events.catalogue import Record as Made
from kpo_events.intake import EngagementCancellationRequestedV1
from kpo_events.payload import Payload

Numbers = dict[UUID, int]
States = dict[UUID, Tally]
Tallies: TypeAlias = Any
Batches = dict[int, Any]
Row = dict[str, Any]


async def run(plan: Plan, watch: Stopwatch, *, workers: int, inserts_apart: bool = False) -> None:
    """Share the partitions among `workers` loops in this process and run until all events are sent.

    With `inserts_apart` new states are inserted, as the engine does where they are many, and not upserted.
    """
    client = connect(plan.mongo_url)
    tallies = client.get_database(plan.name, write_concern=SAFE)[COLLECTION]
    producer = AIOKafkaProducer(
        bootstrap_servers=plan.kafka,
        acks="all",
        enable_idempotence=True,
        compression_type=None,
        linger_ms=0,
        max_batch_size=BATCH_BYTES_MAX,
        request_timeout_ms=REQUEST_MILLISECONDS,
    )
    await producer.start()
    partitions = sorted(await producer.partitions_for(SOURCE))
    shares = [partitions[number::workers] for number in range(workers)]
    loops = [
        asyncio.create_task(_Loop(plan, tallies, watch, producer, inserts_apart=inserts_apart).run(share))
        for share in shares
    ]
    await watch.done.wait()
    for loop in loops:
        loop.cancel()
    await asyncio.gather(*loops, return_exceptions=True)
    await producer.stop()
    client.close()


class _Loop:
    def __init__(
        self,
        plan: Plan,
        tallies: Tallies,
        watch: Stopwatch,
        producer: AIOKafkaProducer,
        *,
        inserts_apart: bool,
    ) -> None:
        self._plan = plan
        self._tallies = tallies
        self._watch = watch
        self._producer = producer
        self._inserts_apart = inserts_apart

    async def run(self, share: list[int]) -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._plan.kafka,
            group_id=f"kpo_{self._plan.name}_{share[0]}",
            enable_auto_commit=True,
            auto_offset_reset="earliest",
            max_poll_records=BATCH_EVENTS_MAX,
        )
        await consumer.start()
        consumer.assign([TopicPartition(SOURCE, number) for number in share])
        sending: asyncio.Task[None] | None = None
        try:
            while True:
                polled = await consumer.getmany(timeout_ms=POLL_MILLISECONDS)
                if not polled:
                    continue
                self._watch.begin()
                made = await self._handle([r for records in polled.values() for r in records])
                if sending is not None:  # Sending overlaps with the next batch, one batch at most.
                    await sending
                sending = asyncio.create_task(self._send(made))
        finally:
            await consumer.stop()

    async def _handle(self, records: Sequence[Any]) -> list[Made]:
        events = [decode(found.headers, found.value) for found in records]
        keys = list({event.subject for event in events})
        rows = await self._tallies.find({"_id": {"$in": keys}}).to_list(None)
        states: States = {row["_id"]: tally(row) for row in rows}
        numbers: Numbers = {row["_id"]: row["seq"] for row in rows}
        created = {row["_id"]: row["created_at"] for row in rows}
        now = datetime.now(UTC)
        made = [decide(event, states, numbers, now) for event in events]
        after = [document(states[key], numbers[key], created.get(key, now), now) for key in keys]
        new = frozenset(states).difference(created) if self._inserts_apart else frozenset[UUID]()
        writes = [
            InsertOne(row) if row["_id"] in new else ReplaceOne({"_id": row["_id"]}, row, upsert=True)
            for row in after
        ]
        await self._tallies.bulk_write(writes, ordered=False)
        return made

    async def _send(self, made: Sequence[Made]) -> None:
        places = len(await self._producer.partitions_for(TARGET))
        batches: Batches = {}
        for event in made:
            number = partition_of(event.key, places)
            if number not in batches:
                batches[number] = self._producer.create_batch()
            there = batches[number].append(
                key=event.key, value=event.value, timestamp=None, headers=event.headers
            )
            assert there is not None, "the batches of a run are far smaller than what one may hold"
        futures = [await self._producer.send_batch(b, TARGET, partition=n) for n, b in batches.items()]
        await asyncio.gather(*futures)
        self._watch.count(len(made))


def tally(row: Row) -> Tally:
    state = DOCUMENTS.load(row["state"], row["schema"])
    assert isinstance(state, Tally)
    return state


def decide(event: Event[Payload], states: States, numbers: Numbers, now: datetime) -> Made:
    data = event.narrow(EngagementCancellationRequestedV1).data
    key = data.engagement_id
    before = states.get(key) or Tally(key, TenantId(data.client_id))
    decision = before.take(event.seq, data.reason)
    states[key] = decision.state
    numbers[key] = numbers.get(key, 0) + 1
    origin = Origin(actor=event.actor, tenant_id=event.tenant_id, causation_id=event.id)
    fact = outgoing(decision.facts[0])
    return record(make_event(fact, origin, subject=key, seq=numbers[key], time=now))


def document(state: Tally, seq: int, created_at: datetime, now: datetime) -> dict[str, object]:
    return {
        "_id": state.id,
        "schema": 1,
        "seq": seq,
        "status": DOCUMENTS.status_of(state),
        "parties": sorted(state.parties),
        "due_at": state.due_at,
        "tasks": [],
        "created_at": created_at,
        "changed_at": now,
        "state": DOCUMENTS.dump(state),
    }
