"""What one transaction will try to do, and what became of it."""

from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from operator import itemgetter

from kpo_chassis.announcement import Parcel
from kpo_chassis.kernel import Stored
from kpo_chassis.work import Key, Lane, Proposal, Slot


@dataclass(eq=False, slots=True)
class Release:
    """A parked record that is tried again; `following` is the next parked number of its stream."""

    lane: Lane
    slot: Slot
    following: int


@dataclass(eq=False)
class Batch:
    """Commands and clocks, records by partition, and parked records that come back.

    A batch that failed is `apart` from all others, and tried again `not_before` a time of the event loop;
    `conflicts` counts how often in a row it met one.
    """

    proposals: list[Proposal] = field(default_factory=list)
    rows: list[tuple[Lane, list[Slot]]] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    apart: bool = False
    not_before: float = 0.0
    conflicts: int = 0

    @property
    def size(self) -> int:
        return len(self.proposals) + len(self.releases) + sum(len(slots) for _, slots in self.rows)

    def halves(self, not_before: float = 0.0) -> tuple["Batch", "Batch"]:
        """Split it in two; where both have records of a partition, the first has those that come first."""
        records = [(lane, slot) for lane, slots in self.rows for slot in slots]
        of_records = min(self.size // 2, len(records))
        of_releases = min(self.size // 2 - of_records, len(self.releases))
        of_proposals = self.size // 2 - of_records - of_releases
        first = Batch(
            self.proposals[:of_proposals],
            _by_lane(records[:of_records]),
            self.releases[:of_releases],
            not_before=not_before,
        )
        second = Batch(
            self.proposals[of_proposals:],
            _by_lane(records[of_records:]),
            self.releases[of_releases:],
            not_before=not_before,
        )
        return first, second

    @cached_property
    def slots(self) -> list[Slot]:
        return [slot for _, slots in self.rows for slot in slots] + [r.slot for r in self.releases]

    @cached_property
    def changes(self) -> list[Proposal]:
        verdicts = [slot.verdict for slot in self.slots]
        return [*self.proposals, *(v for v in verdicts if isinstance(v, Proposal))]

    @cached_property
    def streams(self) -> list[str]:
        return list({slot.record.stream for slot in self.slots if slot.record.numbered})

    @cached_property
    def lanes(self) -> frozenset[Lane]:
        """The partitions whose positions this transaction proves or moves."""
        return frozenset([lane for lane, _ in self.rows] + [release.lane for release in self.releases])

    @cached_property
    def claims(self) -> frozenset[Key]:
        """The aggregates that its changes named; what they will need beside them is not known yet."""
        return frozenset(key for proposal in self.changes for key in proposal.keys)


def _by_lane(records: list[tuple[Lane, Slot]]) -> list[tuple[Lane, list[Slot]]]:
    return [(lane, [slot for _, slot in some]) for lane, some in groupby(records, key=itemgetter(0))]


@dataclass(slots=True)
class Result:
    """What a committed batch made: answers, slots taken per partition, those parked, what to publish."""

    answers: list[tuple[Proposal, Stored[object] | Exception | None]] = field(default_factory=list)
    taken: list[tuple[Lane, int]] = field(default_factory=list)
    set_aside: dict[Slot, str] = field(default_factory=dict)
    outbox: Parcel | None = None
