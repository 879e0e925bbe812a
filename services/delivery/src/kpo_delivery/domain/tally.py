"""How far a round of judging is: small, because every scorecard writes it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Decision, Decisions, Ref, Task, TenantId, inner, inner_maybe, together
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.panel import Judge, Panel
from kpo_delivery.domain.round import Candidate, Deal, Round

SCORE = "score"
"""What a judge's task is called."""


@dataclass(frozen=True, slots=True)
class SeatTally:
    """How many scorecards one seat still owes, and who sits there now."""

    seat: int
    missing: int
    judge: Judge | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Written by every scorecard, and by whatever seats a judge or ends the round, so that none is lost.

    `given` counts scorecards; `complete_at` is when the last one came, and from then on the clock closes
    the round. It has the id of its round.
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

    @property
    def late(self) -> tuple[int, ...]:
        """Give the seats that still owe something."""
        return tuple(seat.seat for seat in self.seats if seat.missing)

    def seat_of(self, person_id: UUID) -> int | None:
        """Find the seat that a person sits on now."""
        return next((s.seat for s in self.seats if s.judge and s.judge.person_id == person_id), None)

    def scored(self, number: int, now: datetime) -> "Tally":
        """Count a scorecard of one seat."""
        seats = tuple(
            replace(seat, missing=seat.missing - 1) if seat.seat == number else seat for seat in self.seats
        )
        after = replace(self, seats=seats, given=self.given + 1)
        return after if after.missing else replace(after, complete_at=now)

    def closed(self) -> "Tally":
        return replace(self, is_closed=True)


def tally_of(challenge_id: UUID, number: int) -> Ref[Tally]:
    return inner(Tally, Round.id_of(challenge_id, number))


def new_tally(challenge_id: UUID, number: int) -> Ref[Tally]:
    """Name the tally that opening a round makes."""
    return inner_maybe(Tally, Round.id_of(challenge_id, number))


def open_round(challenge: Challenge, candidates: Iterable[Candidate]) -> Decisions:
    """Open the round that a challenge's clock now runs for, if it runs for one."""
    clock, call = challenge.clock, challenge.plan
    if clock is None or call is None:
        return Decisions()
    opened = Round.open(challenge.id, clock.round, candidates, Deal.of(call, clock.round))
    tally = Tally.of(opened, challenge.panel, clock.judge_by)
    return together(Decision(tally), entries=opened.assignments)


def reseated(tally: Tally, challenge: Challenge) -> Decision[Tally, object]:
    """Take the judges who sit on the panel now, and the time that they have; they do what is left."""
    assert challenge.clock is not None, "only a challenge that is judged has a tally"
    judges = {seat.number: seat.judge for seat in challenge.panel.seats}
    seats = tuple(replace(seat, judge=judges[seat.seat]) for seat in tally.seats)
    return Decision(replace(tally, seats=seats, judge_by=challenge.clock.next_step_at))
