"""Publishes outbox documents in the order of their dependencies, right after commit or by a sweep."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import timedelta

from kpo_chassis.announcement import Parcel
from kpo_chassis.broker import Broker, Producer
from kpo_chassis.kernel import TransientError
from kpo_chassis.meters import Meters
from kpo_chassis.store import OUTBOX, Database

log = logging.getLogger("kpo.relay")

SWEEP_SECONDS = 0.5
SWEEP_AGE = timedelta(seconds=2)
"""A document that is still there after this long was left behind by somebody."""

SWEEP_DOCUMENTS_MAX = 20
"""How many are taken up at once, from the oldest: one of them at least waits for no other."""

OUTBOX_DOCUMENTS_MAX = 2_000
"""Above this many unpublished documents commands are refused and records wait."""

WAITING_DOCUMENTS_MAX = 200
"""How many documents this process keeps in memory; more are left to the sweep."""

FLIGHT_DOCUMENTS_MAX = 20
"""How many documents are sent together, and again together when the broker fails."""

ACKNOWLEDGED_KEPT_MAX = 10_000
HELD_SECONDS_MIN = 0.005
HELD_SECONDS_MAX = 2.0


class Relay:
    """One per process. A document goes out only when all documents it depends on are gone or went before."""

    def __init__(
        self, database: Database, broker: Broker, meters: Meters, bound: Callable[[bool], None]
    ) -> None:
        self._database = database
        self._broker = broker
        self._meters = meters
        self._bound = bound
        self._producer: Producer | None = None
        self._waiting: dict[str, Parcel] = {}
        self._acknowledged: OrderedDict[str, None] = OrderedDict()
        self._forgettable: list[str] = []
        self._wake = asyncio.Event()
        self._held_seconds = HELD_SECONDS_MIN

    def publish(self, parcel: Parcel) -> None:
        """Take what has just been committed here."""
        if len(self._waiting) < WAITING_DOCUMENTS_MAX:
            self._waiting[parcel.id] = parcel
            self._wake.set()

    async def run(self) -> None:
        """Publish what waits, for ever; any failure of the broker is answered with a new producer."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                try:
                    flight = await self._flight()
                    if flight:
                        await self._fly(flight)
                        self._held_seconds = HELD_SECONDS_MIN
                        continue
                except TransientError as error:
                    log.warning("publish_failed", extra={"reason": str(error)[:200]})
                    self._meters.add("kpo_publish_failures_total")
                    await self._drop_producer()
                await asyncio.sleep(self._held_seconds)
                self._held_seconds = min(HELD_SECONDS_MAX, self._held_seconds * 2)

    async def _flight(self) -> list[Parcel]:
        """Choose what may go out together now, in its order."""
        waiting = list(self._waiting.values())  # What comes during the look is not part of its answer.
        unknown = {p for parcel in waiting for p in parcel.prev} - self._known()
        still_there = await self._existing(unknown)
        flight: list[Parcel] = []
        going: set[str] = set()
        for parcel in waiting:
            if not still_there.isdisjoint(parcel.prev):
                self._meters.add("kpo_guard_stopped_total", {"guard": "order"})
            blocked = any(p in still_there or (p in self._waiting and p not in going) for p in parcel.prev)
            if not blocked and len(flight) < FLIGHT_DOCUMENTS_MAX:
                flight.append(parcel)
                going.add(parcel.id)
        return flight

    def _known(self) -> set[str]:
        return self._waiting.keys() | self._acknowledged.keys()

    async def _existing(self, ids: set[str]) -> set[str]:
        if not ids:
            return set()
        return {str(key) for key in await self._database.existing(OUTBOX, sorted(ids))}

    async def _fly(self, flight: Sequence[Parcel]) -> None:
        if self._producer is None:
            self._producer = await self._broker.producer()
        records = [record for parcel in flight for record in parcel.records]
        await self._producer.send(records)
        self._meters.add("kpo_published_total", amount=len(records))
        for parcel in flight:
            self._waiting.pop(parcel.id, None)
            self._acknowledged[parcel.id] = None
            self._forgettable.append(parcel.id)
        while len(self._acknowledged) > ACKNOWLEDGED_KEPT_MAX:
            self._acknowledged.popitem(last=False)

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.close()

    async def forget(self) -> None:
        """Delete what was acknowledged, grouped; a lost delete only makes a duplicate."""
        ids, self._forgettable = self._forgettable, []
        if ids:
            try:
                await self._database.forget(OUTBOX, ids)
            except TransientError:
                self._forgettable.extend(ids)

    async def sweep(self) -> None:
        """Find documents that were left behind by a process that died or lost the broker."""
        old = await self._database.now() - SWEEP_AGE
        left = await self._database.find(
            OUTBOX, {"at": {"$lt": old}}, sort=(("at", 1),), limit=SWEEP_DOCUMENTS_MAX
        )
        for document in left:
            parcel = Parcel.read(document)
            if parcel.id not in self._acknowledged:
                self.publish(parcel)
            elif parcel.id not in self._forgettable:  # Its delete was lost with a crash of the database.
                self._forgettable.append(parcel.id)

    async def measure(self) -> None:
        """Tell the committer whether the outbox is over its bound."""
        count = await self._database.count(OUTBOX, {}, limit=OUTBOX_DOCUMENTS_MAX + 1)
        self._meters.set("kpo_outbox_documents", count)
        self._bound(count > OUTBOX_DOCUMENTS_MAX)

    @property
    def idle(self) -> bool:
        return not self._waiting

    async def close(self) -> None:
        await self.forget()
        await self._drop_producer()
