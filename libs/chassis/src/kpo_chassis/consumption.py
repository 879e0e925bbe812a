"""What one record means to its stream: apply it, drop it, or set it aside, inside the batch's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kpo_chassis.attempt import Attempt
from kpo_chassis.audit import Step, outcome_row
from kpo_chassis.inbox import InboxRow, Place
from kpo_chassis.kernel import TransientError
from kpo_chassis.meters import CounterName, Meters
from kpo_chassis.outcome import ATTEMPTS_MAX, Park, Retry, Skip, judge
from kpo_chassis.parking import BEHIND, GAP, park_document, parked_id
from kpo_chassis.store import AUDIT, PARKED, Document
from kpo_chassis.work import Lane, Proposal, Slot


@dataclass
class Consumption:
    """The records of one batch, taken in the order of their partitions."""

    attempt: Attempt
    now: datetime
    counted: list[tuple[CounterName, Mapping[str, str]]] = field(default_factory=list)

    def tell(self, meters: Meters) -> None:
        """Count what happened, once the attempt has been committed."""
        for name, labels in self.counted:
            meters.add(name, labels)

    def _count(self, name: CounterName, **labels: str) -> None:
        self.counted.append((name, labels))

    async def prepare(self, slots: Sequence[Slot]) -> None:
        """Look up which of the records are parked already, where that is possible at all."""
        suspects = [parked_id(slot.record) for slot in slots if self._may_be_parked(slot)]
        if suspects:
            found = await self.attempt.tx.load(PARKED, suspects)
            self.attempt.parked.update({str(key): row for key, row in found.items()})

    def _may_be_parked(self, slot: Slot) -> bool:
        record = slot.record
        known = slot.parked is not None or not record.numbered
        return known or self.attempt.inbox[record.stream].parked > 0

    async def take(self, lane: Lane, slots: Sequence[Slot]) -> int:
        """Take a partition's records until one must be tried again; answer how many were taken."""
        taken = 0
        for slot in slots:
            if not await self._take(lane, slot):
                break
            taken += 1
        if taken:
            self.attempt.moves.append(lane.move(slots[taken - 1].record.offset + 1))
        return taken

    async def _take(self, lane: Lane, slot: Slot) -> bool:
        record = slot.record
        if record.key is None or record.seq is None:
            self._park(slot, _unnumbered(slot), row=None)
            return True
        row = self.attempt.inbox[record.stream]
        match row.place(record.seq, late_start=lane.base > 0):
            case Place.DUPLICATE:
                self._count("kpo_duplicates_total")
                return True
            case Place.NEXT:
                return await self._apply(slot, row, record.seq)
            case Place.BEHIND:
                self._park(slot, BEHIND, row)
                return True
            case Place.GAP:
                self._count("kpo_gaps_total")
                self._park(slot, GAP, row)
                return True

    async def _apply(self, slot: Slot, row: InboxRow, seq: int) -> bool:
        judgement = await self.try_verdict(slot)
        match judgement:
            case None:
                row.apply(seq)
                return True
            case Retry():
                return False
            case Park():
                self._park(slot, judgement, row)
                return True

    async def try_verdict(self, slot: Slot) -> Retry | Park | None:
        """Carry out what the slot's handler proposed; None means that it is done."""
        verdict = slot.verdict
        if isinstance(verdict, Park):
            return verdict
        if not isinstance(verdict, Proposal):
            return None
        try:
            await self.attempt.propose(verdict, self.now)
        except TransientError:
            raise
        except Exception as error:  # noqa: BLE001 - an event cannot be refused: whatever this is, it is judged.
            verdict.attempts += 1
            return judge(error, verdict.attempts)
        return None

    def _park(self, slot: Slot, park: Park, row: InboxRow | None) -> None:
        record = slot.record
        key = parked_id(record)
        if key in self.attempt.parked:
            return
        attempts, trace = (
            (slot.verdict.attempts, slot.verdict.trace) if isinstance(slot.verdict, Proposal) else (0, None)
        )
        document = park_document(record, park, self.now, attempts=attempts, trace=trace)
        self.attempt.parked[key] = document
        self.attempt.set_aside[slot] = park.code
        self.attempt.inserts[PARKED].append(document)
        self.attempt.copy_parked(document)
        self._count("kpo_parked_total", code=park.code)
        if row is not None and record.seq is not None:
            row.park(record.seq)

    # Coming back from parking -----------------------------------------------------------------------------

    async def release(self, slot: Slot, following: int) -> None:
        """Try a parked record again: the lowest of its stream goes first, what was applied is dropped.

        Only a skip may leap over numbers that never came. A record that is parked no more came back in an
        attempt whose answer was lost.
        """
        record, document = slot.record, slot.parked
        assert document is not None
        assert record.seq is not None
        row = self.attempt.inbox[record.stream]
        is_early = record.seq > row.seq + 1 and not isinstance(slot.verdict, Skip)
        if is_early or parked_id(record) not in self.attempt.parked:
            return
        if isinstance(slot.verdict, Proposal):  # It was tried thrice before: one more failure parks it again.
            slot.verdict.attempts = ATTEMPTS_MAX
        judgement = await self.try_verdict(slot) if record.seq > row.seq else None
        match judgement:
            case None:
                if record.seq > row.seq:
                    row.apply(record.seq)
                row.release(following)
                self.attempt.unparked.append(parked_id(record))
                self._tell_audit(document, "done")
            case Retry():
                return
            case Park():
                self._park_again(slot, judgement)

    def _park_again(self, slot: Slot, park: Park) -> None:
        assert slot.parked is not None
        if self.attempt.parked[parked_id(slot.record)]["wish"] != slot.parked["wish"]:
            return  # A person has thought again meanwhile: that is carried out next.
        again = park_document(slot.record, park, self.now, attempts=0, trace=None)
        before = slot.parked["attempts"]
        assert isinstance(before, int)
        self.attempt.reparked.append({**again, "attempts": before + 1, "parked_at": slot.parked["parked_at"]})
        self._tell_audit(slot.parked, "failed_again")

    def _tell_audit(self, parked: Document, step: Step) -> None:
        if parked["wish"] is not None:
            self.attempt.inserts[AUDIT].append(outcome_row(parked, step, self.now))


def _unnumbered(slot: Slot) -> Park:
    if isinstance(slot.verdict, Park):
        return slot.verdict
    return Park("no_key", "The record has no key that names an aggregate, or no number.")
