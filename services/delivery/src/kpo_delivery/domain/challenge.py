"""The challenge: an open call on its way from the funded purse to its awards."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID, uuid5

from kpo_chassis.kernel import PUBLIC, Decision, Task, TenantId
from kpo_chassis.money import Money
from kpo_delivery.domain.awards import Award, JudgedRound, awards
from kpo_delivery.domain.challenge_facts import (
    Actors,
    Awaited,
    ChallengeAwarded,
    ChallengeCancelled,
    ChallengeCancelRefused,
    ChallengeFact,
    ChallengeOpened,
    ChallengePlanned,
    ChallengeVoided,
    ChallengeWithdrawn,
    Standing,
)
from kpo_delivery.domain.challenge_plan import ChallengePlan
from kpo_delivery.domain.errors import (
    ChallengeStateError,
    MisplacedFactError,
    SubmissionsClosedError,
)
from kpo_delivery.domain.judging_errors import NotYourChallengeError
from kpo_delivery.domain.panel import Panel

ROLE = "challenge"
"""Derives a challenge's id from its engagement's, so that a repeated event cannot make a second one."""

CLOSING_GRACE = timedelta(seconds=10)
"""How long after the deadline submissions are counted: what was decided before it is visible by then."""

DATASET_UNKNOWN = "A dataset of the call is missing or belongs to somebody else; upload it and file again."
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


ALLOWED = {
    ChallengeStatus.EXPECTED: (),
    ChallengeStatus.PLANNED: ("void",),
    ChallengeStatus.OPEN: ("enter", "submit", "judges", "decline", "void"),
    ChallengeStatus.JUDGING: ("score", "decline", "void"),
    ChallengeStatus.AWARDED: (),
    ChallengeStatus.VOIDED: (),
    ChallengeStatus.CANCELLED: (),
    ChallengeStatus.WITHDRAWN: (),
}
"""What people can do in each state, in the words of the HTTP API."""


class Purse(StrEnum):
    """What is known of the money."""

    AWAITED = "awaited"
    FUNDED = "funded"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class OfferedDataset:
    """Data that the call is about, as a stranger may know them: `size` in bytes."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many took part, and how many of them submitted."""

    entries: int
    submissions: int


@dataclass(frozen=True, slots=True)
class RoundClock:
    """The panel's clock for one round; `gives_up_at` is set when spare judges were really called."""

    round: int
    judge_by: datetime
    gives_up_at: datetime | None = None

    @property
    def next_step_at(self) -> datetime:
        return self.gives_up_at or self.judge_by


@dataclass(frozen=True, slots=True)
class Challenge:
    """Holds the engagement from the funded purse to the award, or to another end.

    The plan is there from the planning on; a bench that was proposed before it waits on the empty panel.
    `fee_basis_points` is the share that the operator keeps of each prize, once billing has named it.
    """

    id: UUID
    engagement_id: UUID
    status: ChallengeStatus = ChallengeStatus.EXPECTED
    plan: ChallengePlan | None = None
    data: tuple[OfferedDataset, ...] = ()
    purse: Purse = Purse.AWAITED
    fee_basis_points: int | None = None
    wish: str | None = None
    panel: Panel = field(default_factory=Panel)
    has_submission: bool = False
    opened_at: datetime | None = None
    submissions_close_at: datetime | None = None
    turnout: Turnout | None = None
    clock: RoundClock | None = None
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
        """Before it opens, the client; then everybody."""
        if self.plan is None:
            return frozenset()
        return frozenset({self.plan.client} if self.opened_at is None else {self.plan.client, PUBLIC})

    @property
    def due_at(self) -> datetime | None:
        if self.status is ChallengeStatus.OPEN:
            return self.closes_at + CLOSING_GRACE
        return None if self.clock is None else self.clock.next_step_at

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Entrants are not known in advance, and what judges owe is in the tally of the round."""
        return ()

    @property
    def awaited(self) -> Awaited | None:
        if self.status is ChallengeStatus.OPEN:
            return Awaited(Actors.ENTRANTS, self.closes_at)
        return None if self.clock is None else Awaited(Actors.PANEL, self.clock.next_step_at)

    @property
    def standing(self) -> Standing:
        return Standing(self.id, self.engagement_id, self.client, self.awaited)

    @property
    def has_ended(self) -> bool:
        return self.ended_at is not None

    def net(self, prize: Money) -> Money | None:
        """Give what a winner gets of a prize; None until the fee is known."""
        return None if self.fee_basis_points is None else prize - prize.share(self.fee_basis_points)

    def is_sealed(self, now: datetime) -> bool:
        """Say whether nobody may read what was submitted yet: a comparison with the clock, no event."""
        return self.submissions_close_at is None or now < self.submissions_close_at + CLOSING_GRACE

    # Who may act ------------------------------------------------------------------------------------------

    def expect_client(self, by: TenantId) -> None:
        if by != self.client:
            raise NotYourChallengeError(f"Your organisation runs no challenge {self.id}.")

    def expect_state(self, action: str, *states: ChallengeStatus) -> None:
        """Refuse an action in all other states."""
        if self.status not in states:
            raise ChallengeStateError(
                f"The challenge is {self.status}; nobody can {action} now.", allowed=ALLOWED[self.status]
            )

    def expect_open(self, now: datetime) -> None:
        """Refuse what can only be done before submissions close."""
        self.expect_state("enter or submit", ChallengeStatus.OPEN)
        if now >= self.closes_at:
            raise SubmissionsClosedError("Submissions are closed; the panel has the word now.")

    # Facts of the engagement and its money ----------------------------------------------------------------

    def announce(
        self, plan: ChallengePlan, data: tuple[OfferedDataset, ...] | None, now: datetime
    ) -> "ChallengeDecision":
        """Take the call; what is known of its purse, and a wish that came first, are answered at once.

        Without `data` something that the plan names is missing, or belongs to somebody else.
        """
        if self.status is not ChallengeStatus.EXPECTED:
            raise self._misplaced("planned again")
        panel = Panel.of_size(plan.seats, self.panel.bench)
        planned = replace(self, status=ChallengeStatus.PLANNED, plan=plan, data=data or (), panel=panel)
        if self.purse is Purse.LAPSED:
            return planned.withdrawn(now)
        if data is None:
            return planned.voided(DATASET_UNKNOWN, now)
        fact = ChallengePlanned(planned.standing)
        if self.purse is Purse.AWAITED:
            return Decision(planned, (fact,))
        begun = planned.begun(now)
        return Decision(begun.state, (fact, *begun.facts))

    def fund(self, now: datetime) -> "ChallengeDecision":
        """Open the call, unless the client has called it off meanwhile."""
        funded = replace(self, purse=Purse.FUNDED)
        match self.status:
            case ChallengeStatus.EXPECTED:
                return Decision(funded)
            case ChallengeStatus.PLANNED:
                return funded.begun(now)
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
                return lapsed.withdrawn(now)
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
                return self.cancelled(reason, now)
            case ChallengeStatus.OPEN | ChallengeStatus.JUDGING:
                return Decision(self, (ChallengeCancelRefused(self.standing, SUBMITTED_ALREADY),))
            case _:
                return Decision(self)

    def received_submission(self) -> "ChallengeDecision":
        """Note that there is something to judge: from now on the client cannot cancel."""
        return Decision(replace(self, has_submission=True))

    def void(self, reason: str, now: datetime) -> "ChallengeDecision":
        """End by the operator's decision."""
        self.expect_state("void it", ChallengeStatus.PLANNED, ChallengeStatus.OPEN, ChallengeStatus.JUDGING)
        return self.stopped(reason, now)

    # How it begins and ends -------------------------------------------------------------------------------

    def begun(self, now: datetime) -> "ChallengeDecision":
        if self.wish is not None:
            return self.cancelled(self.wish, now)
        closes_at = now + self.call.open_for
        opened = replace(self, status=ChallengeStatus.OPEN, opened_at=now, submissions_close_at=closes_at)
        return Decision(opened, (ChallengeOpened(opened.standing, self.call, closes_at),))

    def stopped(self, reason: str, now: datetime) -> "ChallengeDecision":
        """End early: rounds that were judged are paid; without any, nobody is."""
        return self.awarded(reason, now) if self.judged else self.voided(reason, now)

    def awarded(self, reason: str | None, now: datetime) -> "ChallengeDecision":
        won = awards(self.call, self.judged)
        ended = replace(self._ended(ChallengeStatus.AWARDED, reason, now), awards=won)
        return Decision(ended, (ChallengeAwarded(ended.standing, won),))

    def voided(self, reason: str, now: datetime) -> "ChallengeDecision":
        ended = self._ended(ChallengeStatus.VOIDED, reason, now)
        return Decision(ended, (ChallengeVoided(ended.standing, reason),))

    def cancelled(self, reason: str, now: datetime) -> "ChallengeDecision":
        ended = self._ended(ChallengeStatus.CANCELLED, reason, now)
        return Decision(ended, (ChallengeCancelled(ended.standing, reason),))

    def withdrawn(self, now: datetime) -> "ChallengeDecision":
        ended = self._ended(ChallengeStatus.WITHDRAWN, None, now)
        return Decision(ended, (ChallengeWithdrawn(ended.standing),))

    # Its parts --------------------------------------------------------------------------------------------

    @property
    def closes_at(self) -> datetime:
        assert self.submissions_close_at is not None, "only an opened challenge closes"
        return self.submissions_close_at

    def _ended(self, status: ChallengeStatus, reason: str | None, now: datetime) -> "Challenge":
        return replace(self, status=status, reason=reason, clock=None, ended_at=now)

    def _misplaced(self, done: str) -> MisplacedFactError:
        return MisplacedFactError(f"challenge {self.id} is {self.status} and cannot be {done}")


ChallengeDecision: TypeAlias = Decision[Challenge, ChallengeFact]
