"""Periodic jobs: a worker does them again and again, whatever becomes of one of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from kpo_chassis.doors import Blueprint, Doors, Engine, Job
from kpo_chassis.kernel import TransientError
from kpo_chassis.machinery import Machinery, Ports
from kpo_chassis.testing.blobs import MemoryBlobs
from kpo_chassis.testing.broker import MemoryBroker
from kpo_chassis.testing.database import MemoryDatabase
from kpo_chassis.testing.service import START, StoppedClock, memory

from . import sample

WAIT_SECONDS_MAX = 5
OFTEN = timedelta(milliseconds=1)


def a_blueprint(run: Callable[[datetime], Awaitable[object]], every: timedelta = OFTEN) -> Blueprint:
    def build(engine: Engine) -> Doors:
        return replace(sample.build(engine), jobs=(Job("tidy", every, run),))

    return replace(sample.blueprint(), build=build)


@asynccontextmanager
async def a_process(blueprint: Blueprint, *, worker: bool = True) -> AsyncIterator[Machinery]:
    ports = Ports(MemoryDatabase(), MemoryBroker(), MemoryBlobs(), StoppedClock())
    machinery = Machinery(blueprint, ports)
    async with machinery.running(worker=worker):
        yield machinery


async def test_a_worker_does_a_job_again_and_again_and_tells_it_the_time() -> None:
    times: list[datetime] = []
    enough = asyncio.Event()

    async def run(now: datetime) -> None:
        times.append(now)
        if len(times) == 3:
            enough.set()

    async with a_process(a_blueprint(run)), asyncio.timeout(WAIT_SECONDS_MAX):
        await enough.wait()

    assert set(times) == {START}


async def test_a_process_that_is_no_worker_does_no_jobs() -> None:
    done: list[datetime] = []

    async def run(now: datetime) -> None:
        done.append(now)

    async with a_process(a_blueprint(run), worker=False):
        await asyncio.sleep(0.05)

    assert done == []


async def test_a_job_that_fails_is_tried_again_and_ends_nothing() -> None:
    errors: list[Exception] = [ZeroDivisionError(), TransientError("the database is away")]
    enough = asyncio.Event()

    async def run(now: datetime) -> None:
        assert now == START
        if errors:
            raise errors.pop()
        enough.set()

    async with a_process(a_blueprint(run)) as machinery, asyncio.timeout(WAIT_SECONDS_MAX):
        await enough.wait()

        assert not machinery.failed.done()


async def test_a_test_does_every_job_when_it_wants() -> None:
    times: list[datetime] = []

    async def run(now: datetime) -> None:
        times.append(now)

    async with memory(a_blueprint(run)) as service:
        assert times == []
        await service.tick(timedelta(hours=1))
        await service.run_jobs()

    assert times == [START + timedelta(hours=1)]
