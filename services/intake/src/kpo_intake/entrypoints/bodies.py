"""What intake's requests and answers are made of, and how they become briefs and come from engagements."""

from datetime import timedelta
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from kpo_chassis.http import Instant, MoneyBody, RequestBody, ResponseBody
from kpo_chassis.kernel import Caller, Stored
from kpo_chassis.money import Money
from kpo_events.money import minor_digits
from kpo_intake.domain.brief import (
    SKILL_LEVEL_MAX,
    Brief,
    Cefr,
    Choice,
    LanguageNeed,
    Milestone,
    Mode,
    Needs,
    Overlap,
    PracticeArea,
    Schedule,
    SkillNeed,
)
from kpo_intake.domain.brief_rules import BRIEF_BYTES_MAX
from kpo_intake.domain.client import Client
from kpo_intake.domain.engagement import Engagement, EngagementStatus, Outcome
from kpo_intake.domain.timeline import TimelineRow
from kpo_intake.use_cases.show_engagement import EngagementView

TEXT_CHARS_MAX = 500
ITEMS_MAX = 64
HOURS_PER_WEEK_MAX = 60
OVERLAP_HOURS_MAX = 12
DURATION_CHARS_MAX = 64

DAY = timedelta(days=1)


def _iso_8601(told: object) -> object:
    """Let only durations such as P14D pass, though Pydantic reads other texts and numbers, too."""
    if isinstance(told, timedelta):  # Ours, on its way out: JSON has no such type.
        return told
    if isinstance(told, str) and told.startswith("P") and len(told) <= DURATION_CHARS_MAX:
        return told
    raise ValueError("write an ISO 8601 duration such as P14D or PT36H")


def _known_currency(code: str) -> str:
    minor_digits(code)
    return code


Text = Annotated[str, Field(min_length=1, max_length=TEXT_CHARS_MAX)]
CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$", examples=["DE"])]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"]), AfterValidator(_known_currency)]
Duration = Annotated[timedelta, BeforeValidator(_iso_8601)]
EscoSkill = Annotated[
    str,
    Field(
        pattern=r"^http://data\.europa\.eu/esco/skill/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        examples=["http://data.europa.eu/esco/skill/ccd0a1d9-afda-43d9-b901-96344886e14d"],
        description="The URI of an ESCO skill.",
    ),
]


# Clients --------------------------------------------------------------------------------------------------


class RegisterBody(RequestBody):
    """An organisation that may file engagements; its people's tokens name `client_id` as their tenant."""

    client_id: UUID | None = Field(None, description="The tenant's id; made up when absent.")
    name: Text
    country: CountryCode
    currency: CurrencyCode


class ClientBody(ResponseBody):
    """A client organisation."""

    id: UUID
    name: str
    country: str
    currency: str


def client_body(stored: Stored[Client], _: Caller) -> ClientBody:
    client = stored.state
    return ClientBody(id=client.id, name=client.name, country=client.country, currency=client.currency)


# Engagements ----------------------------------------------------------------------------------------------


class SkillNeedBody(RequestBody):
    """A skill and the lowest level that will do."""

    skill: EscoSkill
    level: Annotated[int, Field(ge=1, le=SKILL_LEVEL_MAX)]

    @property
    def need(self) -> SkillNeed:
        return SkillNeed(self.skill, self.level)

    @classmethod
    def of(cls, need: SkillNeed) -> Self:
        return cls(skill=need.skill, level=need.level)


class LanguageNeedBody(RequestBody):
    """A language (ISO 639-1) and the lowest level that will do."""

    language: Annotated[str, Field(pattern=r"^[a-z]{2}$", examples=["fr"])]
    level: Cefr

    @property
    def need(self) -> LanguageNeed:
        return LanguageNeed(self.language, self.level)

    @classmethod
    def of(cls, need: LanguageNeed) -> Self:
        return cls(language=need.language, level=need.level)


class OverlapBody(RequestBody):
    """Hours of the working day that client and expert must share."""

    time_zone: Annotated[Text, Field(description="An IANA time zone.", examples=["Europe/Berlin"])]
    hours: Annotated[int, Field(ge=1, le=OVERLAP_HOURS_MAX)]

    @property
    def need(self) -> Overlap:
        return Overlap(self.time_zone, self.hours)

    @classmethod
    def of(cls, overlap: Overlap) -> Self:
        return cls(time_zone=overlap.time_zone, hours=overlap.hours)


class MilestonePlanBody(RequestBody):
    """One part of the work; milestones are numbered 1, 2, 3 as they come."""

    title: Text
    amount: MoneyBody
    due_within: Annotated[Duration, Field(description="From the beginning of the work.", examples=["P14D"])]

    def numbered(self, number: int) -> Milestone:
        return Milestone(number, self.title, Money(self.amount.minor, self.amount.currency), self.due_within)

    @classmethod
    def of(cls, milestone: Milestone) -> Self:
        return cls(title=milestone.title, amount=_money(milestone.amount), due_within=milestone.due_within)


SkillNeeds = Annotated[tuple[SkillNeedBody, ...], Field(max_length=ITEMS_MAX)]


class EngagementTerms(BaseModel):
    """What a client asks for: the same words in requests and answers."""

    title: Text
    practice_area: PracticeArea
    mode: Mode = Mode.ASSIGNMENT
    brief: Annotated[
        str, Field(min_length=1, max_length=BRIEF_BYTES_MAX, description="At most 32 KiB in UTF-8.")
    ]
    required_skills: SkillNeeds = ()
    wished_skills: SkillNeeds = ()
    languages: Annotated[tuple[LanguageNeedBody, ...], Field(max_length=ITEMS_MAX)] = ()
    jurisdictions: Annotated[
        tuple[CountryCode, ...],
        Field(max_length=ITEMS_MAX, description="ISO 3166-1 countries, or EU; one of them will do."),
    ] = ()
    overlap: OverlapBody | None = None
    hours_per_week: Annotated[int, Field(ge=1, le=HOURS_PER_WEEK_MAX)]
    budget: Annotated[MoneyBody, Field(description="All-in: what you pay, and no more.")]
    milestones: Annotated[
        tuple[MilestonePlanBody, ...],
        Field(min_length=1, max_length=ITEMS_MAX, description="Their amounts add up to the budget."),
    ]
    fund_by: Annotated[Instant, Field(description="When the engagement lapses unless it is funded.")]
    choose_within: Duration = 7 * DAY
    offer_valid_for: Duration = 3 * DAY
    review_within: Duration = 14 * DAY
    rework_within: Duration = 7 * DAY
    choice: Choice = Choice.CLIENT
    confidential: bool = False
    follows: Annotated[UUID | None, Field(description="An ended engagement of yours.")] = None
    preferred_expert: UUID | None = None


class SubmitBody(EngagementTerms, RequestBody):
    """A new engagement."""

    def to_brief(self) -> Brief:
        return Brief(
            title=self.title,
            practice_area=self.practice_area,
            mode=self.mode,
            text=self.brief,
            needs=self._needs(),
            budget=Money(self.budget.minor, self.budget.currency),
            milestones=tuple(each.numbered(number) for number, each in enumerate(self.milestones, start=1)),
            schedule=Schedule(
                fund_by=self.fund_by,
                choose_within=self.choose_within,
                offer_valid_for=self.offer_valid_for,
                review_within=self.review_within,
                rework_within=self.rework_within,
            ),
            choice=self.choice,
            confidential=self.confidential,
            follows=self.follows,
        )

    def _needs(self) -> Needs:
        return Needs(
            required_skills=tuple(each.need for each in self.required_skills),
            wished_skills=tuple(each.need for each in self.wished_skills),
            languages=tuple(each.need for each in self.languages),
            jurisdictions=self.jurisdictions,
            overlap=self.overlap.need if self.overlap else None,
            hours_per_week=self.hours_per_week,
            preferred_expert=self.preferred_expert,
        )


class CancelBody(RequestBody):
    """Why the client wishes to cancel; whoever holds the engagement reads it."""

    reason: Annotated[Text, Field(examples=["Our plans changed."])]


class EngagementBody(EngagementTerms, ResponseBody):
    """What a client asked for, and what became of it."""

    id: UUID
    client_id: UUID
    state: EngagementStatus
    outcome: Outcome | None
    cancel_reason: str | None
    submitted_at: Instant
    closed_at: Instant | None


def engagement_body(stored: Stored[Engagement], _: Caller) -> EngagementBody:
    engagement = stored.state
    brief, needs, schedule = engagement.brief, engagement.brief.needs, engagement.brief.schedule
    return EngagementBody(
        id=engagement.id,
        client_id=engagement.client_id,
        state=engagement.status,
        outcome=engagement.outcome,
        cancel_reason=engagement.cancel_reason,
        submitted_at=engagement.submitted_at,
        closed_at=engagement.closed_at,
        title=brief.title,
        practice_area=brief.practice_area,
        mode=brief.mode,
        brief=brief.text,
        required_skills=tuple(map(SkillNeedBody.of, needs.required_skills)),
        wished_skills=tuple(map(SkillNeedBody.of, needs.wished_skills)),
        languages=tuple(map(LanguageNeedBody.of, needs.languages)),
        jurisdictions=needs.jurisdictions,
        overlap=OverlapBody.of(needs.overlap) if needs.overlap else None,
        hours_per_week=needs.hours_per_week,
        budget=_money(brief.budget),
        milestones=tuple(map(MilestonePlanBody.of, brief.milestones)),
        fund_by=schedule.fund_by,
        choose_within=schedule.choose_within,
        offer_valid_for=schedule.offer_valid_for,
        review_within=schedule.review_within,
        rework_within=schedule.rework_within,
        choice=brief.choice,
        confidential=brief.confidential,
        follows=brief.follows,
        preferred_expert=needs.preferred_expert,
    )


def _money(amount: Money) -> MoneyBody:
    return MoneyBody.of(amount.minor, amount.currency)


# Timeline -------------------------------------------------------------------------------------------------


class WaitingOnBody(ResponseBody):
    """Who must act."""

    party: str = Field(examples=["client"])
    act_by: Instant | None = Field(description="When a clock acts instead; null when none runs.")


class StepBody(ResponseBody):
    """One thing that happened, as its service announced it."""

    happened_at: Instant
    service: str = Field(examples=["matching"])
    type: str = Field(examples=["matching.match.offered.v1"])
    subject: UUID = Field(description="The aggregate that announced it.")
    number: int = Field(description="The event's number in its aggregate's stream.")
    actor: str = Field(description="Who did it: person:<id>, machine:<id> or clock.", examples=["clock"])
    trace_id: str | None
    sentence: str = Field(examples=["Milestone 1 was delivered."])
    waiting_on: WaitingOnBody | None = Field(description="Who had to act from then on; null: nobody.")


class EngagementViewBody(EngagementBody):
    """An engagement with where it stands, as far as its timeline knows."""

    current_step: StepBody | None = Field(description="The newest announcement of whoever holds it.")
    waiting_on: WaitingOnBody | None = Field(description="Who must act now.")
    as_of: Instant | None = Field(description="The time of the newest event known here.")


def step_body(row: TimelineRow) -> StepBody:
    waiting_on = row.waiting_on
    return StepBody(
        happened_at=row.time,
        service=row.service,
        type=row.type,
        subject=row.subject,
        number=row.number,
        actor=row.actor,
        trace_id=row.trace_id,
        sentence=row.sentence,
        waiting_on=WaitingOnBody(party=waiting_on.party, act_by=waiting_on.until) if waiting_on else None,
    )


def engagement_view_body(view: EngagementView, who: Caller) -> EngagementViewBody:
    step = step_body(view.current) if view.current else None
    return EngagementViewBody(
        **dict(engagement_body(view.stored, who)),
        current_step=step,
        waiting_on=step.waiting_on if step else None,
        as_of=view.as_of,
    )
