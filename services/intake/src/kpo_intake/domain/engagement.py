"""The engagement: what a client asked for, from filing to the last word about it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from kpo_chassis.kernel import Decision, Quiet, TenantId
from kpo_intake.domain.brief import Brief, Mode
from kpo_intake.domain.brief_rules import check_brief
from kpo_intake.domain.client import Client
from kpo_intake.domain.errors import (
    ClientUnknownError,
    EngagementClosedError,
    FollowsUnendedError,
    FollowsUnknownError,
    MisplacedFactError,
)
from kpo_intake.domain.limits import Limits


class EngagementStatus(StrEnum):
    """`cancelling`: the client's wish is on its way to whoever holds the engagement."""

    SUBMITTED = "submitted"
    CANCELLING = "cancelling"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How an engagement ended."""

    COMPLETED = "completed"
    AWARDED = "awarded"
    UNFILLED = "unfilled"
    VOIDED = "voided"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class EngagementSubmitted:
    engagement_id: UUID
    client_id: TenantId
    brief: Brief


@dataclass(frozen=True, slots=True)
class CancellationRequested:
    engagement_id: UUID
    client_id: TenantId
    mode: Mode
    reason: str


@dataclass(frozen=True, slots=True)
class EngagementClosed:
    engagement_id: UUID
    client_id: TenantId
    outcome: Outcome


EngagementFact: TypeAlias = EngagementSubmitted | CancellationRequested | EngagementClosed


@dataclass(frozen=True, slots=True)
class Filing:
    """What a new engagement is made of: an id made at the door, the filing organisation, its brief."""

    engagement_id: UUID
    client_id: TenantId
    brief: Brief


@dataclass(frozen=True, slots=True)
class Engagement(Quiet):
    """Known to its client alone; who holds it meanwhile is told by the timeline."""

    id: UUID
    client_id: TenantId
    brief: Brief
    submitted_at: datetime
    status: EngagementStatus = EngagementStatus.SUBMITTED
    cancel_reason: str | None = None
    outcome: Outcome | None = None
    closed_at: datetime | None = None

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset({self.client_id})

    # Rows of the fact table -------------------------------------------------------------------------------

    def cancel(self, reason: str) -> "EngagementDecision":
        """Wish to cancel: the holder answers; asking again changes nothing."""
        match self.status:
            case EngagementStatus.SUBMITTED:
                after = replace(self, status=EngagementStatus.CANCELLING, cancel_reason=reason)
                return Decision(
                    after, (CancellationRequested(self.id, self.client_id, self.brief.mode, reason),)
                )
            case EngagementStatus.CANCELLING:
                return Decision(self)
            case EngagementStatus.CLOSED:
                raise EngagementClosedError(
                    f"The engagement is closed ({self.outcome}); there is nothing left to cancel."
                )

    def cancel_refused(self) -> "EngagementDecision":
        """Take the holder's no: the engagement goes on."""
        match self.status:
            case EngagementStatus.CANCELLING:
                return Decision(replace(self, status=EngagementStatus.SUBMITTED, cancel_reason=None))
            case EngagementStatus.CLOSED:
                return Decision(self)
            case EngagementStatus.SUBMITTED:
                raise MisplacedFactError(f"nobody asked to cancel engagement {self.id}")

    def close(self, outcome: Outcome, now: datetime) -> "EngagementDecision":
        """Take the last word, which comes from the escrow; a second one says nothing new."""
        if self.status is EngagementStatus.CLOSED:
            return Decision(self)
        after = replace(self, status=EngagementStatus.CLOSED, outcome=outcome, closed_at=now)
        return Decision(after, (EngagementClosed(self.id, self.client_id, outcome),))


EngagementDecision: TypeAlias = Decision[Engagement, EngagementFact]


def submit(
    filing: Filing, client: Client | None, followed: Engagement | None, limits: Limits, now: datetime
) -> EngagementDecision:
    """File an engagement: from now on others act on it. `followed` is the one that the brief names."""
    if client is None:
        raise ClientUnknownError("Your organisation is not registered as a client; ask the operator.")
    if filing.brief.follows is not None:
        _check_followed(filing.brief.follows, followed, client)
    check_brief(filing.brief, limits, now)
    engagement = Engagement(filing.engagement_id, client.id, filing.brief, submitted_at=now)
    return Decision(engagement, (EngagementSubmitted(engagement.id, client.id, filing.brief),))


def _check_followed(key: UUID, followed: Engagement | None, client: Client) -> None:
    if followed is None or followed.client_id != client.id:
        raise FollowsUnknownError(
            f"You have no engagement {key}; name an ended one of yours, or leave it out.", pointer="/follows"
        )
    if followed.status is not EngagementStatus.CLOSED:
        raise FollowsUnendedError(
            f"Engagement {key} has not ended; file again when it has, or leave it out.", pointer="/follows"
        )
