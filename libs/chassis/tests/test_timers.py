"""Clocks are looked for so often that none is late, whoever sets it and for when."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from kpo_chassis.documents import Documents
from kpo_chassis.kernel import Clock
from kpo_chassis.machinery import every
from kpo_chassis.testing.database import MemoryDatabase, Shelves
from kpo_chassis.testing.meters import NotedMeters
from kpo_chassis.timers import TIMER_SECONDS, Timers

from .model.virtual_time import VirtualLoop, virtual_time
from .sample import Counter, blueprint

DOCUMENTS: dict[type[object], Documents] = {each.type: each for each in blueprint().documents}
COUNTERS = DOCUMENTS[Counter].collection


class Clockwork:
    """The clocks of one worker in virtual time, and when each of them rang."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._shelves = Shelves(loop.now)
        database = MemoryDatabase(self._shelves)
        self.rang: dict[UUID, datetime] = {}
        timers = Timers(database, DOCUMENTS, {Counter: self._ring}, loop, NotedMeters())
        self._looking = loop.create_task(every(TIMER_SECONDS, timers.sweep))

    async def _ring(self, key: UUID, _: Clock) -> None:
        self.rang[key] = self._loop.now()
        self._shelves.remove(COUNTERS, key)

    def pass_time(self, seconds: float) -> None:
        self._loop.run_until_complete(asyncio.sleep(seconds))

    def wind(self, after: timedelta) -> tuple[UUID, datetime]:
        """Set a clock as another process would: nobody here hears of it."""
        key, due_at = uuid4(), self._loop.now() + after
        self._shelves.put(COUNTERS, {"_id": key, "due_at": due_at, "due_trace": None})
        return key, due_at


@pytest.fixture
def clockwork() -> Iterator[Clockwork]:
    with virtual_time() as loop:
        yield Clockwork(loop)


@pytest.mark.parametrize("wound_at", [0.05, 0.3, 0.55, 0.8])
@pytest.mark.parametrize("seconds", [-5, 0, 0.3, 3])
def test_a_clock_of_another_process_rings_in_time_and_never_before(
    clockwork: Clockwork, wound_at: float, seconds: float
) -> None:
    clockwork.pass_time(wound_at)
    key, due_at = clockwork.wind(timedelta(seconds=seconds))
    possible_at = due_at + timedelta(seconds=max(0, -seconds))

    clockwork.pass_time(max(0, seconds) + 1)

    assert possible_at <= clockwork.rang[key] <= possible_at + timedelta(seconds=TIMER_SECONDS)
