"""What a client asks for and what became of it: an assignment or a challenge, told apart by `mode`."""

from typing import Annotated, Self, TypeAlias
from uuid import UUID

from fastapi import Body
from pydantic import BaseModel, Field, RootModel

from kpo_chassis.http import Instant, MoneyBody, RequestBody, ResponseBody
from kpo_chassis.kernel import Caller, Stored
from kpo_intake.domain.assignment import AssignmentPlan
from kpo_intake.domain.brief import (
    SKILL_LEVEL_MAX,
    Brief,
    Cefr,
    LanguageNeed,
    Needs,
    Plan,
    PracticeArea,
    SkillNeed,
)
from kpo_intake.domain.brief_rules import BRIEF_BYTES_MAX
from kpo_intake.domain.challenge import ChallengePlan
from kpo_intake.domain.engagement import Engagement, EngagementStatus, Outcome
from kpo_intake.entrypoints.assignment_bodies import AssignmentTerms
from kpo_intake.entrypoints.bodies import (
    ITEMS_MAX,
    StepBody,
    Text,
    WaitingOnBody,
    money_body,
    money_of,
    step_body,
)
from kpo_intake.entrypoints.challenge_bodies import ChallengeTerms
from kpo_intake.entrypoints.examples import FILINGS
from kpo_intake.use_cases.show_engagement import EngagementView

EscoSkill = Annotated[
    str,
    Field(
        pattern=r"^http://data\.europa\.eu/esco/skill/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        examples=["http://data.europa.eu/esco/skill/ccd0a1d9-afda-43d9-b901-96344886e14d"],
        description="The URI of an ESCO skill.",
    ),
]


# What is asked for -----------------------------------------------------------------------------------------


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


SkillNeeds = Annotated[tuple[SkillNeedBody, ...], Field(max_length=ITEMS_MAX)]


class EngagementTerms(BaseModel):
    """What every client asks for: the same words in requests and answers."""

    title: Text
    practice_area: PracticeArea
    brief: Annotated[
        str, Field(min_length=1, max_length=BRIEF_BYTES_MAX, description="At most 32 KiB in UTF-8.")
    ]
    required_skills: SkillNeeds = ()
    wished_skills: SkillNeeds = ()
    languages: Annotated[tuple[LanguageNeedBody, ...], Field(max_length=ITEMS_MAX)] = ()
    budget: Annotated[MoneyBody, Field(description="All-in: what you pay, and no more.")]
    fund_by: Annotated[Instant, Field(description="When the engagement lapses unless it is funded.")]
    confidential: Annotated[
        bool,
        Field(description="Tells who is offered the work to keep it to themselves; no challenge can be."),
    ] = False
    follows: Annotated[UUID | None, Field(description="An ended engagement of yours.")] = None

    @classmethod
    def told(cls, brief: Brief) -> Self:
        return cls(
            title=brief.title,
            practice_area=brief.practice_area,
            brief=brief.text,
            required_skills=tuple(map(SkillNeedBody.of, brief.needs.required_skills)),
            wished_skills=tuple(map(SkillNeedBody.of, brief.needs.wished_skills)),
            languages=tuple(map(LanguageNeedBody.of, brief.needs.languages)),
            budget=money_body(brief.budget),
            fund_by=brief.fund_by,
            confidential=brief.confidential,
            follows=brief.follows,
        )


class FilingBody(EngagementTerms, RequestBody):
    """A new engagement, but for its plan."""

    def with_plan(self, plan: Plan) -> Brief:
        return Brief(
            title=self.title,
            practice_area=self.practice_area,
            text=self.brief,
            needs=Needs(
                required_skills=tuple(each.need for each in self.required_skills),
                wished_skills=tuple(each.need for each in self.wished_skills),
                languages=tuple(each.need for each in self.languages),
            ),
            budget=money_of(self.budget),
            fund_by=self.fund_by,
            plan=plan,
            confidential=self.confidential,
            follows=self.follows,
        )


class SubmitAssignmentBody(AssignmentTerms, FilingBody):
    """Work for one expert, who is looked for."""

    def to_brief(self) -> Brief:
        return self.with_plan(self.to_plan())


class SubmitChallengeBody(ChallengeTerms, FilingBody):
    """A question that anyone may answer, with prizes for the best."""

    def to_brief(self) -> Brief:
        return self.with_plan(self.to_plan())


SubmitBody: TypeAlias = Annotated[
    SubmitAssignmentBody | SubmitChallengeBody, Body(discriminator="mode", openapi_examples=FILINGS)
]


class CancelBody(RequestBody):
    """Why the client wishes to cancel; whoever holds the engagement reads it."""

    reason: Annotated[Text, Field(examples=["Our plans changed."])]


# What became of it ----------------------------------------------------------------------------------------


class StandingBody(ResponseBody):
    """What became of an engagement."""

    id: UUID
    client_id: UUID
    state: EngagementStatus
    outcome: Outcome | None
    cancel_reason: str | None
    submitted_at: Instant
    closed_at: Instant | None

    @classmethod
    def of_engagement(cls, engagement: Engagement) -> Self:
        return cls(
            id=engagement.id,
            client_id=engagement.client_id,
            state=engagement.status,
            outcome=engagement.outcome,
            cancel_reason=engagement.cancel_reason,
            submitted_at=engagement.submitted_at,
            closed_at=engagement.closed_at,
        )


class AssignmentBody(AssignmentTerms, EngagementTerms, StandingBody):
    """An assignment: what was asked for, and what became of it."""


class ChallengeBody(ChallengeTerms, EngagementTerms, StandingBody):
    """A challenge: what was asked for, and what became of it."""


class EngagementBody(RootModel[Annotated[AssignmentBody | ChallengeBody, Field(discriminator="mode")]]):
    """An engagement of either mode."""


def engagement_body(stored: Stored[Engagement], _: Caller) -> EngagementBody:
    engagement = stored.state
    common = dict(StandingBody.of_engagement(engagement)) | dict(EngagementTerms.told(engagement.brief))
    match engagement.brief.plan:
        case AssignmentPlan() as plan:
            return EngagementBody(AssignmentBody(**common, **dict(AssignmentTerms.of(plan))))
        case ChallengePlan() as plan:
            return EngagementBody(ChallengeBody(**common, **dict(ChallengeTerms.of(plan))))


class ProgressBody(ResponseBody):
    """Where an engagement stands, as far as its timeline knows."""

    current_step: StepBody | None = Field(description="The newest announcement of whoever holds it.")
    waiting_on: WaitingOnBody | None = Field(description="Who must act now.")
    as_of: Instant | None = Field(description="The time of the newest event known here.")


class AssignmentViewBody(AssignmentBody, ProgressBody):
    """An assignment with where it stands."""


class ChallengeViewBody(ChallengeBody, ProgressBody):
    """A challenge with where it stands."""


class EngagementViewBody(
    RootModel[Annotated[AssignmentViewBody | ChallengeViewBody, Field(discriminator="mode")]]
):
    """An engagement of either mode with where it stands."""


def engagement_view_body(view: EngagementView, who: Caller) -> EngagementViewBody:
    step = step_body(view.current) if view.current else None
    waiting_on = step.waiting_on if step else None
    progress = dict(ProgressBody(current_step=step, waiting_on=waiting_on, as_of=view.as_of))
    match engagement_body(view.stored, who).root:
        case AssignmentBody() as body:
            return EngagementViewBody(AssignmentViewBody(**dict(body), **progress))
        case ChallengeBody() as body:
            return EngagementViewBody(ChallengeViewBody(**dict(body), **progress))
