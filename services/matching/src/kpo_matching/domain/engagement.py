"""What a match keeps of the engagement it serves: what is needed, and on which terms."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from kpo_chassis.money import Money
from kpo_matching.domain.abilities import LanguageLevel, PracticeArea, SkillLevel


class ChoicePolicy(StrEnum):
    """Who chooses among the candidates: the client, or the ranking at once."""

    CLIENT = "client"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Overlap:
    """Hours of the working day that client and expert must share, seen from the client's time zone."""

    time_zone: str
    hours: int


@dataclass(frozen=True, slots=True)
class Milestone:
    """One part of the work: what it pays, and how long after the start it is due."""

    number: int
    title: str
    amount: Money
    due_within: timedelta


@dataclass(frozen=True, slots=True)
class Engagement:
    """The brief with its hard needs and wishes, the money, and how long each step may take."""

    title: str
    practice_area: PracticeArea
    brief: str
    required_skills: tuple[SkillLevel, ...]
    wished_skills: tuple[SkillLevel, ...]
    languages: tuple[LanguageLevel, ...]
    jurisdictions: tuple[str, ...]
    overlap: Overlap | None
    hours_per_week: int
    budget: Money
    milestones: tuple[Milestone, ...]
    fund_by: datetime
    choose_within: timedelta
    offer_valid_for: timedelta
    review_within: timedelta
    rework_within: timedelta
    choice: ChoicePolicy
    confidential: bool
    preferred_expert: UUID | None
