"""Each guard stops what it is there for on real servers, and counts it; what it let through is whole."""

from collections.abc import AsyncIterator
from typing import Final
from uuid import uuid4

import pytest

from kpo_chassis.announcement import Parcel
from kpo_chassis.kernel import Caller, Command, PersonId, TenantId
from kpo_chassis.mongo import MongoDatabase
from kpo_chassis.store import OUTBOX, PARKED, POSITIONS
from kpo_chassis.testing.meters import NotedMeters
from kpo_cli.stack.servers import Servers

from .bench import PARTITIONS, SOURCE, TARGET, Bench, a_bench, a_record
from .sample import counter_of, create

pytestmark = pytest.mark.real

GUARD: Final = "kpo_guard_stopped_total"


@pytest.fixture
async def bench(servers: Servers) -> AsyncIterator[Bench]:
    async with a_bench(servers) as made:
        yield made


@pytest.fixture
def meters() -> NotedMeters:
    return NotedMeters()


async def test_who_lost_a_partition_to_another_is_stopped_by_its_position(
    bench: Bench, meters: NotedMeters
) -> None:
    client = uuid4()
    database = await MongoDatabase.open(bench.client, bench.name)
    async with bench.worker(meters=meters):
        await bench.send(client, 1)
        await bench.until("notes", 1)
        for number in range(PARTITIONS):
            await database.claim(f"{SOURCE}/{number}")

        await bench.send(client, 2)

        await bench.until("notes", 2)
        assert meters.counted(GUARD, guard="position") > 0
        assert len(await bench.rows(POSITIONS)) >= PARTITIONS


async def test_an_event_that_comes_twice_is_stopped_by_its_number(bench: Bench, meters: NotedMeters) -> None:
    client = uuid4()
    async with bench.worker(meters=meters):
        await bench.send(client, 1)
        await bench.send(client, 1)
        await bench.send(client, 2)

        await bench.until("notes", 2)

    (counter,) = await bench.rows("counters")
    assert (counter["_id"], counter["seq"]) == (counter_of(client), 2)
    assert meters.counted("kpo_duplicates_total") == 1


async def test_an_event_that_comes_too_early_is_stopped_as_a_gap(bench: Bench, meters: NotedMeters) -> None:
    client = uuid4()
    async with bench.worker(meters=meters):
        await bench.send(client, 2)
        await bench.until(PARKED, 1)
        assert await bench.count("notes") == 0

        await bench.send(client, 1)

        await bench.until("notes", 2)
    assert meters.counted("kpo_gaps_total") == 1


async def test_a_command_that_another_process_has_carried_out_is_stopped_by_its_key(
    bench: Bench, meters: NotedMeters
) -> None:
    caller, key = Caller(PersonId(uuid4()), TenantId(uuid4()), frozenset()), uuid4()
    async with bench.worker() as one, bench.worker(meters=meters) as other:
        for machinery in (one, other):
            cause = Command(caller, key="the same", fingerprint="the same")
            await create(key, caller.tenant, None, cause, changes=machinery.committer)

    assert await bench.count("counters") == 1
    assert meters.counted(GUARD, guard="request_key") == 1


async def test_a_later_announcement_is_stopped_until_the_earlier_one_is_out(
    bench: Bench, meters: NotedMeters
) -> None:
    client = uuid4()
    first, second = (a_record(client, number)._replace(topic=TARGET) for number in (1, 2))
    earlier = Parcel(uuid4().hex, frozenset(), (first,))
    later = Parcel(uuid4().hex, frozenset({earlier.id}), (second,))
    database = await MongoDatabase.open(bench.client, bench.name)
    for parcel in (earlier, later):
        async with database.transaction() as tx:
            await tx.announce(parcel.document())

    async with bench.worker(meters=meters) as machinery:
        machinery.relay.publish(later)
        await bench.until(OUTBOX, 0)

    assert meters.counted(GUARD, guard="order") > 0
    assert (await bench.announced())[str(client)] == [1, 2]
