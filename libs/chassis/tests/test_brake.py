"""A deployment that parks what it meets is stopped; bad data, and what waits behind it, stop nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import UUID, uuid4
from zlib import crc32

import pytest

from kpo_chassis.brake import PARKED_IN_A_ROW_MAX, PARKED_IN_WINDOW_MAX, TooMuchParkedError
from kpo_chassis.broker import Outgoing
from kpo_chassis.store import PARKED
from kpo_chassis.testing.broker import PARTITIONS
from kpo_chassis.testing.service import MemoryService, memory

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


@pytest.mark.real
async def test_a_worker_that_parks_all_it_meets_ends_on_real_servers(bench: Bench) -> None:
    sick: list[Outgoing] = [a_record(uuid4(), 1, POISON) for _ in range(10 * PARKED_IN_A_ROW_MAX)]
    await bench.producer.send(sick)

    async with bench.worker() as machinery:
        with pytest.raises(TooMuchParkedError, match="bad deployment"):
            await asyncio.wait_for(machinery.failed, SECONDS_MAX)
