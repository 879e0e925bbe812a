"""Turns records into work for the committer: owns partitions, decodes, hands to handlers, holds back."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from time import monotonic

from kpo_chassis.brake import parked_last
from kpo_chassis.broker import Consumer, Partition
from kpo_chassis.committer import Committer
from kpo_chassis.doors import Handler, Handlers
from kpo_chassis.kernel import Occurrence, TransientError
from kpo_chassis.meters import Meters
from kpo_chassis.outcome import ATTEMPTS_MAX, REASON_CHARS_MAX, Park, Retry, Skip, judge
from kpo_chassis.reader import Reader
from kpo_chassis.store import POSITIONS, Database, Document
from kpo_chassis.telemetry import process_span
from kpo_chassis.work import Incoming, Lane, Slot, current_slot
from kpo_events.catalogue import Event, UnknownTypeError
from kpo_events.payload import Payload

log = logging.getLogger("kpo.consumer")

QUEUED_RECORDS_MAX = 2_500
"""Above this many waiting records no more are read: five full batches, of which two may be in flight."""

UNASKED_SECONDS_MAX = 1.0
"""How long the client may go unasked before its partitions are paused instead."""

LOOK_SECONDS = 0.005

PLACE = attrgetter("topic", "partition")

RETRY_SECONDS = 0.2
REPORT_SECONDS = 2.0


class OffsetLostError(Exception):
    """The stored position is outside what the broker's log has: a person must decide what to do."""


class Dispatcher:
    """Gives a record's slot its verdict: at once where nothing is to be done, else through its handler."""

    def __init__(self, handlers: Handlers, committer: Committer, reader: Reader) -> None:
        self._handlers = handlers
        self._committer = committer
        self._reader = reader
        self._tasks: set[asyncio.Task[None]] = set()

    def dispatch(self, slots: Iterable[Slot]) -> None:
        """Handle records of one partition, one after the other.

        They share a task: most handlers wait for nothing, and a task of its own costs more than such a one.
        """
        task = asyncio.create_task(self._dispatch(slots))
        self._tasks.add(task)  # The loop itself would forget it.
        task.add_done_callback(self._tasks.discard)

    async def _dispatch(self, slots: Iterable[Slot]) -> None:
        for slot in slots:
            if not slot.settled:  # The partition may have gone to another since.
                await self._judge(slot)
                self._committer.notice()

    async def _judge(self, slot: Slot) -> None:
        record = slot.record
        if not record.numbered:
            slot.verdict = Park("no_key", "The record has no key that names an aggregate, or no number.")
            return
        if not self._handlers.concerns(record.topic, record.type):
            slot.verdict = Skip()
            return
        try:
            event = self._reader.decode(record.headers, record.value)
        except Exception as error:  # noqa: BLE001 - whatever cannot be read is set aside with its reason.
            slot.verdict = _park(error, self._reader.ability)
            return
        handler = self._handlers.of(event)
        if handler is None:
            slot.verdict = Skip()
            return
        await self._handle(slot, handler, event)

    async def _handle(self, slot: Slot, handler: Handler, event: Event[Payload]) -> None:
        current_slot.set(slot)
        occurrence = _occurrence(slot.record, event)
        with process_span(event.traceparent, slot.record.topic, event.type):
            attempt = 0
            while slot.verdict is None:
                attempt += 1
                judged = await _try(handler, event, occurrence, slot, attempt)
                slot.verdict = slot.verdict or judged  # The handler's change is the verdict, also when done.


async def _try(
    handler: Handler, event: Event[Payload], occurrence: Occurrence, slot: Slot, attempt: int
) -> Skip | Park | None:
    try:
        await handler(event, occurrence)
    except TransientError:
        await asyncio.sleep(RETRY_SECONDS)
        return None
    except Exception as error:  # noqa: BLE001 - a bug before the change is judged like one inside it.
        if slot.verdict is not None:
            return slot.verdict if isinstance(slot.verdict, Skip | Park) else None
        judgement = judge(error, attempt)
        return None if isinstance(judgement, Retry) else judgement
    return None if slot.verdict is not None else Skip()


class Consuming:
    """The consume loop of a worker: `run` polls for ever, `heal` looks after parked records."""

    def __init__(
        self,
        database: Database,
        consumer: Consumer,
        committer: Committer,
        dispatcher: Dispatcher,
        meters: Meters,
    ) -> None:
        self._database = database
        self._consumer = consumer
        self._committer = committer
        self._dispatcher = dispatcher
        self._meters = meters
        self.lanes: dict[str, Lane] = {}
        self._paused = False
        self._adoptions: dict[Partition, asyncio.Task[None]] = {}
        self._failure: Exception | None = None

    async def _start(self, topics: Sequence[str]) -> bool:
        try:
            await self._consumer.start(topics, self._assigned, self._revoked)
        except TransientError as error:
            log.warning("consumer_waits", extra={"reason": str(error)[:REASON_CHARS_MAX]})
            return False
        return True

    # Owning partitions ------------------------------------------------------------------------------------

    async def _assigned(self, partitions: Sequence[Partition]) -> None:
        """Begin to adopt them, and let the client go on: it sends no heartbeat while it waits for us."""
        for partition in partitions:
            self._begin_to_adopt(partition)
        log.info("partitions_assigned", extra={"count": len(partitions)})

    def _begin_to_adopt(self, partition: Partition) -> None:
        self._stop_adopting(partition)
        self._adoptions[partition] = asyncio.create_task(self._adopt(partition))

    def _stop_adopting(self, partition: Partition) -> None:
        if adoption := self._adoptions.pop(partition, None):
            adoption.cancel()

    async def _adopt(self, partition: Partition) -> None:
        """Become the owner: raise the epoch, end the predecessor's transactions, go where it stopped."""
        try:
            lane = await self._claim_with_patience(partition)
        except Exception as error:  # noqa: BLE001 - nobody waits for this task; `run` raises it.
            self._failure = error
            return
        self._consumer.seek(partition, lane.next_offset)
        self.lanes[lane.id] = lane
        self._committer.open_lane(lane)

    async def _claim_with_patience(self, partition: Partition) -> Lane:
        """Claim it as soon as database and broker let us; the others are worked on meanwhile."""
        to_end: set[str] = set()
        while True:
            try:
                lane = await self._claim(partition, to_end)
                lane.parked_in_a_row = await parked_last(self._database, lane)
            except TransientError as error:
                reason = str(error)[:REASON_CHARS_MAX]
                log.warning("adoption_waits", extra={"partition": partition.id, "reason": reason})
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return lane

    async def _claim(self, partition: Partition, to_end: set[str]) -> Lane:
        """Claim it, and end the sessions found there; `to_end` has those whose end has failed before."""
        before: Document = await self._database.claim(partition.id) or {}
        sessions = before.get("sessions", [])
        assert isinstance(sessions, list)
        to_end.update(session for session in sessions if session not in self._database.session_ids)
        if to_end:
            await self._database.end_sessions(sorted(to_end))
            to_end.clear()
        epoch, stored, base = before.get("epoch", 0), before.get("next_offset"), before.get("base", 0)
        assert isinstance(epoch, int)
        assert isinstance(base, int)
        first, end = await self._consumer.bounds(partition)
        if stored is None:
            where = {"_id": partition.id, "epoch": epoch + 1}
            await self._database.update(POSITIONS, where, {"next_offset": first, "base": first})
            return Lane(partition.topic, partition.number, epoch + 1, first, first)
        assert isinstance(stored, int)
        if not first <= stored <= end:
            raise OffsetLostError(
                f"{partition.id}: the position is {stored}, the log has {first} to {end}. "
                "Restore the broker's log, or reset the position after reading the runbook."
            )
        return Lane(partition.topic, partition.number, epoch + 1, stored, base)

    async def _revoked(self, partitions: Sequence[Partition]) -> None:
        for partition in partitions:
            self._stop_adopting(partition)
            self.lanes.pop(partition.id, None)
            self._committer.close_lane(partition.id)

    # Reading ----------------------------------------------------------------------------------------------

    async def run(self, topics: Sequence[str]) -> None:
        """Join the group and consume, for ever; a broker that is away is waited for."""
        while not await self._start(topics):  # noqa: ASYNC110 - a broker that is away sends no event.
            await asyncio.sleep(RETRY_SECONDS)
        while True:
            if failure := self._failure or self._committer.brake.error:
                raise failure
            for (topic, number), records in groupby(await self._consumer.poll(), key=PLACE):
                self._take(Partition(topic, number), records)
            self._find_lost()
            await self._hold_back()

    def _take(self, partition: Partition, records: Iterable[Incoming]) -> None:
        lane = self.lanes.get(partition.id)
        if lane is None or lane.lost:
            return  # Not ours yet, or not ours any more.
        slots: list[Slot] = []
        for record in records:
            if record.offset > lane.read_offset:
                self._consumer.seek(partition, lane.read_offset)
                break
            if record.offset == lane.read_offset:  # Below that it was seen before a seek.
                lane.read_offset += 1
                slots.append(Slot(record))
        lane.slots.extend(slots)
        self._dispatcher.dispatch(slots)

    def _find_lost(self) -> None:
        """Take a partition up again whose position another process has moved: it is still ours."""
        for lane in [lane for lane in self.lanes.values() if lane.lost]:
            del self.lanes[lane.id]
            self._begin_to_adopt(Partition(lane.topic, lane.partition))

    async def _hold_back(self) -> None:
        """Read no further while too much waits.

        The client throws away what it has fetched of a partition that is paused. So it is only asked later,
        which costs nothing, and paused when the queue stands still: then it must be asked all the same.
        """
        given_up = monotonic() + UNASKED_SECONDS_MAX
        while not self._paused and self._is_full() and monotonic() < given_up:  # noqa: ASYNC110 - see below.
            await asyncio.sleep(LOOK_SECONDS)  # Room comes with commits, refusals and lost partitions alike.
        if self._is_full():
            self._consumer.pause()  # Again and again: partitions that came since are to pause, too.
            self._paused = True
        elif self._paused:
            self._consumer.resume()
            self._paused = False

    def _is_full(self) -> bool:
        return self._committer.queued > QUEUED_RECORDS_MAX

    @property
    def paused(self) -> bool:
        """Say whether no more is read for the time being, in one way or the other."""
        return self._paused or self._is_full()

    def lag(self, lane: Lane) -> int | None:
        """Count the records of a partition that are not applied yet; None before the first fetch."""
        end = self._consumer.end(Partition(lane.topic, lane.partition))
        return None if end is None else max(0, end - lane.next_offset)

    async def report(self) -> None:
        """Show the positions as the group's offsets."""
        offsets = {Partition(lane.topic, lane.partition): lane.next_offset for lane in self.lanes.values()}
        if offsets:
            await self._consumer.report(offsets)

    async def close(self) -> None:
        for partition in list(self._adoptions):
            self._stop_adopting(partition)
        await self.report()
        await self._consumer.close()


def _occurrence(record: Incoming, event: Event[Payload]) -> Occurrence:
    assert record.key is not None
    return Occurrence(
        topic=record.topic,
        key=record.key,
        seq=event.seq,
        partition=record.partition,
        offset=record.offset,
        event_id=event.id,
        correlation_id=event.correlation_id,
        actor=event.actor,
        tenant=event.tenant_id,
    )


def _park(error: Exception, ability: str) -> Park | Skip:
    if isinstance(error, UnknownTypeError):
        return Skip()
    judgement = judge(error, ATTEMPTS_MAX)
    assert isinstance(judgement, Park), "reading a record touches no server"
    return replace(judgement, unreadable_by=ability)
