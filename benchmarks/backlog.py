"""The events that wait before a run begins, and the exact check of what a run has made of them."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import accumulate
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from benchmarks.plan import Plan
from benchmarks.tally import COLLECTION, SOURCE, TARGET

from kpo_chassis.broker import Outgoing
from kpo_chassis.kafka import KafkaBroker
from kpo_chassis.mongo import connect
from kpo_events.catalogue import Origin, make_event, peek, record
from kpo_events.intake import EngagementCancellationRequestedV1

SENT_AT_ONCE = 2_000
TEXT = "Knowledge process outsourcing moves work that needs judgement to people who have it. " * 6
ORIGIN = Origin(actor="machine:benchmark", tenant_id=UUID(int=7))
SEED = 20_260_302
Ends = Mapping[TopicPartition, int]


async def fill(
    bootstrap: str, *, events: int, aggregates: int, partitions: int, exponent: float
) -> Counter[UUID]:
    """Write the backlog in random order; answer how many events each aggregate has got.

    The n-th aggregate gets a share of 1 / n ** exponent (Zipf); with 0 all get the same.
    """
    broker = KafkaBroker(bootstrap, "benchmark")
    await broker.create_topics([SOURCE, TARGET], partitions, 1)
    dice = random.Random(SEED)  # noqa: S311 - the same backlog in every run, no secret.
    ids = [UUID(int=dice.getrandbits(128), version=4) for _ in range(aggregates)]
    weights = list(accumulate(1 / place**exponent for place in range(1, aggregates + 1)))
    numbers: Counter[UUID] = Counter()
    producer = await broker.producer()
    for first in range(0, events, SENT_AT_ONCE):
        chosen = dice.choices(ids, cum_weights=weights, k=min(SENT_AT_ONCE, events - first))
        await producer.send([_next(aggregate, numbers) for aggregate in chosen])
    await producer.close()
    return numbers


def _next(aggregate: UUID, numbers: Counter[UUID]) -> Outgoing:
    numbers[aggregate] += 1
    return an_event(aggregate, numbers[aggregate])


def an_event(aggregate: UUID, number: int) -> Outgoing:
    """Make the event with this number in the stream of an aggregate, about 1 KB of it."""
    payload = EngagementCancellationRequestedV1(
        engagement_id=aggregate, client_id=UUID(int=aggregate.int ^ 1), mode=TEXT[:350], reason=TEXT[:500]
    )
    event = make_event(payload, ORIGIN, subject=aggregate, seq=number, time=datetime.now(UTC))
    made = record(event)
    return Outgoing(made.topic, str(aggregate), tuple(made.headers), made.value)


async def ends(bootstrap: str) -> Ends:
    """Say where the target topic ends now."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    try:
        return await _ends(consumer)
    finally:
        await consumer.stop()


async def complaint(plan: Plan, before: Ends, expected: Counter[UUID]) -> str:
    """Compare states and announcements with what was sent, one by one; the empty text is praise."""
    return await _wrong_state(plan, expected) or await _wrong_stream(plan, before, expected)


async def complaint_about_part(plan: Plan, before: Ends) -> str:
    """Check a loop that ended in the middle of the backlog: what it took, it took once and in order."""
    client = connect(plan.mongo_url)
    taken: Counter[UUID] = Counter()
    async for row in client[plan.name][COLLECTION].find({}, {"state": 1}):
        count, total = row["state"]["count"], row["state"]["total"]
        if total != count * (count + 1) // 2:
            return f"aggregate {row['_id']} has taken {count} events, and not the first ones once each"
        taken[row["_id"]] = count
    client.close()
    if taken.total() < plan.events:
        return f"{taken.total()} events were taken of {plan.events}"
    announced = await _announced(plan.kafka, before)
    for aggregate, numbers in announced.items():
        if numbers != list(range(1, len(numbers) + 1)) or len(numbers) > taken[UUID(aggregate)]:
            return f"stream {aggregate} was announced as {numbers}"
    return ""


async def _wrong_state(plan: Plan, expected: Counter[UUID]) -> str:
    client = connect(plan.mongo_url)
    seen = 0
    async for row in client[plan.name][COLLECTION].find({}, {"state": 1}):
        state, count = row["state"], expected[row["_id"]]
        if (state["count"], state["total"]) != (count, count * (count + 1) // 2):
            return f"aggregate {row['_id']} has {state['count']} and {state['total']}, not {count} events"
        seen += 1
    client.close()
    return "" if seen == len(expected) else f"{seen} aggregates of {len(expected)} are there"


async def _wrong_stream(plan: Plan, before: Ends, expected: Counter[UUID]) -> str:
    announced = await _announced(plan.kafka, before)
    for aggregate, count in expected.items():
        if announced[str(aggregate)] != list(range(1, count + 1)):
            return f"stream {aggregate} was announced as {announced[str(aggregate)]}, not 1 to {count}"
    return "" if len(announced) == len(expected) else "streams appeared that nobody asked for"


async def _announced(bootstrap: str, before: Ends) -> defaultdict[str, list[int]]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await consumer.start()
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    try:
        after = await _ends(consumer)
        consumer.assign(list(after))
        for place, offset in before.items():
            consumer.seek(place, offset)
        left = sum(after.values()) - sum(before.values())
        while left > 0:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                left -= len(records)
                for found in records:
                    numbers[found.key.decode()].append(peek(found.headers).seq)
    finally:
        await consumer.stop()
    return numbers


async def _ends(consumer: AIOKafkaConsumer) -> Ends:
    await consumer._client.force_metadata_update()  # noqa: SLF001 - a fresh consumer knows no topic yet.
    partitions = consumer.partitions_for_topic(TARGET)
    assert partitions, f"{TARGET} does not exist"
    found: Ends = await consumer.end_offsets([TopicPartition(TARGET, number) for number in partitions])
    return found
