"""What a worker shows of itself now and then: what waits, how far behind it is, what is late."""

from collections.abc import Sequence
from datetime import datetime

from kpo_chassis.committer import WallClock
from kpo_chassis.consumer import Consuming
from kpo_chassis.documents import ANY_TENANT, Documents
from kpo_chassis.meters import Meters
from kpo_chassis.store import OUTBOX, PARKED, Database

GAUGE_SECONDS = 5.0
OVERDUE_SECONDS = 60.0
"""Late tasks are looked for less often: that reads every open task."""

SHOWN_MAX = 10_000
"""Where a gauge of documents stops: far above what is healthy."""


class Gauges:
    """Sets the gauges of a worker that no change moves by itself."""

    def __init__(
        self,
        database: Database,
        documents: Sequence[Documents],
        consuming: Consuming,
        clock: WallClock,
        meters: Meters,
    ) -> None:
        self._database = database
        self._documents = documents
        self._consuming = consuming
        self._clock = clock
        self._meters = meters
        self._topics: set[str] = set()

    async def measure(self) -> None:
        """Look at the outbox, at what is parked, and at the own partitions."""
        self._measure_consumption()
        self._meters.set("kpo_outbox_age_seconds", await self._outbox_age_seconds())
        self._meters.set("kpo_parked_events", await self._database.count(PARKED, {}, limit=SHOWN_MAX))

    async def _outbox_age_seconds(self) -> float:
        oldest = await self._database.find(OUTBOX, {}, sort=(("at", 1),), limit=1)
        if not oldest:
            return 0.0
        at = oldest[0]["at"]
        assert isinstance(at, datetime)
        return max(0.0, (await self._database.now() - at).total_seconds())

    def _measure_consumption(self) -> None:
        lanes = self._consuming.lanes.values()
        self._topics |= {lane.topic for lane in lanes}  # One that went to another worker shows 0 from now on.
        for topic in sorted(self._topics):
            lag = sum(self._consuming.lag(lane) or 0 for lane in lanes if lane.topic == topic)
            self._meters.set("kpo_consumer_lag_records", lag, {"topic": topic})
        self._meters.set("kpo_consumer_paused", int(self._consuming.paused))

    async def measure_tasks(self) -> None:
        """Count what has a task that is past its time: somebody or some clock is late."""
        where = {"tasks.tenant": ANY_TENANT, "tasks.until": {"$lt": self._clock.now()}}
        for documents in self._documents:
            count = await self._database.count(documents.collection, where, limit=SHOWN_MAX)
            self._meters.set("kpo_tasks_overdue", count, {"aggregate": documents.name})
