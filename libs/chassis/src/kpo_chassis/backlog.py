"""What waits for the committer, and what of it is in a transaction: the queues of commands and of records."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import accumulate, islice, takewhile
from time import monotonic

from kpo_chassis.batch import Batch, Release
from kpo_chassis.brake import at_once
from kpo_chassis.kernel import Command, OverloadedError
from kpo_chassis.requests import RequestRow
from kpo_chassis.work import Key, Lane, Proposal, Slot

BATCH_BYTES_MAX = 2_000_000
"""How many bytes of incoming events one transaction may hold; the largest record has less."""

CHANGES_WAITING_MAX = 4_000
"""How many commands and clocks may wait before new ones are told to come back."""

COMMAND_SECONDS_MAX = 20.0
"""How long a command may wait for the database before it is told to come back."""

RETRY_AFTER_SECONDS = 2

Row = tuple[Lane, list[Slot]]


class Backlog:
    """Commands and clocks in their order, records in the order of their partitions.

    What a batch in flight has in its hands is kept from the next one: its partitions whole, since the order
    of their records is one, and the aggregates that its changes named. Batches that failed are kept apart
    from all others, so that what is bad in them is found and the rest goes on.
    """

    def __init__(self) -> None:
        self._proposals: deque[Proposal] = deque()
        self._releases: list[Release] = []
        self._lanes: dict[str, Lane] = {}
        self._flights: list[Batch] = []
        self._apart: deque[Batch] = deque()

    # Coming in --------------------------------------------------------------------------------------------

    def add(self, proposal: Proposal) -> None:
        """Queue a command or a clock. Raises OverloadedError when too many wait."""
        if len(self._proposals) >= CHANGES_WAITING_MAX:
            raise OverloadedError(RETRY_AFTER_SECONDS)
        proposal.waits_until = monotonic() + COMMAND_SECONDS_MAX
        self._proposals.append(proposal)

    def release(self, release: Release) -> None:
        self._releases.append(release)

    def open_lane(self, lane: Lane) -> None:
        self._lanes[lane.id] = lane

    def close_lane(self, lane_id: str) -> None:
        """Forget a partition that is no longer ours, with all that was queued for it."""
        lane = self._lanes.pop(lane_id, None)
        for slot in lane.slots if lane else ():
            slot.settle()
        for release in [release for release in self._releases if release.lane is lane]:
            self.drop_release(release)

    # Looking ----------------------------------------------------------------------------------------------

    @property
    def records(self) -> int:
        """How many records wait, those in flight included."""
        return sum(len(lane.slots) for lane in self._lanes.values())

    @property
    def size(self) -> int:
        """How many changes wait, those in flight included."""
        return self.records + len(self._proposals) + len(self._releases)

    @property
    def in_flight(self) -> int:
        """How many changes are being committed."""
        return sum(flight.size for flight in self._flights)

    def first_with_key(self, command: Command) -> Command | None:
        """Give the first command that waits or is in flight with the idempotency key of `command`."""
        key = RequestRow.id_of(command)
        proposals = [p for flight in self._flights for p in flight.proposals] + list(self._proposals)
        commands = (p.cause for p in proposals if isinstance(p.cause, Command))
        return next((each for each in commands if RequestRow.id_of(each) == key), None)

    def owns(self, lane: Lane) -> bool:
        return self._lanes.get(lane.id) is lane

    # Going out --------------------------------------------------------------------------------------------

    def gather(self, count_max: int, now: float, *, records: bool) -> Batch:
        """Choose what may go into one transaction now, without taking it; `records` lets records in.

        A batch that stands apart is taken as it is, before anything else, as soon as its time has come.
        """
        if (failed := self._next_apart(now, records=records)) is not None:
            return failed
        claimed = frozenset[Key]().union(*(flight.claims for flight in self._flights))
        busy = frozenset[Lane]().union(*(held.lanes for held in (*self._flights, *self._apart)))
        batch = Batch(releases=self._free_releases(count_max, busy))
        room = count_max - batch.size
        if room:
            batch.proposals = self._free_proposals(max(1, room // 2), claimed)
        if records:
            batch.rows = self._free_rows(count_max - batch.size, busy, claimed)
        return batch

    def _free_releases(self, count_max: int, busy: frozenset[Lane]) -> list[Release]:
        free = (r for r in self._releases if r.slot.verdict is not None and r.lane not in busy)
        some = list(islice(free, count_max))
        sizes = accumulate(len(release.slot.record.value) for release in some)
        return [release for release, size in zip(some, sizes, strict=True) if size <= BATCH_BYTES_MAX]

    def _free_proposals(self, count_max: int, claimed: frozenset[Key]) -> list[Proposal]:
        held = {proposal for batch in (*self._flights, *self._apart) for proposal in batch.proposals}
        free = (p for p in self._proposals if p not in held and claimed.isdisjoint(p.keys))
        return list(islice(free, count_max))

    def _free_rows(self, room: int, busy: frozenset[Lane], claimed: frozenset[Key]) -> list[Row]:
        rows: list[Row] = []
        room_bytes = BATCH_BYTES_MAX
        for lane in self._by_age():
            count_max = at_once(lane, room)
            slots = lane.ready(count_max, room_bytes, claimed) if lane not in busy else []
            room -= len(slots)
            room_bytes -= sum(len(slot.record.value) for slot in slots)
            if slots:
                rows.append((lane, slots))
        return rows

    def _by_age(self) -> list[Lane]:
        """Take the partitions in turn, so that none waits for ever behind a busy one."""
        lanes = list(self._lanes.items())
        for lane_id, _ in lanes[:1]:
            self._lanes[lane_id] = self._lanes.pop(lane_id)
        return [lane for _, lane in lanes]

    # Standing apart ---------------------------------------------------------------------------------------

    def set_apart(self, *failed: Batch) -> None:
        """Keep batches that failed from all others, to be tried by themselves, the first one first."""
        for batch in reversed(failed):
            batch.apart = True
            self._apart.appendleft(batch)

    @property
    def apart_from(self) -> float | None:
        """Say from when on the next batch that stands apart may be tried."""
        return min((batch.not_before for batch in self._apart), default=None)

    def _next_apart(self, now: float, *, records: bool) -> Batch | None:
        for batch in list(self._apart):
            if batch.not_before <= now and (records or not batch.rows):
                self._apart.remove(batch)
                if (left := self._still_here(batch)).size:
                    return left
        return None

    def _still_here(self, batch: Batch) -> Batch:
        """Leave out what was settled or has gone with its partition: it stands apart no more."""
        return replace(
            batch,
            proposals=[p for p in batch.proposals if p.answer and not p.answer.done()],
            rows=[(lane, slots) for lane, slots in batch.rows if self.owns(lane) and lane.begins_with(slots)],
            releases=[release for release in batch.releases if release in self._releases],
        )

    # In the hands of a transaction ------------------------------------------------------------------------

    @contextmanager
    def flying(self, batch: Batch) -> Iterator[None]:
        """Keep what is in `batch` from other batches; it stays queued until it is dropped."""
        self._flights.append(batch)
        try:
            yield
        finally:
            self._flights.remove(batch)

    def drop_proposal(self, proposal: Proposal) -> None:
        self._proposals.remove(proposal)

    def drop_expired(self, mine: Batch) -> list[Proposal]:
        """Take away what has waited too long; what another batch than `mine` tries may yet succeed."""
        flying = {p for flight in self._flights if flight is not mine for p in flight.proposals}
        old = takewhile(lambda p: p.waits_until < monotonic(), list(self._proposals))
        expired = [proposal for proposal in old if proposal not in flying]
        for proposal in expired:
            self._proposals.remove(proposal)
        return expired

    def drop_release(self, release: Release) -> None:
        if release in self._releases:  # Its partition may have gone meanwhile.
            self._releases.remove(release)
        release.slot.settle()
