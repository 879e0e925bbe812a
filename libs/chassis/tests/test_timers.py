"""Clocks are looked for seldom while none is due, and often enough that none is late."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from kpo_chassis.documents import Documents
from kpo_chassis.kernel import Clock
from kpo_chassis.machinery import every
from kpo_chassis.store import BY_ID, Document, Sort, Where
from kpo_chassis.testing.database import MemoryDatabase, Shelves
from kpo_chassis.testing.meters import NotedMeters
from kpo_chassis.timers import AHEAD, TIMER_SECONDS, Timers

from .model.virtual_time import VirtualLoop, virtual_time
from .sample import Counter, blueprint

QUIET_SECONDS = 60
DOCUMENTS: dict[type[object], Documents] = {each.type: each for each in blueprint().documents}
COUNTERS = DOCUMENTS[Counter].collection


class CountingDatabase(MemoryDatabase):
    """Counts how often anything is looked for."""

    looks = 0

    async def find(
        self, collection: str, where: Where, *, limit: int, sort: Sort = BY_ID, without: Sequence[str] = ()
    ) -> list[Document]:
        self.looks += 1
        return await super().find(collection, where, limit=limit, sort=sort, without=without)


class Clockwork:
    """The clocks of one worker in virtual time, and when each of them rang."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._shelves = Shelves(loop.now)
        self.database = CountingDatabase(self._shelves)
        self.rang: dict[UUID, datetime] = {}
        timers = Timers(self.database, DOCUMENTS, {Counter: self._ring}, loop, NotedMeters())
        self._looking = loop.create_task(every(TIMER_SECONDS, timers.look))

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


def test_while_nothing_is_due_nobody_looks_more_often_than_once_a_second(clockwork: Clockwork) -> None:
    clockwork.pass_time(QUIET_SECONDS)

    assert 0 < clockwork.database.looks <= QUIET_SECONDS / AHEAD.total_seconds() + 1


@pytest.mark.parametrize("wound_at", [0.05, 0.3, 0.55, 0.8, 1.05, 1.3])
@pytest.mark.parametrize("after", [AHEAD, 3 * AHEAD], ids=str)
def test_a_clock_of_another_process_rings_in_time_and_never_before(
    clockwork: Clockwork, wound_at: float, after: timedelta
) -> None:
    clockwork.pass_time(wound_at)
    key, due_at = clockwork.wind(after)

    clockwork.pass_time(after.total_seconds() + 1)

    assert due_at <= clockwork.rang[key] <= due_at + timedelta(seconds=TIMER_SECONDS)
