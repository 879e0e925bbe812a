"""Group commit: one task that takes everything that waits and commits it as one transaction at a time."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Protocol, overload

from kpo_chassis.announcement import Parcel
from kpo_chassis.attempt import Attempt, Registry
from kpo_chassis.brake import Brake
from kpo_chassis.consumption import Consumption
from kpo_chassis.kernel import (
    Cause,
    Command,
    Decide,
    Occurrence,
    OverloadedError,
    Ref,
    S,
    Stored,
    TooLargeError,
    TransientError,
)
from kpo_chassis.meters import Meters
from kpo_chassis.outcome import Park, judge
from kpo_chassis.requests import RequestRow
from kpo_chassis.store import (
    POSITIONS,
    ConflictingWriteError,
    Database,
    PositionLostError,
    RejectedWriteError,
)
from kpo_chassis.telemetry import current_traceparent
from kpo_chassis.work import Lane, Proposal, Slot, current_slot
from kpo_events.catalogue import EventTooLargeError

CHANGES_MAX = 500
"""How many changes one transaction may hold."""

BATCH_BYTES_MAX = 2_000_000
"""How many bytes of incoming events one transaction may hold."""

CHANGES_WAITING_MAX = 4_000
"""How many commands and clocks may wait before new ones are told to come back."""

COMMAND_SECONDS_MAX = 20.0
"""How long a command may wait for the database before it is told to come back."""

RETRY_AFTER_SECONDS = 2
BACKOFF_SECONDS_MIN = 0.005
BACKOFF_SECONDS_MAX = 1.0

CONFLICTS_MAX = 60
"""How often in a row one change alone may meet a conflict: longer than any transaction of another lives."""


class WallClock(Protocol):
    """Where decisions get the time from."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock in UTC, cut to the milliseconds that the database keeps."""

    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now - timedelta(microseconds=now.microsecond % 1000)


@dataclass(slots=True)
class Release:
    """A parked record that is tried again; `following` is the next parked number of its stream."""

    lane: Lane
    slot: Slot
    following: int


@dataclass(slots=True)
class Batch:
    """What one transaction will try to do."""

    proposals: list[Proposal]
    rows: list[tuple[Lane, list[Slot]]]
    releases: list[Release]

    @property
    def slots(self) -> list[Slot]:
        return [slot for _, slots in self.rows for slot in slots] + [r.slot for r in self.releases]

    @property
    def size(self) -> int:
        return len(self.proposals) + len(self.releases) + sum(len(slots) for _, slots in self.rows)

    def changes(self) -> list[Proposal]:
        verdicts = [slot.verdict for slot in self.slots]
        return [*self.proposals, *(v for v in verdicts if isinstance(v, Proposal))]

    def streams(self) -> list[str]:
        return list({slot.record.stream for slot in self.slots if slot.record.numbered})


@dataclass(slots=True)
class Result:
    """What a committed batch made: answers, slots taken per partition, those parked, what to publish."""

    answers: list[tuple[Proposal, Stored[object] | Exception | None]] = field(default_factory=list)
    taken: list[tuple[Lane, int]] = field(default_factory=list)
    set_aside: dict[Slot, str] = field(default_factory=dict)
    outbox: Parcel | None = None


class Committer:
    """The one writer of a process. `run` must be running; `change` may be called by any number of tasks."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        *,
        publish: Callable[[Parcel], None],
        meters: Meters,
        clock: WallClock | None = None,
    ) -> None:
        self._database = database
        self._registry = registry
        self._publish = publish
        self._meters = meters
        self._clock = clock or SystemClock()
        self._waiting: deque[tuple[float, Proposal]] = deque()
        self._releases: list[Release] = []
        self._lanes: dict[str, Lane] = {}
        self._wake = asyncio.Event()
        self._limit = CHANGES_MAX
        self._failures = 0
        self._conflicts = 0
        self.brake = Brake(meters)
        self.full = False
        """Set while the outbox is over its bound: commands are refused, records wait."""

    # Doors ------------------------------------------------------------------------------------------------

    @overload
    async def change(
        self, cause: Cause, decide: Decide, first: Ref[S], *others: Ref[object]
    ) -> Stored[S]: ...

    @overload
    async def change(self, cause: Cause, decide: Decide) -> None: ...

    async def change(
        self, cause: Cause, decide: Decide, first: Ref[object] | None = None, *others: Ref[object]
    ) -> Stored[object] | None:
        refs = (first, *others) if first else ()
        proposal = Proposal(cause, decide, refs, current_traceparent())
        if isinstance(cause, Occurrence):
            current_slot.get().verdict = proposal
            return None  # The record keeps its place until it is done; its handler has nothing to wait for.
        proposal.answer = asyncio.get_running_loop().create_future()
        self._queue(proposal)
        self._wake.set()
        return await proposal.answer

    def _queue(self, proposal: Proposal) -> None:
        if self.full or len(self._waiting) >= CHANGES_WAITING_MAX:
            raise OverloadedError(RETRY_AFTER_SECONDS)
        self._waiting.append((monotonic() + COMMAND_SECONDS_MAX, proposal))

    def under_way(self, command: Command) -> bool:
        """Say whether an earlier command with the same key still waits here, whoever has given it up."""
        key = RequestRow.id_of(command)
        commands = (proposal.cause for _, proposal in self._waiting if isinstance(proposal.cause, Command))
        first = next((each for each in commands if RequestRow.id_of(each) == key), None)
        return first is not None and first is not command

    def open_lane(self, lane: Lane) -> None:
        self._lanes[lane.id] = lane

    def close_lane(self, lane_id: str) -> None:
        """Forget a partition that is no longer ours, with all that was queued for it."""
        lane = self._lanes.pop(lane_id, None)
        for slot in lane.slots if lane else ():
            slot.settle()
        for release in [release for release in self._releases if release.lane is lane]:
            self._releases.remove(release)
            release.slot.settle()

    def release(self, release: Release) -> None:
        self._releases.append(release)
        self._wake.set()

    def notice(self) -> None:
        """Look at the queues again: a slot has got its verdict."""
        self._wake.set()

    @property
    def queued(self) -> int:
        """How many records wait."""
        return sum(len(lane.slots) for lane in self._lanes.values())

    # The loop ---------------------------------------------------------------------------------------------

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while (batch := self._gather()).size:
                await self._commit(batch)

    def _gather(self) -> Batch:
        room = self._limit
        releases = [r for r in self._releases if r.slot.verdict is not None][:room]
        room -= len(releases)
        proposals = [proposal for _, proposal in list(self._waiting)[: max(1, room // 2)]] if room else []
        room -= len(proposals)
        rows: list[tuple[Lane, list[Slot]]] = []
        room_bytes = BATCH_BYTES_MAX
        for lane in [] if self.full or self.brake.error else self._by_age():
            slots = lane.ready(room, room_bytes)
            room -= len(slots)
            room_bytes -= sum(len(slot.record.value) for slot in slots)
            if slots:
                rows.append((lane, slots))
        return Batch(proposals, rows, releases)

    def _by_age(self) -> list[Lane]:
        """Take the partitions in turn, so that none waits for ever behind a busy one."""
        lanes = list(self._lanes.items())
        for lane_id, _ in lanes[:1]:
            self._lanes[lane_id] = self._lanes.pop(lane_id)
        return [lane for _, lane in lanes]

    async def _commit(self, batch: Batch) -> None:
        started = monotonic()
        try:
            result = await self._attempt(batch)
        except PositionLostError:
            self._meters.add("kpo_guard_stopped_total", {"guard": "position"})
            await self._check_positions()
        except ConflictingWriteError as error:
            self._meters.add("kpo_conflicts_total")
            await self._give_way(batch, error)
        except TransientError as error:
            self._expire(error)
            await self._back_off()
        except Exception as error:  # noqa: BLE001 - whatever the cause, it is found by committing one by one.
            self._isolate(batch, error)
        else:
            self._finish(batch, result)
            self._meters.record("kpo_commit_seconds", monotonic() - started)
            self._meters.record("kpo_batch_changes", batch.size)

    async def _attempt(self, batch: Batch) -> Result:
        result = Result()
        async with self._database.transaction() as tx:
            attempt = Attempt(self._registry, tx)
            await attempt.read(batch.changes(), batch.streams())
            now = self._clock.now()
            consumption = Consumption(attempt, now)
            await consumption.prepare(batch.slots)
            for lane, slots in batch.rows:
                result.taken.append((lane, await consumption.take(lane, slots)))
            moving = {lane.id for lane, taken in result.taken if taken}
            for release in batch.releases:
                await consumption.release(release.slot, release.following)
                if release.lane.id not in moving:  # An unmoved position still proves that it is ours.
                    moving.add(release.lane.id)
                    attempt.moves.append(release.lane.move(release.lane.next_offset))
            for proposal in batch.proposals:
                result.answers.append((proposal, await _answer(attempt, proposal, now)))
            result.outbox, result.set_aside = await attempt.write(), attempt.set_aside
        consumption.tell(self._meters)
        return result

    def _finish(self, batch: Batch, result: Result) -> None:
        if result.outbox is not None:
            self._publish(result.outbox)
        for proposal, answer in result.answers:
            self._waiting.popleft()
            if isinstance(answer, Stored) and answer.replayed:
                self._meters.add("kpo_guard_stopped_total", {"guard": "request_key"})
            _settle(proposal, answer)
        for lane, taken in result.taken:
            slots = lane.take(taken)
            self.brake.note(lane, slots, result.set_aside)
            for slot in slots:
                slot.settle()
        for release in batch.releases:
            if release in self._releases:
                self._releases.remove(release)
            release.slot.settle()
        self._failures = self._conflicts = 0
        self._limit = min(CHANGES_MAX, self._limit * 2)

    async def _give_way(self, batch: Batch, error: ConflictingWriteError) -> None:
        """Try again with fewer changes; one alone that never gets through has met itself, not another."""
        self._conflicts += 1
        if batch.size == 1 and self._conflicts >= CONFLICTS_MAX:
            self._conflicts = 0
            self._isolate(batch, RejectedWriteError(f"it met {CONFLICTS_MAX} conflicts in a row: {error}"))
            return
        self._limit = max(1, min(self._limit, batch.size) // 2)
        await self._back_off()

    async def _back_off(self) -> None:
        self._failures += 1
        ceiling = min(BACKOFF_SECONDS_MAX, BACKOFF_SECONDS_MIN * 2 ** min(self._failures, 10))
        await asyncio.sleep(random.uniform(BACKOFF_SECONDS_MIN, ceiling))  # noqa: S311 - jitter, no secret.

    def _expire(self, error: TransientError) -> None:
        """Tell commands that waited too long to come back; records and clocks wait as long as it takes."""
        now = monotonic()
        while self._waiting and self._waiting[0][0] < now:
            _, proposal = self._waiting.popleft()
            _settle(proposal, error)

    def _isolate(self, batch: Batch, error: Exception) -> None:
        """Find the change that the database will not take: in a batch of one it is judged."""
        if batch.size > 1:
            self._limit = 1
            return
        for proposal in batch.proposals:
            self._waiting.popleft()
            _settle(proposal, error)
        for slot in batch.slots:
            slot.attempts += 1
            judgement = judge(error, slot.attempts)
            if isinstance(judgement, Park):
                slot.verdict = judgement

    async def _check_positions(self) -> None:
        """Let go of every partition whose stored position is not where we left it."""
        where = {"_id": {"$in": list(self._lanes)}}
        try:
            rows = await self._database.find(POSITIONS, where, limit=len(self._lanes) or 1)
        except TransientError:
            await self._back_off()
            return
        stored = {row["_id"]: (row["epoch"], row["next_offset"]) for row in rows}
        for lane in list(self._lanes.values()):
            if stored.get(lane.id) != (lane.epoch, lane.next_offset):
                lane.lost = True
                self.close_lane(lane.id)


async def _answer(attempt: Attempt, proposal: Proposal, now: datetime) -> Stored[object] | Exception | None:
    try:
        return await attempt.propose(proposal, now)
    except TransientError:
        raise
    except EventTooLargeError as error:
        return TooLargeError(str(error))
    except Exception as error:  # noqa: BLE001 - a refusal or a bug is this change's own, never its neighbours'.
        return error


def _settle(proposal: Proposal, answer: Stored[object] | Exception | None) -> None:
    assert proposal.answer is not None, "only commands and clocks are settled"
    if proposal.answer.done():  # The caller has gone away; what happened has happened.
        return
    if isinstance(answer, Exception):
        proposal.answer.set_exception(answer)
    else:
        proposal.answer.set_result(answer)
