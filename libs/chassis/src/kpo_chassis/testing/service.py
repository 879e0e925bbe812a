"""A whole service in memory, over HTTP and events, with a clock that only tests move."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx2
from fastapi import FastAPI

from kpo_chassis.cursors import Cursors
from kpo_chassis.doors import Blueprint
from kpo_chassis.edge import REQUEST_TIMEOUT_SECONDS, Edge
from kpo_chassis.kernel import Changes, Reads
from kpo_chassis.machinery import Machinery, Ports
from kpo_chassis.reader import READER, Reader
from kpo_chassis.store import Database
from kpo_chassis.testing.blobs import MemoryBlobs
from kpo_chassis.testing.broker import PARTITIONS, MemoryBroker
from kpo_chassis.testing.database import MemoryDatabase
from kpo_chassis.testing.meters import NotedMeters
from kpo_chassis.testing.stage import Stage, a_stage
from kpo_chassis.testing.tokens import Issuer
from kpo_chassis.work import Incoming
from kpo_events.catalogue import TOPICS, Event, Origin, decode, make_event, record
from kpo_events.payload import Payload

SETTLE_ROUNDS_MAX = 5_000
"""How many looks a test waits for everything to be done before it is told that something hangs."""

LOOK_SECONDS = 0.001
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class StoppedClock:
    """Stands still until a test advances it."""

    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by


class MemoryService:
    """A service under test: speak to it with `http` and `deliver`, look at `published` and `reads`."""

    def __init__(  # noqa: PLR0913 - whatever tests look at or turn.
        self,
        machinery: Machinery,
        broker: MemoryBroker,
        clock: StoppedClock,
        meters: NotedMeters,
        *,
        stage: Stage,
        request_timeout_seconds: float = REQUEST_TIMEOUT_SECONDS,
    ) -> None:
        issuer = Issuer()
        self._machinery = machinery
        self._issuer = issuer
        self._numbers: dict[tuple[str, UUID], int] = {}
        self.broker = broker
        self.clock = clock
        self.meters = meters
        self.app: FastAPI = stage.app(_edge(machinery, issuer, request_timeout_seconds), machinery)
        self.http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.app), base_url=f"http://{machinery.blueprint.name}"
        )

    @property
    def changes(self) -> Changes:
        return self._machinery.committer

    @property
    def reads(self) -> Reads:
        return self._machinery.reads

    @property
    def database(self) -> Database:
        return self._machinery.ports.database

    @property
    def published(self) -> list[Event[Payload]]:
        """Every event that the service has announced, in the order of publication."""
        events = [r for r in self.broker.sent if r.topic in TOPICS]
        return [decode(r.headers, r.value) for r in events]

    def announced(self, model: type[Payload]) -> list[Event[Payload]]:
        """Give the events of one type."""
        return [event for event in self.published if isinstance(event.data, model)]

    def token(
        self, *, tenant: UUID | None = None, person: UUID | None = None, scopes: tuple[str, ...] = ()
    ) -> dict[str, str]:
        """Give the headers of a request: a token, and a fresh idempotency key."""
        return {
            **self._issuer.headers(tenant=tenant, person=person, scopes=scopes),
            "Idempotency-Key": uuid4().hex,
        }

    async def deliver(
        self, payload: Payload, *, key: UUID, seq: int | None = None, tenant: UUID | None = None
    ) -> Incoming:
        """Let another service's event arrive, by default the next of its stream, and wait for its end."""
        event_type = payload.event_type
        stream = (Event.topic_of(event_type), key)
        number = seq or self._numbers.get(stream, 0) + 1
        self._numbers[stream] = max(number, self._numbers.get(stream, 0))
        origin = Origin(actor=f"person:{uuid4()}", tenant_id=tenant)
        made = record(make_event(payload, origin, subject=key, seq=number, time=self.clock.now()))
        incoming = self.broker.append(made.topic, str(key), tuple(made.headers), made.value)
        await self.settle()
        return incoming

    async def tick(self, by: timedelta = timedelta(0)) -> None:
        """Let time pass, and everything happen that is due then."""
        self.clock.advance(by)
        while await self._machinery.timers.sweep():
            await self.settle()

    async def run_jobs(self) -> None:
        """Do every periodic job once, now."""
        for job in self._machinery.doors.jobs:
            await self._machinery.run_job(job)
        await self.settle()

    async def settle(self) -> None:
        """Wait until every record is consumed and every event is published."""
        await self._until(lambda: self._is_consumed() and self._machinery.relay.idle)

    async def heal(self) -> None:
        """Let parked events come back whose turn it is."""
        await self._machinery.healer.heal()
        await self.settle()

    async def measure(self) -> None:
        """Let the worker set its gauges."""
        await self._machinery.gauges.measure()
        await self._machinery.gauges.measure_tasks()

    def _is_consumed(self) -> bool:
        lanes = self._machinery.consuming.lanes.values()
        topics = self._machinery.doors.handlers.topics
        if len(lanes) < PARTITIONS * len(topics):
            return False  # It has not joined yet.
        done = {(lane.topic, lane.partition): lane.next_offset for lane in lanes}
        logs = [(p, log) for p, log in list(self.broker.logs.items()) if p.topic in topics]
        return all(done[p.topic, p.number] >= len(log) for p, log in logs)

    async def _until(self, is_done: Callable[[], bool]) -> None:
        for _ in range(SETTLE_ROUNDS_MAX):
            await asyncio.sleep(LOOK_SECONDS)
            if self._machinery.failed.done():
                await self._machinery.failed
            if is_done():
                return
        raise AssertionError("the service does not come to rest")


@asynccontextmanager
async def memory(  # noqa: PLR0913 - what is not given is made.
    blueprint: Blueprint,
    *,
    now: datetime = START,
    database: Database | None = None,
    broker: MemoryBroker | None = None,
    reader: Reader = READER,
    request_timeout_seconds: float = REQUEST_TIMEOUT_SECONDS,
) -> AsyncIterator[MemoryService]:
    """Run a service in memory, as api and worker in one process; tests may bring what another has left."""
    broker, clock, meters = broker or MemoryBroker(), StoppedClock(now), NotedMeters()
    database = database or MemoryDatabase()
    ports = Ports(database=database, broker=broker, blobs=MemoryBlobs(clock.now), clock=clock)
    with a_stage(blueprint) as stage:
        machinery = Machinery(stage.blueprint, ports, meters, reader=reader)
        service = MemoryService(
            machinery, broker, clock, meters, stage=stage, request_timeout_seconds=request_timeout_seconds
        )
        async with machinery.running(worker=True, clocks=False), service.http:
            yield service


def _edge(machinery: Machinery, issuer: Issuer, request_timeout_seconds: float) -> Edge:
    return Edge(
        name=machinery.blueprint.name,
        description=machinery.blueprint.description,
        version="0",
        verifier=issuer.verifier(),
        cursors=Cursors(b"a key that only tests sign with"),
        listings=machinery.reads,
        checks=machinery.checks,
        under_way=machinery.committer.under_way,
        request_timeout_seconds=request_timeout_seconds,
    )
