"""What client and database could do at most, alone: reading records, and writing documents in bulk."""

from datetime import UTC, datetime
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from benchmarks.backlog import TEXT
from benchmarks.measuring import Stopwatch
from benchmarks.plan import BATCH_EVENTS_MAX, Plan
from benchmarks.tally import COLLECTION, SOURCE, Tally
from benchmarks.unsafe_loop import document
from pymongo import ReplaceOne

from kpo_chassis.kafka import POLL_MILLISECONDS
from kpo_chassis.kernel import TenantId
from kpo_chassis.mongo import connect
from kpo_chassis.mongo.database import SAFE


async def read(plan: Plan, watch: Stopwatch) -> None:
    """Read the backlog and do nothing with it."""
    consumer = AIOKafkaConsumer(bootstrap_servers=plan.kafka, max_poll_records=BATCH_EVENTS_MAX)
    await consumer.start()
    await consumer._client.force_metadata_update()  # noqa: SLF001 - a fresh consumer knows no topic yet.
    places = [TopicPartition(SOURCE, number) for number in consumer.partitions_for_topic(SOURCE)]
    consumer.assign(places)
    await consumer.seek_to_beginning(*places)
    while not watch.done.is_set():
        polled = await consumer.getmany(timeout_ms=POLL_MILLISECONDS)
        watch.begin()
        watch.count(sum(map(len, polled.values())))
    await consumer.stop()


async def write(plan: Plan, watch: Stopwatch) -> None:
    """Write as many documents as there are events, unordered, without reading anything."""
    client = connect(plan.mongo_url)
    collection = client.get_database(plan.name, write_concern=SAFE)[COLLECTION]
    now = datetime.now(UTC)
    watch.begin()
    for first in range(0, plan.events, BATCH_EVENTS_MAX):
        keys = [UUID(int=first + n) for n in range(min(BATCH_EVENTS_MAX, plan.events - first))]
        rows = [document(Tally(key, TenantId(key), text=TEXT[:500]), 1, now, now) for key in keys]
        writes = [ReplaceOne({"_id": row["_id"]}, row, upsert=True) for row in rows]
        await collection.bulk_write(writes, ordered=False)
        watch.count(len(writes))
    client.close()
