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
    Sha256,
    Stage,
    Text,
    Value,
)

LICENCE_CHARS_MAX = 8 * 1024
CRITERIA_MAX = 12
ROUNDS_MAX = 4
DATASETS_MAX = 16
JUDGES_MAX = 15
INVITATIONS_MAX = 400
"""How many experts a challenge may invite: matching writes all of them, and the panel, in one change."""

PRIZES_MAX = 64
"""How many submissions a round may pick, and how many prizes all rounds of a challenge may have."""


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


class AssignmentPlan(Value):
    """How one expert is found and works: milestones, and how long each step may take."""

    hours_per_week: Annotated[int, Field(ge=1, le=60)]
    milestones: Annotated[tuple[MilestonePlan, ...], Field(min_length=1, max_length=ITEMS_MAX)]
    choose_within: timedelta
    offer_valid_for: timedelta
    review_within: timedelta
    rework_within: timedelta
    choice: Text = "client"
    preferred_expert: UUID | None = None


class DatasetReference(Value):
    """Data that the client uploaded to delivery beforehand, by id and hash."""

    dataset_id: UUID
    sha256: Sha256


class Licence(Value):
    """What an entrant accepts before any byte of the data: the text, under the name of its version."""

    version: Text
    text: Annotated[str, Field(min_length=1, max_length=LICENCE_CHARS_MAX)]


class Criterion(Value):
    """What a judge scores from 0 to 100, and how much it weighs beside the others."""

    name: Text
    weight: Annotated[int, Field(ge=1, le=100)]


class RoundPlan(Value):
    """One round of the panel: how many submissions it picks, and what the first of them get, by rank.

    Who is picked in one round is judged in the next. Prizes are gross: the fee is inside.
    """

    number: Annotated[int, Field(ge=1, le=ROUNDS_MAX)]
    picks: Annotated[int, Field(ge=1, le=PRIZES_MAX)]
    prizes: Annotated[tuple[Money, ...], Field(max_length=PRIZES_MAX)] = ()
    judge_within: timedelta


class ChallengePlan(Value):
    """How an open call runs: data, panel, rounds. The budget is the purse, the brief the question."""

    open_for: timedelta
    datasets: Annotated[tuple[DatasetReference, ...], Field(max_length=DATASETS_MAX)]
    licence: Licence
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1, max_length=CRITERIA_MAX)]
    rounds: Annotated[tuple[RoundPlan, ...], Field(min_length=1, max_length=ROUNDS_MAX)]
    judges: Annotated[int, Field(ge=1, le=JUDGES_MAX)]
    invitations: Annotated[int, Field(ge=0, le=INVITATIONS_MAX)]
    excluded_countries: Annotated[tuple[CountryCode, ...], Field(max_length=ITEMS_MAX)] = ()


class EngagementSubmittedV1(HeldPayload):
    """A client asks for work, with everything that money, matching and delivery need to begin.

    One of `assignment` and `challenge` is there: the one that `mode` names.
    """

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
    budget: Money
    fund_by: datetime
    confidential: bool = False
    follows: UUID | None = None
    assignment: AssignmentPlan | None = None
    challenge: ChallengePlan | None = None


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
