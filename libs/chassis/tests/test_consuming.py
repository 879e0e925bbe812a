"""How records wait: in the queue up to its bound, behind it in the log."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from time import monotonic
from uuid import uuid4

import pytest

from kpo_chassis.consumer import QUEUED_RECORDS_MAX
from kpo_chassis.machinery import Machinery, Ports
from kpo_chassis.testing.blobs import MemoryBlobs
from kpo_chassis.testing.broker import MemoryBroker
from kpo_chassis.testing.database import MemoryDatabase
from kpo_chassis.testing.service import StoppedClock

from .bench import a_record
from .sample import blueprint

TOPIC = "intake.client"
LOOK_SECONDS = 0.01
SECONDS_MAX = 30.0
EVENTS = 10


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker()


@pytest.fixture
async def consuming(broker: MemoryBroker) -> AsyncIterator[Machinery]:
    """Read records without a committer, so that nothing leaves the queue."""
    clock = StoppedClock(datetime(2026, 3, 2, tzinfo=UTC))
    machinery = Machinery(blueprint(), Ports(MemoryDatabase(), broker, MemoryBlobs(), clock))
    reading = asyncio.create_task(machinery.consuming.run([TOPIC]))
    yield machinery
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


def send(broker: MemoryBroker, count: int) -> None:
    for _ in range(count):
        broker.append(TOPIC, None, (), b"")


async def until(is_so: Callable[[], bool]) -> None:
    deadline = monotonic() + SECONDS_MAX
    while not is_so():
        assert monotonic() < deadline, "it does not come to that"
        await asyncio.sleep(LOOK_SECONDS)


async def test_above_the_bound_of_the_queue_no_more_is_read(
    consuming: Machinery, broker: MemoryBroker
) -> None:
    send(broker, QUEUED_RECORDS_MAX + 1)
    await until(lambda: consuming.committer.queued > QUEUED_RECORDS_MAX)

    send(broker, 1)
    await asyncio.sleep(10 * LOOK_SECONDS)

    assert consuming.committer.queued == QUEUED_RECORDS_MAX + 1


async def test_a_queue_that_stands_still_pauses_its_partitions(
    consuming: Machinery, broker: MemoryBroker
) -> None:
    send(broker, QUEUED_RECORDS_MAX + 1)

    await until(lambda: consuming.consuming.paused)
    send(broker, 1)
    await asyncio.sleep(10 * LOOK_SECONDS)

    assert consuming.committer.queued == QUEUED_RECORDS_MAX + 1


async def test_what_waited_for_room_in_the_outbox_goes_on_when_there_is_some(broker: MemoryBroker) -> None:
    machinery = Machinery(blueprint(), Ports(MemoryDatabase(), broker, MemoryBlobs(), StoppedClock()))
    tasks = [
        asyncio.create_task(loop) for loop in (machinery.committer.run(), machinery.consuming.run([TOPIC]))
    ]
    machinery.committer.bound(full=True)
    for client in [uuid4() for _ in range(EVENTS)]:
        made = a_record(client, 1)
        broker.append(made.topic, made.key, made.headers, made.value)
    await until(lambda: machinery.committer.queued == EVENTS)
    await asyncio.sleep(LOOK_SECONDS)  # All of them have their verdicts.

    machinery.committer.bound(full=False)

    await until(lambda: machinery.committer.queued == 0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_queue_that_has_room_again_is_filled(consuming: Machinery, broker: MemoryBroker) -> None:
    send(broker, QUEUED_RECORDS_MAX + 1)
    await until(lambda: consuming.consuming.paused)
    send(broker, 1)

    for lane in consuming.consuming.lanes.values():
        lane.take(len(lane.slots))
    await until(lambda: consuming.committer.queued > 0)

    assert consuming.committer.queued == 1
    assert not consuming.consuming.paused
