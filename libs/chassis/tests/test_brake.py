"""A deployment that parks what it meets is stopped; bad data, and what waits behind it, stop nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4
from zlib import crc32

import pytest

from kpo_chassis.brake import PARKED_IN_A_ROW_MAX, PARKED_IN_WINDOW_MAX, TooMuchParkedError, parked_last
from kpo_chassis.reader import READER, Reader
from kpo_chassis.store import PARKED
from kpo_chassis.testing.broker import PARTITIONS, MemoryBroker
from kpo_chassis.testing.database import MemoryDatabase
from kpo_chassis.testing.service import MemoryService, memory
from kpo_chassis.work import Lane
from kpo_events.catalogue import Event, decode
from kpo_events.payload import Payload

from .bench import LOOK_SECONDS, SECONDS_MAX, Bench, a_record
from .sample import EARLY, POISON, blueprint

WELL = "Acme"


@pytest.fixture
async def service() -> AsyncIterator[MemoryService]:
    async with memory(blueprint()) as running:
        yield running


def keys(partition: int = 0) -> Iterator[UUID]:
    """Make clients whose records all go to one partition."""
    while True:
        key = uuid4()
        if crc32(str(key).encode()) % PARTITIONS == partition:
            yield key


def arrive(service: MemoryService, *names: str, key: UUID | None = None, partition: int = 0) -> None:
    """Let records arrive in one partition: the first of a client each, or all of the client `key`."""
    for number, (name, new) in enumerate(zip(names, keys(partition), strict=False), start=1):
        record = a_record(key or new, number if key else 1, name)
        service.broker.append(record.topic, record.key, record.headers, record.value)


async def until_stopped(service: MemoryService) -> None:
    """Wait for the process to fail, which `settle` raises."""
    async with asyncio.timeout(SECONDS_MAX):
        while True:
            await service.settle()
            await asyncio.sleep(LOOK_SECONDS)


async def parked(service: MemoryService) -> int:
    return await service.database.count(PARKED, {}, limit=10_000)


async def test_as_many_as_may_be_parked_in_a_row_stop_nothing(service: MemoryService) -> None:
    arrive(service, *[POISON] * PARKED_IN_A_ROW_MAX)

    await service.settle()

    assert await parked(service) == PARKED_IN_A_ROW_MAX


async def test_one_more_parked_in_a_row_ends_the_process_with_a_sentence(service: MemoryService) -> None:
    arrive(service, *[POISON] * (PARKED_IN_A_ROW_MAX + 1))

    with pytest.raises(
        TooMuchParkedError, match=r"intake\.client/0: 51 records in a row .* bug\. .* runbook"
    ):
        await until_stopped(service)
    arrive(service, WELL)
    await asyncio.sleep(LOOK_SECONDS)

    assert service.meters.counted("kpo_guard_stopped_total", guard="parking") == 1
    assert await service.database.count("counters", {}, limit=10) == 0


async def test_partitions_are_counted_apart(service: MemoryService) -> None:
    for partition in range(PARTITIONS):
        arrive(service, *[POISON] * PARKED_IN_A_ROW_MAX, partition=partition)

    await service.settle()

    assert await parked(service) == PARTITIONS * PARKED_IN_A_ROW_MAX


async def test_a_record_that_is_applied_begins_the_row_anew(service: MemoryService) -> None:
    row = [POISON] * PARKED_IN_A_ROW_MAX

    arrive(service, *row, WELL, *row)
    await service.settle()

    assert await parked(service) == 2 * PARKED_IN_A_ROW_MAX


async def test_what_is_behind_a_parked_event_does_not_count(service: MemoryService) -> None:
    arrive(service, POISON, *[WELL] * (2 * PARKED_IN_WINDOW_MAX), key=next(keys()))

    await service.settle()

    assert await parked(service) == 2 * PARKED_IN_WINDOW_MAX + 1


async def test_what_comes_back_by_itself_does_not_count(service: MemoryService) -> None:
    arrive(service, *[EARLY] * (PARKED_IN_A_ROW_MAX + 1))

    await service.settle()

    assert await parked(service) == PARKED_IN_A_ROW_MAX + 1


async def test_too_large_a_share_of_parked_records_ends_the_process_too(service: MemoryService) -> None:
    for partition in range(PARTITIONS):
        arrive(service, *[POISON, WELL] * (PARKED_IN_WINDOW_MAX // 2), partition=partition)

    with pytest.raises(TooMuchParkedError, match=r"201 of \d+ records were parked"):
        await until_stopped(service)


async def test_a_small_share_of_parked_records_stops_nothing_however_many_they_become(
    service: MemoryService,
) -> None:
    for partition in range(PARTITIONS):
        arrive(service, *[POISON, *[WELL] * 9] * 100, partition=partition)

    await service.settle()

    assert await parked(service) == 100 * PARTITIONS > PARKED_IN_WINDOW_MAX


# A worker that is started again -----------------------------------------------------------------------


@dataclass
class Site:
    """A database and a log, at which one worker works after the other, and a bug that may be cured."""

    database: MemoryDatabase = field(default_factory=MemoryDatabase)
    broker: MemoryBroker = field(default_factory=MemoryBroker)
    is_cured: bool = False

    def worker(self) -> AbstractAsyncContextManager[MemoryService]:
        reader = Reader(self._decode, READER.ability)
        return memory(blueprint(), database=self.database, broker=self.broker, reader=reader)

    async def work(self, *names: str) -> int:
        """Let a worker take what arrives; say how much is parked then."""
        async with self.worker() as service:
            arrive(service, *names)
            await service.settle()
            return await parked(service)

    async def wish_retry(self) -> None:
        """Wish that the event which was parked last is tried again."""
        (row,) = await self.database.find(PARKED, {}, sort=(("offset", -1),), limit=1)
        wish = {"wish": "retry", "wished_by": "somebody", "wished_because": "a test"}
        await self.database.update(PARKED, {"_id": row["_id"]}, wish)

    def _decode(self, headers: Iterable[tuple[str, bytes]], value: bytes) -> Event[Payload]:
        event = decode(headers, value)
        well = event.data.model_copy(update={"name": WELL})
        return replace(event, data=well) if self.is_cured else event


@pytest.fixture
async def site() -> Site:
    """Give a site whose last worker has parked as much in a row as it may."""
    site = Site()
    await site.work(*[POISON] * PARKED_IN_A_ROW_MAX)
    return site


async def test_a_worker_that_is_started_again_goes_on_counting(site: Site) -> None:
    async with site.worker() as service:
        arrive(service, *[POISON] * PARKED_IN_A_ROW_MAX)
        with pytest.raises(TooMuchParkedError, match="51 records in a row"):
            await until_stopped(service)

        assert await parked(service) == PARKED_IN_A_ROW_MAX + 1


async def test_a_worker_that_is_started_again_and_applies_a_record_counts_anew(site: Site) -> None:
    assert await site.work(WELL, *[POISON] * PARKED_IN_A_ROW_MAX) == 2 * PARKED_IN_A_ROW_MAX


async def test_a_parked_event_that_comes_back_well_begins_the_row_anew(site: Site) -> None:
    async with site.worker() as service:
        await service.settle()
        site.is_cured = True
        await site.wish_retry()
        await service.heal()
        await service.heal()
        site.is_cured = False

        arrive(service, *[POISON] * PARKED_IN_A_ROW_MAX)
        await service.settle()

        assert await parked(service) == 2 * PARKED_IN_A_ROW_MAX - 1


async def test_what_a_person_has_looked_at_is_not_counted_again(site: Site) -> None:
    lane = Lane("intake.client", 0, epoch=1, next_offset=PARKED_IN_A_ROW_MAX, base=0)
    before = await parked_last(site.database, lane)

    await site.wish_retry()

    assert (before, await parked_last(site.database, lane)) == (PARKED_IN_A_ROW_MAX, 0)


async def test_what_lies_before_a_record_that_was_not_parked_is_not_counted(site: Site) -> None:
    lane = Lane("intake.client", 0, epoch=1, next_offset=PARKED_IN_A_ROW_MAX + 1, base=0)

    assert await parked_last(site.database, lane) == 0


@pytest.mark.real
async def test_a_worker_that_parks_all_it_meets_ends_on_real_servers(bench: Bench) -> None:
    for count in (10 * PARKED_IN_A_ROW_MAX, PARTITIONS):  # The second is started again, and meets the same.
        await bench.producer.send([a_record(uuid4(), 1, POISON) for _ in range(count)])
        async with bench.worker() as machinery:
            with pytest.raises(TooMuchParkedError, match="bad deployment"):
                await asyncio.wait_for(machinery.failed, SECONDS_MAX)
