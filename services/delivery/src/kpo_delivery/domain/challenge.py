"""The challenge: an open call on its way from the funded purse to its awards."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from kpo_chassis.kernel import Decision, Task, TenantId
from kpo_delivery.domain.challenge_plan import ChallengePlan
from kpo_delivery.domain.errors import ChallengeStateError, SubmissionsClosedError

ROLE = "challenge"
"""Derives a challenge's id from its engagement's, so that a repeated event cannot make a second one."""

CLOSING_GRACE = timedelta(seconds=10)
"""How long after the deadline submissions are counted: what was decided before it is visible by then."""


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


@dataclass(frozen=True, slots=True)
class Challenge:
    """Holds the engagement from the funded purse to the award, or to another end."""

    id: UUID
    engagement_id: UUID
    status: ChallengeStatus = ChallengeStatus.EXPECTED
    plan: ChallengePlan | None = None
    opened_at: datetime | None = None
    submissions_close_at: datetime | None = None
    has_submission: bool = False

    @classmethod
    def expect(cls, engagement_id: UUID) -> "Challenge":
        """Begin before anything is known but that there may be a challenge."""
        return cls(cls.id_of(engagement_id), engagement_id)

    @staticmethod
    def id_of(engagement_id: UUID) -> UUID:
        return uuid5(engagement_id, ROLE)

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
        return frozenset() if self.plan is None else frozenset({self.plan.client})

    @property
    def due_at(self) -> datetime | None:
        return None

    @property
    def tasks(self) -> tuple[Task, ...]:
        return ()

    def expect_open(self, now: datetime) -> None:
        """Refuse what can only be done before submissions close."""
        if self.status is not ChallengeStatus.OPEN:
            raise ChallengeStateError(f"The challenge is {self.status}; it takes no entries or submissions.")
        assert self.submissions_close_at is not None
        if now >= self.submissions_close_at:
            raise SubmissionsClosedError("Submissions are closed; the panel has the word now.")

    def is_sealed(self, now: datetime) -> bool:
        """Say whether nobody may read what was submitted yet: a comparison with the clock, no event."""
        return self.submissions_close_at is None or now < self.submissions_close_at + CLOSING_GRACE

    def received_submission(self) -> Decision["Challenge", object]:
        """Note that there is something to judge: from now on the client cannot cancel."""
        return Decision(replace(self, has_submission=True))
