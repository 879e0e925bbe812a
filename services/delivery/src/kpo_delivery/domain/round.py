"""One round of judging: what is judged by which seats, fixed when it opens, and how much is missing."""

import hashlib
import hmac
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from kpo_chassis.kernel import Quiet, Task, TenantId
from kpo_delivery.domain.panel import Judge, Panel

CODE_CHARS = 10
"""Fifty bits: among the submissions of one challenge no two get the same."""

SCORE = "score"
"""What a judge's task is called."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A submission that goes into a round: the latest of its entry, and whose it is."""

    entry_id: UUID
    submission: int
    submitted_at: datetime
    code: str
    expert_id: UUID
    person_id: UUID
    vendor_id: UUID


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate, and the seats of the panel that score it."""

    candidate: Candidate
    seats: tuple[int, ...]

    @property
    def code(self) -> str:
        return self.candidate.code


@dataclass(frozen=True, slots=True)
class Round(Quiet):
    """What is judged by whom. Large, therefore never written again: what changes is in the tally."""

    id: UUID
    challenge_id: UUID
    number: int
    rows: tuple[Judged, ...]

    @staticmethod
    def id_of(challenge_id: UUID, number: int) -> UUID:
        return uuid5(challenge_id, f"round:{number}")

    @classmethod
    def open(cls, challenge_id: UUID, number: int, candidates: Sequence[Candidate], deal: "Deal") -> "Round":
        """Deal the candidates out, in an order that nobody chose: by their hash with the round's id."""
        key = cls.id_of(challenge_id, number)
        shuffled = sorted(candidates, key=lambda candidate: _shuffled(key, candidate.code))
        rows = (Judged(candidate, deal.hand(turn)) for turn, candidate in enumerate(shuffled))
        return cls(key, challenge_id, number, tuple(rows))

    def of_seat(self, seat: int) -> tuple[Judged, ...]:
        return tuple(row for row in self.rows if seat in row.seats)

    def find(self, code: str) -> Judged | None:
        return next((row for row in self.rows if row.code == code), None)


@dataclass(frozen=True, slots=True)
class Deal:
    """How many of the panel's seats score each submission."""

    seats: int
    per_submission: int

    def hand(self, turn: int) -> tuple[int, ...]:
        """Go on where the turn before ended, round and round, so that seats differ by one at most."""
        first = turn * self.per_submission
        return tuple(sorted((first + step) % self.seats + 1 for step in range(self.per_submission)))


@dataclass(frozen=True, slots=True)
class SeatTally:
    """How many scorecards one seat still owes, and who sits there now."""

    seat: int
    missing: int
    judge: Judge | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a round is: written by every scorecard, and by whatever seats a judge or ends the round.

    `given` counts scorecards; `complete_at` is when the last one came, and from then on the clock closes
    the round.
    """

    id: UUID
    challenge_id: UUID
    number: int
    judge_by: datetime
    seats: tuple[SeatTally, ...]
    given: int = 0
    complete_at: datetime | None = None
    is_closed: bool = False

    @classmethod
    def of(cls, round_: Round, panel: Panel, judge_by: datetime) -> "Tally":
        seats = (SeatTally(seat.number, len(round_.of_seat(seat.number)), seat.judge) for seat in panel.seats)
        return cls(round_.id, round_.challenge_id, round_.number, judge_by, tuple(seats))

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset()

    @property
    def due_at(self) -> datetime | None:
        return None if self.is_closed else self.complete_at

    @property
    def tasks(self) -> tuple[Task, ...]:
        path = f"/v1/challenges/{self.challenge_id}/assignments"
        return tuple(
            Task(TenantId(seat.judge.vendor_id), SCORE, path, self.judge_by)
            for seat in self.seats
            if seat.judge is not None and seat.missing and not self.is_closed
        )

    @property
    def missing(self) -> int:
        return sum(seat.missing for seat in self.seats)

    def owed_by(self, person_id: UUID) -> SeatTally | None:
        """Find the seat that a person sits on now."""
        return next((s for s in self.seats if s.judge is not None and s.judge.person_id == person_id), None)

    def scored(self, number: int, now: datetime) -> "Tally":
        """Count a scorecard of one seat."""
        seats = tuple(
            replace(seat, missing=seat.missing - 1) if seat.seat == number else seat for seat in self.seats
        )
        after = replace(self, seats=seats, given=self.given + 1)
        return after if after.missing else replace(after, complete_at=now)

    def seated(self, panel: Panel, judge_by: datetime) -> "Tally":
        """Take the judges who sit on the panel now; they do what is left."""
        judges = {seat.number: seat.judge for seat in panel.seats}
        seats = tuple(replace(seat, judge=judges[seat.seat]) for seat in self.seats)
        return replace(self, seats=seats, judge_by=judge_by)

    def closed(self) -> "Tally":
        return replace(self, is_closed=True)


def blind_code(key: bytes, entry_id: UUID) -> str:
    """Name an entry so that only who has the key can tell which it is."""
    digest = hmac.digest(key, entry_id.bytes, "sha256")
    return b32encode(digest).decode()[:CODE_CHARS]


def _shuffled(round_id: UUID, code: str) -> bytes:
    return hashlib.sha256(round_id.bytes + code.encode()).digest()
