"""What an assignment says beside the brief, in requests and answers alike."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from kpo_chassis.http import MoneyBody, RequestBody
from kpo_intake.domain.assignment import AssignmentPlan, Choice, Milestone, Overlap, Pace
from kpo_intake.domain.brief import Mode
from kpo_intake.entrypoints.bodies import (
    DAY,
    ITEMS_MAX,
    CountryCode,
    Duration,
    Text,
    money_body,
    money_of,
)

HOURS_PER_WEEK_MAX = 60
OVERLAP_HOURS_MAX = 12


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
        return Milestone(number, self.title, money_of(self.amount), self.due_within)

    @classmethod
    def of(cls, milestone: Milestone) -> Self:
        return cls(
            title=milestone.title, amount=money_body(milestone.amount), due_within=milestone.due_within
        )


class AssignmentTerms(BaseModel):
    """How one expert is found and works."""

    mode: Literal[Mode.ASSIGNMENT]
    jurisdictions: Annotated[
        tuple[CountryCode, ...],
        Field(max_length=ITEMS_MAX, description="ISO 3166-1 countries, or EU; one of them will do."),
    ] = ()
    overlap: OverlapBody | None = None
    hours_per_week: Annotated[int, Field(ge=1, le=HOURS_PER_WEEK_MAX)]
    milestones: Annotated[
        tuple[MilestonePlanBody, ...],
        Field(min_length=1, max_length=ITEMS_MAX, description="Their amounts add up to the budget."),
    ]
    choose_within: Duration = 7 * DAY
    offer_valid_for: Duration = 3 * DAY
    review_within: Duration = 14 * DAY
    rework_within: Duration = 7 * DAY
    choice: Choice = Choice.CLIENT
    preferred_expert: UUID | None = None

    def to_plan(self) -> AssignmentPlan:
        return AssignmentPlan(
            jurisdictions=self.jurisdictions,
            overlap=self.overlap.need if self.overlap else None,
            hours_per_week=self.hours_per_week,
            preferred_expert=self.preferred_expert,
            milestones=tuple(each.numbered(number) for number, each in enumerate(self.milestones, start=1)),
            pace=Pace(self.choose_within, self.offer_valid_for, self.review_within, self.rework_within),
            choice=self.choice,
        )

    @classmethod
    def of(cls, plan: AssignmentPlan) -> Self:
        return cls(
            mode=Mode.ASSIGNMENT,
            jurisdictions=plan.jurisdictions,
            overlap=OverlapBody.of(plan.overlap) if plan.overlap else None,
            hours_per_week=plan.hours_per_week,
            milestones=tuple(map(MilestonePlanBody.of, plan.milestones)),
            choose_within=plan.pace.choose_within,
            offer_valid_for=plan.pace.offer_valid_for,
            review_within=plan.pace.review_within,
            rework_within=plan.pace.rework_within,
            choice=plan.choice,
            preferred_expert=plan.preferred_expert,
        )
