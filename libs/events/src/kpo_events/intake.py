"""Events that intake announces: clients, and what they ask for."""

from datetime import datetime, timedelta
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from kpo_events.money import Money
from kpo_events.payload import (
    BRIEF_BYTES_MAX,
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


class ClientRegisteredV1(Payload):
    """A client organisation may file engagements from now on."""

    event_type: ClassVar = "intake.client.registered.v1"

    client_id: UUID
    name: Text
    country: CountryCode
    currency: CurrencyCode


class ClientUpdatedV1(ClientRegisteredV1):
    """The client's particulars as they are now, whole."""

    event_type: ClassVar = "intake.client.updated.v1"


class SkillNeed(Value):
    """An ESCO skill and the lowest level (1 to 5) that will do."""

    skill: Text
    level: Annotated[int, Field(ge=1, le=5)]


class LanguageNeed(Value):
    """An ISO 639-1 language and the lowest CEFR level (A1 to C2) that will do."""

    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
    level: Annotated[str, Field(pattern=r"^(A1|A2|B1|B2|C1|C2)$")]


class OverlapNeed(Value):
    """Hours of the working day that client and expert must share, in an IANA time zone."""

    time_zone: Text
    hours: Annotated[int, Field(ge=1, le=12)]


class MilestonePlan(Value):
    """One part of the work: what it pays, and how long after the work order opens it is due."""

    number: Annotated[int, Field(ge=1, le=ITEMS_MAX)]
    title: Text
    amount: Money
    due_within: timedelta


class EngagementSubmittedV1(HeldPayload):
    """A client asks for work, with everything that money, matching and delivery need to begin."""

    event_type: ClassVar = "intake.engagement.submitted.v1"
    stage: ClassVar = Stage.FILED

    title: Text
    practice_area: Text
    mode: Text
    brief: Annotated[str, Field(max_length=BRIEF_BYTES_MAX)]
    required_skills: Annotated[tuple[SkillNeed, ...], Field(max_length=ITEMS_MAX)]
    wished_skills: Annotated[tuple[SkillNeed, ...], Field(max_length=ITEMS_MAX)] = ()
    languages: Annotated[tuple[LanguageNeed, ...], Field(max_length=ITEMS_MAX)] = ()
    jurisdictions: Annotated[tuple[Text, ...], Field(max_length=ITEMS_MAX)] = ()
    overlap: OverlapNeed | None = None
    hours_per_week: Annotated[int, Field(ge=1, le=60)]
    budget: Money
    milestones: Annotated[tuple[MilestonePlan, ...], Field(max_length=ITEMS_MAX)]
    fund_by: datetime
    choose_within: timedelta
    offer_valid_for: timedelta
    review_within: timedelta
    rework_within: timedelta
    choice: Text = "client"
    confidential: bool = False
    follows: UUID | None = None
    preferred_expert: UUID | None = None


class EngagementCancellationRequestedV1(EngagementPayload):
    """The client wishes to cancel; whoever holds the engagement answers."""

    event_type: ClassVar = "intake.engagement.cancellation_requested.v1"

    mode: Text
    reason: Text


class EngagementClosedV1(HeldPayload):
    """Nothing is left to do; `outcome` says how it ended."""

    event_type: ClassVar = "intake.engagement.closed.v1"
    stage: ClassVar = Stage.CLOSED

    outcome: Text
