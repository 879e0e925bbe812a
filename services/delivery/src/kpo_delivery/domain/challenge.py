"""The challenge: an open call on its way from the funded purse to its awards."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID, uuid5

from kpo_chassis.kernel import Decision, Task, TenantId
from kpo_delivery.domain.awards import Award, JudgedRound, awards
from kpo_delivery.domain.challenge_facts import (
    Actors,
    Awaited,
    ChallengeAwarded,
    ChallengeCancelled,
    ChallengeCancelRefused,
    ChallengeEnd,
    ChallengeFact,
    ChallengeOpened,
    ChallengePlanned,
    ChallengeVoided,
    ChallengeWithdrawn,
    JudgeAppointed,
    JudgeReplaced,
    PanelFact,
    RoundJudged,
    Standing,
    SubmissionsClosed,
)
from kpo_delivery.domain.challenge_plan import ChallengePlan
from kpo_delivery.domain.errors import (
    ChallengeStateError,
    MisplacedFactError,
    NotYourChallengeError,
    NotYourSeatError,
    PanelFullError,
    SubmissionsClosedError,
)
from kpo_delivery.domain.panel import Judge, Panel, Seating

ROLE = "challenge"
"""Derives a challenge's id from its engagement's, so that a repeated event cannot make a second one."""

CLOSING_GRACE = timedelta(seconds=10)
"""How long after the deadline submissions are counted: what was decided before it is visible by then."""

GIVE_UP_AFTER = timedelta(days=14)
"""How long a late panel is waited for once spare judges were called, unless the policy says otherwise."""

DATASET_UNKNOWN = "A dataset of the call is missing or belongs to somebody else; upload it and file again."
NO_SUBMISSION = "Nobody submitted anything."
NO_QUORUM = "The panel did not score every submission in time."
TOO_LATE = "The judge was late."
SUBMITTED_ALREADY = "Somebody has submitted already."


class ChallengeStatus(StrEnum):
    """`expected`: only what belongs to a challenge is known, not its plan; nobody sees it yet."""

    EXPECTED = "expected"
    PLANNED = "planned"
    OPEN = "open"
    JUDGING = "judging"
    AWARDED = "awarded"
    VOIDED = "voided"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"


class Purse(StrEnum):
    """What is known of the money."""

    AWAITED = "awaited"
    FUNDED = "funded"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Judging:
    """The panel's clock for one round; `gives_up_at` is set when spare judges were really called."""

    round: int
    judge_by: datetime
    gives_up_at: datetime | None = None

    @property
    def next_step_at(self) -> datetime:
        return self.gives_up_at or self.judge_by


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many took part, and how many of them submitted."""

    entries: int
    submissions: int


@dataclass(frozen=True, slots=True)
class Challenge:
    """Holds the engagement from the funded purse to the award, or to another end.

    Plan and panel are there from the planning on; a bench that was proposed before it waits in `bench`.
    `fee_basis_points` is the share that the operator keeps of each prize, once billing has named it.
    """

    id: UUID
    engagement_id: UUID
    status: ChallengeStatus = ChallengeStatus.EXPECTED
    plan: ChallengePlan | None = None
    purse: Purse = Purse.AWAITED
    fee_basis_points: int | None = None
    wish: str | None = None
    panel: Panel = Panel(())
    has_submission: bool = False
    opened_at: datetime | None = None
    submissions_close_at: datetime | None = None
    turnout: Turnout | None = None
    judging: Judging | None = None
    judged: tuple[JudgedRound, ...] = ()
    awards: tuple[Award, ...] = ()
    reason: str | None = None
    ended_at: datetime | None = None

    @classmethod
    def expect(cls, engagement_id: UUID) -> "Challenge":
        """Begin before anything is known but that there may be a challenge."""
        return cls(cls.id_of(engagement_id), engagement_id)

    @staticmethod
    def id_of(engagement_id: UUID) -> UUID:
        return uuid5(engagement_id, ROLE)

    # What others may know of it ---------------------------------------------------------------------------

    @property
    def call(self) -> ChallengePlan:
        """Give the plan of a challenge that is past `expected`."""
        assert self.plan is not None, "only a planned challenge has a plan"
        return self.plan

    @property
    def client(self) -> TenantId:
        return self.call.client

    @property
    def parties(self) -> frozenset[TenantId]:
        """Before it opens, the client and those who already sit on the panel; then everybody."""
        if self.plan is None:
            return frozenset()
        return frozenset({self.plan.client, *(TenantId(judge.vendor_id) for judge in self.panel.judges)})

    @property
    def due_at(self) -> datetime | None:
        if self.status is ChallengeStatus.OPEN:
            return self._closes_at + CLOSING_GRACE
        return self.judging.next_step_at if self.judging is not None else None

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Entrants are not known in advance, and what judges owe is in the tally of the round."""
        return ()

    @property
    def awaited(self) -> Awaited | None:
        if self.status is ChallengeStatus.OPEN:
            return Awaited(Actors.ENTRANTS, self._closes_at)
        return None if self.judging is None else Awaited(Actors.PANEL, self.judging.next_step_at)

    @property
    def has_ended(self) -> bool:
        return self.ended_at is not None

    def is_sealed(self, now: datetime) -> bool:
        """Say whether nobody may read what was submitted yet: a comparison with the clock, no event."""
        return self.submissions_close_at is None or now < self.submissions_close_at + CLOSING_GRACE

    # Who may act ------------------------------------------------------------------------------------------

    def expect_client(self, by: TenantId) -> None:
        if by != self.client:
            raise NotYourChallengeError(f"Your organisation runs no challenge {self.id}.")

    def expect_open(self, now: datetime) -> None:
        """Refuse what can only be done before submissions close."""
        self._expect("enter or submit", ChallengeStatus.OPEN)
        if now >= self._closes_at:
            raise SubmissionsClosedError("Submissions are closed; the panel has the word now.")

    # Facts of the engagement and its money ----------------------------------------------------------------

    def announce(self, plan: ChallengePlan, now: datetime, *, data_are_there: bool) -> "ChallengeDecision":
        """Take the call; what is known of its purse, and a wish that came first, are answered at once."""
        if self.status is not ChallengeStatus.EXPECTED:
            raise self._misplaced("planned again")
        panel = replace(Panel.of_size(plan.seats), bench=self.panel.bench)
        planned = replace(self, status=ChallengeStatus.PLANNED, plan=plan, panel=panel)
        if self.purse is Purse.LAPSED:
            return planned._withdraw(now)
        if not data_are_there:
            return planned._void(DATASET_UNKNOWN, now)
        fact = ChallengePlanned(planned.standing)
        if self.purse is Purse.AWAITED:
            return Decision(planned, (fact,))
        begun = planned._begin(now)
        return Decision(begun.state, (fact, *begun.facts))

    def fund(self, now: datetime) -> "ChallengeDecision":
        """Open the call, unless the client has called it off meanwhile."""
        funded = replace(self, purse=Purse.FUNDED)
        match self.status:
            case ChallengeStatus.EXPECTED:
                return Decision(funded)
            case ChallengeStatus.PLANNED:
                return funded._begin(now)
            case ChallengeStatus.VOIDED | ChallengeStatus.WITHDRAWN:
                return Decision(self)
            case _:
                raise self._misplaced("funded")

    def lapse(self, now: datetime) -> "ChallengeDecision":
        """Give up a call whose purse never came."""
        lapsed = replace(self, purse=Purse.LAPSED)
        match self.status:
            case ChallengeStatus.EXPECTED:
                return Decision(lapsed)
            case ChallengeStatus.PLANNED:
                return lapsed._withdraw(now)
            case ChallengeStatus.VOIDED:
                return Decision(self)
            case _:
                raise self._misplaced("left without its purse")

    def note_fee(self, basis_points: int) -> "ChallengeDecision":
        """Remember the operator's share, so that entrants see what a prize is worth to them."""
        return Decision(replace(self, fee_basis_points=basis_points))

    def wish_cancelled(self, reason: str, now: datetime) -> "ChallengeDecision":
        """Answer the client's wish, or remember it until the money is there or is not."""
        match self.status:
            case ChallengeStatus.EXPECTED | ChallengeStatus.PLANNED:
                return Decision(self if self.wish is not None else replace(self, wish=reason))
            case ChallengeStatus.OPEN if not self.has_submission:
                return replace(self, wish=reason)._cancel(reason, now)
            case ChallengeStatus.OPEN | ChallengeStatus.JUDGING:
                return Decision(self, (ChallengeCancelRefused(self.standing, SUBMITTED_ALREADY),))
            case _:
                return Decision(self)

    def received_submission(self) -> "ChallengeDecision":
        """Note that there is something to judge: from now on the client cannot cancel."""
        return Decision(replace(self, has_submission=True))

    # Panel ------------------------------------------------------------------------------------------------

    def propose(self, bench: tuple[Judge, ...], spares: Iterable[Judge]) -> "ChallengeDecision":
        """Take the bench; seats that are free while the panel is at work are filled from it."""
        if self.has_ended:
            return Decision(self)
        proposed = replace(self, panel=replace(self.panel, bench=bench))
        if self.status is not ChallengeStatus.JUDGING:
            return Decision(proposed)
        return proposed._seat(proposed.panel.free, spares, TOO_LATE)

    def appoint(self, judge: Judge) -> "ChallengeDecision":
        """Give the next free seat to somebody whom the client chose."""
        self._expect("appoint a judge", ChallengeStatus.PLANNED, ChallengeStatus.OPEN)
        if not self.panel.free:
            raise PanelFullError(f"All {len(self.panel.seats)} seats of the panel are taken.")
        return self._seat(self.panel.free[:1], (judge,), TOO_LATE)

    def decline(
        self, number: int, person_id: UUID, reason: str, spares: Iterable[Judge]
    ) -> "ChallengeDecision":
        """Leave the panel; the next of the bench takes the seat and does what is left."""
        self._expect("decline", ChallengeStatus.PLANNED, ChallengeStatus.OPEN, ChallengeStatus.JUDGING)
        seat = self.panel.seat_of(person_id)
        if seat is None or seat.number != number:
            raise NotYourSeatError(f"You do not sit on seat {number} of the panel.")
        after = self._seat((number,), spares, reason)
        if after.facts:
            return after
        return Decision(replace(self, panel=self.panel.vacate(number)))

    # Closing and judging ----------------------------------------------------------------------------------

    def close_submissions(
        self, turnout: Turnout, spares: Iterable[Judge], now: datetime
    ) -> "ChallengeDecision":
        """Hand over to the panel, whose free seats the bench fills; void where there is nothing to judge."""
        if not turnout.submissions:
            return replace(self, turnout=turnout)._void(NO_SUBMISSION, now)
        judge_by = now + self.call.round(1).judge_within
        judging = replace(self, status=ChallengeStatus.JUDGING, turnout=turnout, judging=Judging(1, judge_by))
        seated = judging._seat(judging.panel.free, spares, TOO_LATE)
        closed = SubmissionsClosed(judging.standing, turnout.entries, turnout.submissions, judge_by)
        return Decision(seated.state, (closed, *seated.facts))

    def call_spares(
        self, late: Iterable[int], spares: Iterable[Judge], give_up_after: timedelta, now: datetime
    ) -> "ChallengeDecision":
        """Replace, once, the judges who owe scorecards, as far as the bench reaches."""
        judging = replace(self._judging, gives_up_at=now + give_up_after)
        return replace(self, judging=judging)._seat(tuple(late), spares, TOO_LATE)

    def close_round(self, ended: JudgedRound, now: datetime) -> "ChallengeDecision":
        """Take a round's ranking: its picks go on to the next round, or the call is awarded."""
        plan = self.call.round(ended.number)
        judged = replace(self, judged=(*self.judged, ended), judging=None)
        picked, is_last = len(ended.picked(plan)), ended.number == len(self.call.rounds)
        if not is_last:
            following = self.call.round(ended.number + 1)
            judging = Judging(following.number, now + following.judge_within)
            judged = replace(judged, judging=judging)
        fact = RoundJudged(judged.standing, ended.number, ended.submissions, picked, ended.ranking_sha256)
        end = judged._award(None, now) if is_last else Decision(judged)
        return Decision(end.state, (fact, *end.facts))

    def give_up_round(self, now: datetime) -> "ChallengeDecision":
        """End without this round: void the call where it is the first, else award what was judged."""
        return self._stop(NO_QUORUM, now)

    def void(self, reason: str, now: datetime) -> "ChallengeDecision":
        """End by the operator's decision; rounds that were judged are paid."""
        self._expect("void", ChallengeStatus.PLANNED, ChallengeStatus.OPEN, ChallengeStatus.JUDGING)
        return self._stop(reason, now)

    # Its parts --------------------------------------------------------------------------------------------

    @property
    def standing(self) -> Standing:
        return Standing(self.id, self.engagement_id, self.client, self.awaited)

    @property
    def _closes_at(self) -> datetime:
        assert self.submissions_close_at is not None, "only an opened challenge closes"
        return self.submissions_close_at

    @property
    def _judging(self) -> Judging:
        assert self.judging is not None, "only a challenge that is judged has a round"
        return self.judging

    def _begin(self, now: datetime) -> "ChallengeDecision":
        if self.wish is not None:
            return self._cancel(self.wish, now)
        closes_at = now + self.call.open_for
        opened = replace(self, status=ChallengeStatus.OPEN, opened_at=now, submissions_close_at=closes_at)
        return Decision(opened, (ChallengeOpened(opened.standing, self.call, closes_at),))

    def _seat(self, numbers: Iterable[int], spares: Iterable[Judge], reason: str) -> "ChallengeDecision":
        after, facts = self, list[ChallengeFact]()
        for seating in self.panel.filling(numbers, spares):
            after = replace(after, panel=after.panel.take(seating))
            facts.append(_seated(after.standing, seating, reason))
        return Decision(after, tuple(facts))

    def _stop(self, reason: str, now: datetime) -> "ChallengeDecision":
        return self._award(reason, now) if self.judged else self._void(reason, now)

    def _award(self, reason: str | None, now: datetime) -> "ChallengeDecision":
        ended = replace(
            self._ended(ChallengeStatus.AWARDED, reason, now), awards=awards(self.call, self.judged)
        )
        return _end(ended, ChallengeAwarded(ended.standing, ended.awards))

    def _void(self, reason: str, now: datetime) -> "ChallengeDecision":
        ended = self._ended(ChallengeStatus.VOIDED, reason, now)
        return _end(ended, ChallengeVoided(ended.standing, reason))

    def _cancel(self, reason: str, now: datetime) -> "ChallengeDecision":
        ended = self._ended(ChallengeStatus.CANCELLED, reason, now)
        return _end(ended, ChallengeCancelled(ended.standing, reason))

    def _withdraw(self, now: datetime) -> "ChallengeDecision":
        ended = self._ended(ChallengeStatus.WITHDRAWN, None, now)
        return _end(ended, ChallengeWithdrawn(ended.standing))

    def _ended(self, status: ChallengeStatus, reason: str | None, now: datetime) -> "Challenge":
        return replace(self, status=status, reason=reason, judging=None, ended_at=now)

    def _expect(self, action: str, *states: ChallengeStatus) -> None:
        if self.status not in states:
            raise ChallengeStateError(f"The challenge is {self.status}; nobody can {action} now.")

    def _misplaced(self, done: str) -> MisplacedFactError:
        return MisplacedFactError(f"challenge {self.id} is {self.status} and cannot be {done}")


ChallengeDecision: TypeAlias = Decision[Challenge, ChallengeFact]


def _seated(standing: Standing, seating: Seating, reason: str) -> PanelFact:
    if seating.before is None:
        return JudgeAppointed(standing, seating)
    return JudgeReplaced(standing, seating, reason)


def _end(challenge: Challenge, fact: ChallengeEnd) -> ChallengeDecision:
    return Decision(challenge, (fact,))
