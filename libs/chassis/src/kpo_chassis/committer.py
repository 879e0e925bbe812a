"""Group commit: takes everything that waits and commits it as one transaction, from a backlog as two."""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol, overload

from kpo_chassis.announcement import Parcel
from kpo_chassis.attempt import Attempt, Registry
from kpo_chassis.backlog import RETRY_AFTER_SECONDS, Backlog
from kpo_chassis.batch import Batch, Release, Result
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
from kpo_chassis.store import (
    POSITIONS,
    TRANSACTIONS_MAX,
    ConflictingWriteError,
    Database,
    PositionLostError,
    RejectedWriteError,
)
from kpo_chassis.telemetry import current_traceparent
from kpo_chassis.work import Lane, Proposal, current_slot
from kpo_events.catalogue import EventTooLargeError

log = logging.getLogger("kpo.committer")

CHANGES_MAX = 500
"""How many changes one transaction may hold."""

BACKLOG_CHANGES_MIN = 250
"""How many must wait for a transaction to begin beside one that is open: fewer would make both small."""

BACKOFF_SECONDS_MIN = 0.005
BACKOFF_SECONDS_MAX = 1.0

ATTEMPT_SECONDS_MAX = 1.0
"""What fails after so long is tried again with half as much: the server ends a transaction after 5 s."""

LOOK_SECONDS = 0.02
"""How soon at the earliest a batch that stands apart is looked at again."""

CONFLICTS_MAX = 60
"""How often in a row one change alone may meet a conflict: longer than any transaction of another lives."""


@dataclass(frozen=True)
class Batching:
    """How large a batch may grow, and how much must wait for a second one to be committed beside it."""

    changes_max: int = CHANGES_MAX
    backlog_min: int = BACKLOG_CHANGES_MIN


BATCHING = Batching()


class WallClock(Protocol):
    """Where decisions get the time from."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock in UTC, cut to the milliseconds that the database keeps."""

    def now(self) -> datetime:
        now = datetime.now(UTC)
        return now - timedelta(microseconds=now.microsecond % 1000)


class Committer:
    """The one writer of a process. `run` must be running; `change` may be called by any number of tasks.

    A second transaction is open beside the first only while much waits, on partitions and aggregates of its
    own, and never while conflicts keep batches small.
    """

    def __init__(  # noqa: PLR0913 - every part of the engine that it touches.
        self,
        database: Database,
        registry: Registry,
        *,
        publish: Callable[[Parcel], None],
        meters: Meters,
        clock: WallClock | None = None,
        batching: Batching = BATCHING,
    ) -> None:
        self._database = database
        self._registry = registry
        self._publish = publish
        self._meters = meters
        self._clock = clock or SystemClock()
        self._backlog = Backlog()
        self._wake = asyncio.Event()
        self._alarm: asyncio.TimerHandle | None = None
        self._batching = batching
        self._limit = batching.changes_max
        self._failures = 0
        self.brake = Brake(meters)
        self.full = False

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
        if self.full:
            raise OverloadedError(RETRY_AFTER_SECONDS)
        self._backlog.add(proposal)
        self._wake.set()
        return await proposal.answer

    def under_way(self, command: Command) -> bool:
        """Say whether an earlier command with the same key still waits here, whoever has given it up."""
        first = self._backlog.first_with_key(command)
        return first is not None and first is not command

    def open_lane(self, lane: Lane) -> None:
        self._backlog.open_lane(lane)

    def close_lane(self, lane_id: str) -> None:
        self._backlog.close_lane(lane_id)

    def release(self, release: Release) -> None:
        self._backlog.release(release)
        self._wake.set()

    def bound(self, *, full: bool) -> None:
        """While the outbox is over its bound, commands are refused and records wait."""
        self.full = full
        self._wake.set()  # What has waited for room is looked at again; perhaps nothing else comes.

    def notice(self) -> None:
        """Look at the queues again: a slot has got its verdict."""
        self._wake.set()

    @property
    def queued(self) -> int:
        """How many records wait."""
        return self._backlog.records

    # The loop ---------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Commit what waits, for ever."""
        async with asyncio.TaskGroup() as pilots:
            for _ in range(TRANSACTIONS_MAX):
                pilots.create_task(self._fly())

    async def _fly(self) -> None:
        """Take batch after batch; what the last one in flight leaves behind, it takes up itself."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while (batch := self._gather()).size:
                with self._backlog.flying(batch):
                    await self._commit(batch)
            self._wake_for_what_stands_apart()

    def _wake_for_what_stands_apart(self) -> None:
        """Look again when its time has come; while a transaction is open, its end is soon enough."""
        if self._alarm is not None:
            self._alarm.cancel()  # There is one at most, however often somebody looks.
        loop, apart_from = asyncio.get_running_loop(), self._backlog.apart_from
        if apart_from is not None and not self._backlog.in_flight:
            self._alarm = loop.call_at(max(apart_from, loop.time() + LOOK_SECONDS), self._wake.set)

    def _gather(self) -> Batch:
        in_flight = self._backlog.in_flight
        enough = self._batching.backlog_min if in_flight else 1
        is_narrow = self._limit < self._batching.changes_max
        if in_flight and (is_narrow or self._backlog.size - in_flight < enough):
            return Batch()
        if in_flight and self._backlog.apart_from is not None:
            return Batch()
        admits_records = not self.full and not self.brake.error
        batch = self._backlog.gather(self._limit, _loop_time(), records=admits_records)
        return batch if batch.size >= enough else Batch()

    async def _commit(self, batch: Batch) -> None:
        started = _loop_time()
        try:
            result = await self._attempt(batch)
        except PositionLostError:
            self._meters.add("kpo_guard_stopped_total", {"guard": "position"})
            await self._check_positions(batch)
        except ConflictingWriteError as error:
            self._meters.add("kpo_conflicts_total")
            self._give_way(batch, error)
        except TransientError as error:
            for proposal in self._backlog.drop_expired(batch):
                _settle(proposal, error)
            self._try_less(batch, _loop_time() - started)
            await self._back_off()
        except Exception as error:  # noqa: BLE001 - whatever the cause, it is found by halving.
            self._isolate(batch, error)
        else:
            self._finish(batch, result)
            self._meters.record("kpo_commit_seconds", _loop_time() - started)
            self._meters.record("kpo_batch_changes", batch.size)

    async def _attempt(self, batch: Batch) -> Result:
        result = Result()
        async with self._database.transaction() as tx:
            attempt = Attempt(self._registry, tx)
            await attempt.read(batch.changes, batch.streams)
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
            self._backlog.drop_proposal(proposal)
            if isinstance(answer, Stored) and answer.replayed:
                self._meters.add("kpo_guard_stopped_total", {"guard": "request_key"})
            _settle(proposal, answer)
        for lane, taken in result.taken:
            slots = lane.take(taken)
            self.brake.note(lane, slots, result.set_aside)
            for slot in slots:
                slot.settle()
        for release in batch.releases:
            self._backlog.drop_release(release)
        self._failures = 0
        self._limit = min(self._batching.changes_max, self._limit * 2)

    # What fails -------------------------------------------------------------------------------------------

    def _give_way(self, batch: Batch, error: ConflictingWriteError) -> None:
        """Try again in halves; one alone that never gets through has met itself, not another."""
        if not batch.apart:
            self._limit = max(1, min(self._limit, batch.size) // 2)
        conflicts = batch.conflicts + 1
        later = _loop_time() + _pause_seconds(conflicts)
        if batch.size > 1:
            self._backlog.set_apart(*batch.halves(later))
        elif conflicts < CONFLICTS_MAX:
            self._backlog.set_apart(replace(batch, conflicts=conflicts, not_before=later))
        else:
            self._isolate(batch, RejectedWriteError(f"it met {CONFLICTS_MAX} conflicts in a row: {error}"))

    def _try_less(self, batch: Batch, seconds: float) -> None:
        """After an outage try the same again; what has taken too long must be less."""
        is_too_much = seconds > ATTEMPT_SECONDS_MAX and batch.size > 1
        if batch.apart:
            self._backlog.set_apart(*(batch.halves() if is_too_much else (batch,)))
        elif is_too_much:
            self._limit = max(1, batch.size // 2)

    async def _back_off(self) -> None:
        self._failures += 1
        await asyncio.sleep(_pause_seconds(self._failures))

    def _isolate(self, batch: Batch, error: Exception) -> None:
        """Find the change that the database will not take by halving; alone in its batch, it is judged."""
        if batch.size > 1:
            self._backlog.set_apart(*batch.halves())
            return
        for proposal in batch.proposals:
            self._backlog.drop_proposal(proposal)
            _settle(proposal, error)
        for slot in batch.slots:
            slot.attempts += 1
            if isinstance(slot.verdict, Park):  # Not even that: its partition stands still, others go on.
                log.error("record_not_parked", extra={"stream": slot.record.stream, "reason": str(error)})
                batch.not_before = _loop_time() + BACKOFF_SECONDS_MAX
            elif isinstance(judgement := judge(error, slot.attempts), Park):
                slot.verdict = judgement
            self._backlog.set_apart(batch)

    async def _check_positions(self, batch: Batch) -> None:
        """Let go of every partition of a batch whose stored position is not where we left it."""
        where = {"_id": {"$in": [lane.id for lane in batch.lanes]}}
        try:
            rows = await self._database.find(POSITIONS, where, limit=len(batch.lanes))
        except TransientError:
            await self._back_off()
            return
        # Who has just claimed a new partition may not have stored yet where it begins.
        stored = {row["_id"]: (row["epoch"], row.get("next_offset")) for row in rows}
        for lane in batch.lanes:
            if self._backlog.owns(lane) and stored.get(lane.id) != (lane.epoch, lane.next_offset):
                lane.lost = True
                self.close_lane(lane.id)


def _loop_time() -> float:
    return asyncio.get_running_loop().time()


def _pause_seconds(failures: int) -> float:
    """Draw a pause that grows with the failures in a row."""
    ceiling = min(BACKOFF_SECONDS_MAX, BACKOFF_SECONDS_MIN * 2 ** min(failures, 10))
    return random.uniform(BACKOFF_SECONDS_MIN, ceiling)  # noqa: S311 - jitter, no secret.


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
