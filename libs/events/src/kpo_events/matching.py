"""Events that matching announces: vendors, experts, and who gets the work."""

from datetime import datetime, timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from kpo_events.intake import MilestonePlan
from kpo_events.money import Money
from kpo_events.payload import (
    ITEMS_MAX,
    CountryCode,
    CurrencyCode,
    EngagementPayload,
    HeldPayload,
    Payload,
    Stage,
    Text,
    Value,
)

CANDIDATES_MAX = 20
"""How many experts a shortlist holds."""


class VendorOnboardedV1(Payload):
    """An organisation offers experts from now on, for the currencies it accepts."""

    event_type: ClassVar = "matching.vendor.onboarded.v1"

    vendor_id: UUID
    name: Text
    country: CountryCode
    currencies: Annotated[tuple[CurrencyCode, ...], Field(max_length=ITEMS_MAX)]


class VendorUpdatedV1(VendorOnboardedV1):
    """The vendor's particulars as they are now, whole."""

    event_type: ClassVar = "matching.vendor.updated.v1"


class VendorSuspendedV1(Payload):
    """The vendor gets no new work."""

    event_type: ClassVar = "matching.vendor.suspended.v1"

    vendor_id: UUID
    reason: Text


class ExpertRegisteredV1(Payload):
    """A person offers knowledge work through a vendor; employers and relations serve conflict checks."""

    event_type: ClassVar = "matching.expert.registered.v1"

    expert_id: UUID
    person_id: UUID
    vendor_id: UUID
    country: CountryCode
    employers: Annotated[tuple[UUID, ...], Field(max_length=ITEMS_MAX)] = ()
    relations: Annotated[tuple[UUID, ...], Field(max_length=ITEMS_MAX)] = ()


class ExpertUpdatedV1(ExpertRegisteredV1):
    """The expert's particulars as they are now, whole."""

    event_type: ClassVar = "matching.expert.updated.v1"


class ExpertSuspendedV1(Payload):
    """The expert gets no new work."""

    event_type: ClassVar = "matching.expert.suspended.v1"

    expert_id: UUID
    vendor_id: UUID
    reason: Text


class ShortlistedCandidate(Value):
    """One row of a shortlist; `score` is between 0 and 10,000, in basis points of the best possible."""

    rank: Annotated[int, Field(ge=1, le=CANDIDATES_MAX)]
    expert_id: UUID
    vendor_id: UUID
    score: int


class MatchPayload(HeldPayload):
    """An event of the match that looks for an engagement's expert."""

    match_id: UUID


class MatchShortlistedV1(MatchPayload):
    """Somebody fits; offers go out when the escrow is funded."""

    event_type: ClassVar = "matching.match.shortlisted.v1"

    candidates: Annotated[tuple[ShortlistedCandidate, ...], Field(max_length=CANDIDATES_MAX)]


class MatchChoiceOpenedV1(MatchPayload):
    """The money is there; the client chooses, or the clock does."""

    event_type: ClassVar = "matching.match.choice_opened.v1"
    stage: ClassVar = Stage.MATCH


class OfferPayload(MatchPayload):
    """An event about one offer of the ladder, numbered 1, 2, 3 within its match."""

    stage: ClassVar = Stage.MATCH

    offer_number: Annotated[int, Field(ge=1, le=CANDIDATES_MAX)]
    expert_id: UUID
    vendor_id: UUID


class MatchOfferedV1(OfferPayload):
    """An expert is asked, and may answer until the offer expires."""

    event_type: ClassVar = "matching.match.offered.v1"

    expires_at: datetime


class MatchDeclinedV1(OfferPayload):
    """The expert, or the vendor for them, said no."""

    event_type: ClassVar = "matching.match.declined.v1"

    reason: Text


class MatchOfferExpiredV1(OfferPayload):
    """Nobody answered in time."""

    event_type: ClassVar = "matching.match.offer_expired.v1"


class Contract(Value):
    """What an accepted offer fixes, complete: delivery and billing need nothing else to do their part."""

    person_id: UUID
    budget: Money
    milestones: Annotated[tuple[MilestonePlan, ...], Field(min_length=1, max_length=ITEMS_MAX)]
    review_within: timedelta
    rework_within: timedelta
    hours_per_week: int


class MatchAcceptedV1(OfferPayload):
    """The expert said yes; the engagement is handed over to delivery."""

    event_type: ClassVar = "matching.match.accepted.v1"

    contract: Contract


class MatchEndedV1(MatchPayload):
    """Nobody will do it: `outcome` is unfilled or cancelled."""

    event_type: ClassVar = "matching.match.ended.v1"
    stage: ClassVar = Stage.MATCH

    outcome: Text
    reason: Text


class MatchWithdrawnV1(EngagementPayload):
    """The escrow lapsed before anybody was asked."""

    event_type: ClassVar = "matching.match.withdrawn.v1"

    match_id: UUID


class InvitationSentV1(EngagementPayload):
    """An expert who fits was told of an open challenge; nobody needs an invitation to enter."""

    event_type: ClassVar = "matching.invitation.sent.v1"
    public: ClassVar = True

    invitation_id: UUID
    challenge_id: UUID
    expert_id: UUID
    person_id: UUID
    vendor_id: UUID


class ProposedJudge(Value):
    """An expert without a known conflict who could judge; earlier in the list fits better."""

    expert_id: UUID
    person_id: UUID
    vendor_id: UUID


class PanelProposedV1(EngagementPayload):
    """Whom to appoint as judges of a challenge, spare judges behind them."""

    event_type: ClassVar = "matching.panel.proposed.v1"

    panel_id: UUID
    challenge_id: UUID
    judges: Annotated[tuple[ProposedJudge, ...], Field(max_length=ITEMS_MAX)]
