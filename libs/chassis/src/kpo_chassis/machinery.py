"""One service put together on its ports: the same for real servers and for the doubles of tests."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

from kpo_chassis.attempt import Registry
from kpo_chassis.audit import Audit
from kpo_chassis.blobs import Blobs
from kpo_chassis.broker import Broker
from kpo_chassis.committer import BATCHING, Batching, Committer, WallClock
from kpo_chassis.consumer import REPORT_SECONDS, Consuming, Dispatcher
from kpo_chassis.doors import Blueprint, Doors, Engine, Job
from kpo_chassis.edge import Check
from kpo_chassis.gauges import GAUGE_SECONDS, OVERDUE_SECONDS, Gauges
from kpo_chassis.healing import HEAL_SECONDS, Healer
from kpo_chassis.kernel import TransientError
from kpo_chassis.meters import Meters
from kpo_chassis.operations import Operations
from kpo_chassis.parked_desk import ParkedDesk
from kpo_chassis.reader import READER, Reader
from kpo_chassis.reads import StoredReads
from kpo_chassis.relay import SWEEP_SECONDS, Relay
from kpo_chassis.store import Database
from kpo_chassis.timers import TIMER_SECONDS, Timers
from kpo_chassis.watchdog import PATIENCE, Patience, Watchdog

log = logging.getLogger("kpo.machinery")

FORGET_SECONDS = 0.05
MEASURE_SECONDS = 1.0


@dataclass(frozen=True)
class Ports:
    """What a service stands on: its database, the broker, its bytes, its clock."""

    database: Database
    broker: Broker
    blobs: Blobs
    clock: WallClock


class Machinery:
    """The engine of one process: `running` carries the roles it was asked for, until it is left."""

    def __init__(  # noqa: PLR0913 - what is not given is as in production.
        self,
        blueprint: Blueprint,
        ports: Ports,
        meters: Meters | None = None,
        *,
        patience: Patience = PATIENCE,
        batching: Batching = BATCHING,
        reader: Reader = READER,
    ) -> None:
        self.blueprint = blueprint
        self.ports = ports
        self._meters = meters = meters or Meters()
        registry = Registry.of(blueprint.name, blueprint.documents, blueprint.entries, blueprint.outgoing)
        self.relay = Relay(ports.database, ports.broker, meters, self._bound)
        self.committer = Committer(
            ports.database,
            registry,
            publish=self.relay.publish,
            meters=meters,
            clock=ports.clock,
            batching=batching,
        )
        self.reads = StoredReads(ports.database, registry)
        self.doors: Doors = blueprint.build(
            Engine(
                changes=self.committer,
                reads=self.reads,
                entries=self.reads,
                blobs=ports.blobs,
                meters=meters,
            )
        )
        self._consume(reader, patience)
        self.timers = Timers(ports.database, registry.documents, self.doors.clocks, ports.clock, meters)
        self.gauges = Gauges(ports.database, blueprint.documents, self.consuming, ports.clock, meters)
        audit = Audit(ports.database, ports.clock.now)
        self.operations = Operations(ports.database, blueprint, self.consuming, self.committer, audit)
        self.parked_desk = ParkedDesk(ports.database, audit)
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when a loop of the engine has failed for good: the process must end."""

    def _consume(self, reader: Reader, patience: Patience) -> None:
        """Put together what takes records in, watches over that, and brings parked ones back."""
        ports, meters = self.ports, self._meters
        dispatcher = Dispatcher(self.doors.handlers, self.committer, reader)
        consumer = ports.broker.consumer(f"kpo_{self.blueprint.name}")
        self.consuming = Consuming(ports.database, consumer, self.committer, dispatcher, meters)
        self.watchdog = Watchdog(self.consuming, consumer, meters, patience=patience)
        self.healer = Healer(
            ports.database,
            self.committer,
            dispatcher,
            self.consuming.lanes,
            clock=ports.clock,
            meters=meters,
            ability=reader.ability,
        )

    def _bound(self, full: bool) -> None:  # noqa: FBT001 - the relay's one message: over the bound, or not.
        self.committer.bound(full=full)

    async def checks(self) -> tuple[Check, ...]:
        """Say whether the database answers and the outbox has room: without them nothing can be promised."""
        try:
            await self.ports.database.now()
        except TransientError as error:
            return (Check("database", ok=False, detail=str(error)),)
        full = self.committer.full
        return (
            Check("database", ok=True),
            Check("outbox", ok=not full, detail="over its bound" if full else ""),
        )

    @asynccontextmanager
    async def running(self, *, worker: bool, clocks: bool = True) -> AsyncIterator[None]:
        """Run committer and relay, and as a worker also consumption, healing, sweeps, clocks and jobs.

        Without `clocks` time stands still until somebody calls `timers.sweep` and `run_job`.
        """
        loops = [self.committer.run(), self.relay.run()]
        loops.append(every(FORGET_SECONDS, self.relay.forget))
        loops.append(every(MEASURE_SECONDS, self.relay.measure))
        if worker:
            topics = sorted(self.doors.handlers.topics)
            if topics:
                loops.append(self.consuming.run(topics))
                loops.append(every(REPORT_SECONDS, self.consuming.report))
                loops.append(every(HEAL_SECONDS, self.healer.heal))
                loops.append(every(self.watchdog.patience.look_seconds, self.watchdog.look))
            loops.append(every(SWEEP_SECONDS, self.relay.sweep))
            loops.append(every(GAUGE_SECONDS, self.gauges.measure))
            loops.append(every(OVERDUE_SECONDS, self.gauges.measure_tasks))
            if clocks:
                loops.append(every(TIMER_SECONDS, self.timers.sweep))
                loops.extend(
                    every(job.every.total_seconds(), partial(self._try_job, job)) for job in self.doors.jobs
                )
        tasks = [asyncio.create_task(loop) for loop in loops]
        for task in tasks:
            task.add_done_callback(self._watch)
        try:
            yield
        finally:
            await self._stop(tasks, worker=worker and bool(self.doors.handlers.topics))

    async def run_job(self, job: Job) -> None:
        """Do a periodic job now."""
        await job.run(self.ports.clock.now())

    async def _try_job(self, job: Job) -> None:
        """Let a job that fails be seen and tried again, since nobody's request or event waits for it."""
        try:
            await self.run_job(job)
        except TransientError:
            raise
        except Exception:
            log.exception("job_failed", extra={"job": job.name})
            self._meters.add("kpo_job_failures_total", {"job": job.name})

    def _watch(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not self.failed.done():
            self.failed.set_exception(error)

    async def _stop(self, tasks: list[asyncio.Task[None]], *, worker: bool) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if worker:
            await self.consuming.close()
        with suppress(TransientError):
            await self.relay.close()


async def every(seconds: float, work: Callable[[], Awaitable[object]]) -> None:
    """Do something again and again; an outage makes it wait, nothing else is forgiven."""
    while True:
        try:
            await work()
        except TransientError as error:
            log.warning("loop_waits", extra={"reason": str(error)[:200]})
        await asyncio.sleep(seconds)
