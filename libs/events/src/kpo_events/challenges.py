"""Events that delivery announces about open calls: the challenge, and the entries to it."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from kpo_events.intake import (
    INVITATIONS_MAX,
    JUDGES_MAX,
    PRIZES_MAX,
    LanguageNeed,
    RoundPlan,
    SkillNeed,
)
from kpo_events.money import Money
from kpo_events.payload import (
    ITEMS_MAX,
    CountryCode,
    EngagementPayload,
    HeldPayload,
    Sha256,
    Stage,
    Text,
    Value,
)


class ChallengePayload(HeldPayload):
    """An event of the challenge that runs an engagement's open call."""

    challenge_id: UUID


class ChallengePlannedV1(ChallengePayload):
    """The call is ready, its data are there; it opens when the purse is funded."""

    event_type: ClassVar = "delivery.challenge.planned.v1"


class ChallengeOpenedV1(ChallengePayload):
    """Anyone eligible may enter until `submissions_close_at`; all that matching needs to invite is here."""

    event_type: ClassVar = "delivery.challenge.opened.v1"
    stage: ClassVar = Stage.WORK

    title: Text
    practice_area: Text
    required_skills: Annotated[tuple[SkillNeed, ...], Field(max_length=ITEMS_MAX)]
    wished_skills: Annotated[tuple[SkillNeed, ...], Field(max_length=ITEMS_MAX)] = ()
    languages: Annotated[tuple[LanguageNeed, ...], Field(max_length=ITEMS_MAX)] = ()
    purse: Money
    rounds: Annotated[tuple[RoundPlan, ...], Field(min_length=1, max_length=ITEMS_MAX)]
    judges: Annotated[int, Field(ge=1, le=JUDGES_MAX)]
    invitations: Annotated[int, Field(ge=0, le=INVITATIONS_MAX)]
    excluded_countries: Annotated[tuple[CountryCode, ...], Field(max_length=ITEMS_MAX)] = ()
    submissions_close_at: datetime


class JudgePayload(ChallengePayload):
    """An event about one seat of the panel, numbered from 1."""

    stage: ClassVar = Stage.WORK

    seat: Annotated[int, Field(ge=1, le=JUDGES_MAX)]
    expert_id: UUID
    person_id: UUID
    vendor_id: UUID


class JudgeAppointedV1(JudgePayload):
    """An expert sits on the panel from now on."""

    event_type: ClassVar = "delivery.challenge.judge_appointed.v1"


class JudgeReplacedV1(JudgePayload):
    """The expert of a seat left the panel, or was too late; the new one does what is left."""

    event_type: ClassVar = "delivery.challenge.judge_replaced.v1"

    replaced_expert_id: UUID
    reason: Text


class SubmissionsClosedV1(ChallengePayload):
    """Nothing is taken any more; the panel judges the first round."""

    event_type: ClassVar = "delivery.challenge.submissions_closed.v1"
    stage: ClassVar = Stage.WORK

    entries: Annotated[int, Field(ge=0)]
    submissions: Annotated[int, Field(ge=0)]
    judge_by: datetime


class RoundJudgedV1(ChallengePayload):
    """The panel ranked a round; what it picked goes on to the next one, if there is one.

    `ranking_sha256` is over the ranking as delivery exports it, so that anybody can compare.
    """

    event_type: ClassVar = "delivery.challenge.round_judged.v1"
    stage: ClassVar = Stage.WORK

    round: Annotated[int, Field(ge=1)]
    submissions: Annotated[int, Field(ge=0)]
    picked: Annotated[int, Field(ge=0, le=PRIZES_MAX)]
    ranking_sha256: Sha256


class Award(Value):
    """One prize: number 1, 2, 3 within its challenge, for a rank of a round; gross, the fee inside."""

    number: Annotated[int, Field(ge=1, le=PRIZES_MAX)]
    round: Annotated[int, Field(ge=1)]
    rank: Annotated[int, Field(ge=1)]
    entry_id: UUID
    expert_id: UUID
    person_id: UUID
    vendor_id: UUID
    prize: Money


class ChallengeAwardedV1(ChallengePayload):
    """The call has its winners: each award is paid from the purse, and the rest of it goes back."""

    event_type: ClassVar = "delivery.challenge.awarded.v1"
    stage: ClassVar = Stage.WORK

    awards: Annotated[tuple[Award, ...], Field(max_length=PRIZES_MAX)]


class ChallengeVoidedV1(ChallengePayload):
    """The call ended without a winner; the purse goes back."""

    event_type: ClassVar = "delivery.challenge.voided.v1"
    stage: ClassVar = Stage.WORK

    reason: Text


class ChallengeCancelledV1(ChallengePayload):
    """The client called it off before anybody had submitted; the purse goes back."""

    event_type: ClassVar = "delivery.challenge.cancelled.v1"
    stage: ClassVar = Stage.WORK

    reason: Text


class ChallengeCancelRefusedV1(ChallengePayload):
    """The client's wish came too late: people have submitted already, and the call goes on."""

    event_type: ClassVar = "delivery.challenge.cancel_refused.v1"
    stage: ClassVar = Stage.WORK

    reason: Text


class ChallengeWithdrawnV1(EngagementPayload):
    """The purse never came, so the call never opened."""

    event_type: ClassVar = "delivery.challenge.withdrawn.v1"

    challenge_id: UUID


class EntryPayload(EngagementPayload):
    """An event of one person's entry to a challenge; what was submitted never travels."""

    public: ClassVar = True

    entry_id: UUID
    challenge_id: UUID
    expert_id: UUID
    person_id: UUID
    vendor_id: UUID


class EntryEnteredV1(EntryPayload):
    """An expert takes part, and has accepted the licence of the data."""

    event_type: ClassVar = "delivery.entry.entered.v1"

    licence_version: Text
    country: CountryCode


class SubmissionReceivedV1(EntryPayload):
    """A submission is sealed: its commitment is public, its content is not before the deadline."""

    event_type: ClassVar = "delivery.entry.submission_received.v1"

    submission: Annotated[int, Field(ge=1)]
    commitment: Sha256
    submitted_at: datetime
