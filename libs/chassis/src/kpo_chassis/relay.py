"""Publishes outbox documents in the order of their dependencies, right after commit or by a sweep."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import timedelta

from kpo_chassis.broker import Broker, Outgoing, Producer
from kpo_chassis.kernel import TransientError
from kpo_chassis.meters import Meters
from kpo_chassis.store import OUTBOX, Database, Document

log = logging.getLogger("kpo.relay")

SWEEP_SECONDS = 0.5
SWEEP_AGE = timedelta(seconds=2)
"""A document that is still there after this long was left behind by somebody."""

SWEEP_DOCUMENTS_MAX = 100
OUTBOX_DOCUMENTS_MAX = 2_000
"""Above this many unpublished documents commands are refused and records wait."""

WAITING_DOCUMENTS_MAX = 200
"""How many documents this process keeps in memory; more are left to the sweep."""

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
        self._waiting: dict[str, Document] = {}
        self._acknowledged: OrderedDict[str, None] = OrderedDict()
        self._forgettable: list[str] = []
        self._wake = asyncio.Event()
        self._held_seconds = HELD_SECONDS_MIN

    def publish(self, document: Document) -> None:
        """Take a document that has just been committed here."""
        if len(self._waiting) < WAITING_DOCUMENTS_MAX:
            self._waiting[str(document["_id"])] = document
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

    async def _flight(self) -> list[Document]:
        """Choose the documents that may go out together now, in their order."""
        unknown = {p for d in self._waiting.values() for p in _prev(d)} - self._known()
        still_there = await self._existing(unknown)
        flight: list[Document] = []
        going: set[str] = set()
        for key, document in self._waiting.items():
            blocked = [
                p for p in _prev(document) if p in still_there or (p in self._waiting and p not in going)
            ]
            if not blocked:
                flight.append(document)
                going.add(key)
        return flight

    def _known(self) -> set[str]:
        return self._waiting.keys() | self._acknowledged.keys()

    async def _existing(self, ids: set[str]) -> set[str]:
        if not ids:
            return set()
        found = await self._database.find(OUTBOX, {"_id": {"$in": sorted(ids)}}, limit=len(ids))
        return {str(document["_id"]) for document in found}

    async def _fly(self, flight: Sequence[Document]) -> None:
        if self._producer is None:
            self._producer = await self._broker.producer()
        records = [record for document in flight for record in _records(document)]
        await self._producer.send(records)
        self._meters.add("kpo_published_total", amount=len(records))
        for document in flight:
            key = str(document["_id"])
            self._waiting.pop(key, None)
            self._acknowledged[key] = None
            self._forgettable.append(key)
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
            if str(document["_id"]) not in self._acknowledged:
                self.publish(document)

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


def _prev(document: Document) -> list[str]:
    prev = document["prev"]
    assert isinstance(prev, list)
    return prev


def _records(document: Document) -> list[Outgoing]:
    events = document["events"]
    assert isinstance(events, list)
    return [
        Outgoing(
            event["topic"],
            event["key"],
            tuple((name, value) for name, value in event["headers"]),
            event["body"],
        )
        for event in events
    ]
