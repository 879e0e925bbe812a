"""Everything may arrive twice: nothing changes the second time."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

import pytest

from kpo_chassis.broker import Outgoing, Partition
from kpo_chassis.kafka import KafkaBroker
from kpo_chassis.work import Incoming
from kpo_cli.stack.system import System
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor
from kpo_cli.story.assignment import Tale
from kpo_cli.story.watch import Watch
from kpo_events.catalogue import TOPICS

from .conftest import at_rest

pytestmark = pytest.mark.real

QUIET_POLLS = 10


async def read_all(system: System) -> list[Incoming]:
    """Read every record of every topic, in order per partition, until nothing more comes."""
    broker = KafkaBroker(system.endpoints.kafka_bootstrap, "duplicates")
    consumer = broker.consumer(f"duplicates-{uuid4().hex}")
    joined = asyncio.Event()

    async def from_the_beginning(partitions: Sequence[Partition]) -> None:
        for partition in partitions:
            consumer.seek(partition, 0)
        joined.set()

    async def forget(_: Sequence[Partition]) -> None:
        return

    await consumer.start(list(TOPICS), from_the_beginning, forget)
    await joined.wait()
    records: list[Incoming] = []
    quiet = 0
    while quiet < QUIET_POLLS:
        found = await consumer.poll()
        quiet = 0 if found else quiet + 1
        records.extend(found)
    await consumer.close()
    return records


async def picture(tale: Tale, watch: Watch) -> dict[str, object]:
    """Take down what people and other services can see."""
    await watch.to_the_end()
    client, operator = tale.client, tale.operator
    return {
        "streams": watch.streams(),
        "balances": (await operator.get("billing", "/v1/ledger/balances")).body,
        "timeline": (await client.get("intake", f"{tale.engaged.path}/timeline?limit=200")).body["items"],
        "engagement": (await client.get("intake", tale.engaged.path)).body,
        "work order": (await client.get("delivery", tale.engaged.work_order_path)).body,
        "tasks": [
            say.rows((await operator.get(name, "/v1/tasks?limit=200")).body["items"])
            for name in client.world.urls
        ],
    }


async def test_all_topics_produced_a_second_time_change_nothing(
    system: System, tale: Tale, watch: Watch, workers: Actor
) -> None:
    await at_rest(workers)
    before = await picture(tale, watch)
    records = await read_all(system)
    producer = await KafkaBroker(system.endpoints.kafka_bootstrap, "duplicates").producer()

    await producer.send([Outgoing(r.topic, str(r.key), r.headers, r.value) for r in records if r.numbered])
    await producer.close()
    await asyncio.sleep(1)
    await at_rest(workers)

    assert len(records) >= sum(len(numbers) for numbers in watch.streams().values()) > 30
    assert await picture(tale, watch) == before
