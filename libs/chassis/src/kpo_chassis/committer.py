"""Group commit: takes everything that waits and commits it as one transaction, from a backlog as two."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
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

CHANGES_MAX = 500
"""How many changes one transaction may hold."""

BACKLOG_CHANGES_MIN = 250
"""How many must wait for a transaction to begin beside one that is open: fewer would make both small."""

BACKOFF_SECONDS_MIN = 0.005
BACKOFF_SECONDS_MAX = 1.0

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
        self._batching = batching
        self._limit = batching.changes_max
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

    def _gather(self) -> Batch:
        in_flight = self._backlog.in_flight
        enough = self._batching.backlog_min if in_flight else 1
        is_narrow = self._limit < self._batching.changes_max
        if in_flight and (is_narrow or self._backlog.size - in_flight < enough):
            return Batch()
        batch = self._backlog.gather(self._limit, records=not self.full and not self.brake.error)
        return batch if batch.size >= enough else Batch()

    async def _commit(self, batch: Batch) -> None:
        started = monotonic()
        try:
            result = await self._attempt(batch)
        except PositionLostError:
            self._meters.add("kpo_guard_stopped_total", {"guard": "position"})
            await self._check_positions(batch)
        except ConflictingWriteError as error:
            self._meters.add("kpo_conflicts_total")
            await self._give_way(batch, error)
        except TransientError as error:
            for proposal in self._backlog.drop_expired(batch):
                _settle(proposal, error)
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
        self._failures = self._conflicts = 0
        self._limit = min(self._batching.changes_max, self._limit * 2)

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

    def _isolate(self, batch: Batch, error: Exception) -> None:
        """Find the change that the database will not take: in a batch of one it is judged."""
        if batch.size > 1:
            self._limit = 1
            return
        for proposal in batch.proposals:
            self._backlog.drop_proposal(proposal)
            _settle(proposal, error)
        for slot in batch.slots:
            slot.attempts += 1
            judgement = judge(error, slot.attempts)
            if isinstance(judgement, Park):
                slot.verdict = judgement

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
