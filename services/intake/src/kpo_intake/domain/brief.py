"""What a client asks for: the work, the needs, the money, and the plan of one of two ways to hand it out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from kpo_chassis.money import Money
from kpo_intake.domain.assignment import AssignmentPlan
from kpo_intake.domain.challenge import ChallengePlan

SKILL_LEVEL_MAX = 5


class PracticeArea(StrEnum):
    """The kinds of knowledge work that clients hand out."""

    LEGAL = "legal"
    MARKET_RESEARCH = "market_research"
    BUSINESS_RESEARCH = "business_research"
    CLINICAL_RESEARCH = "clinical_research"
    RESEARCH_AND_DEVELOPMENT = "research_and_development"
    CONSULTANCY = "consultancy"
    SOFTWARE = "software"
    WRITING = "writing"


class Mode(StrEnum):
    """How work is handed out: to one expert, or as an open call."""

    ASSIGNMENT = "assignment"
    CHALLENGE = "challenge"


class Cefr(StrEnum):
    """Levels of the Common European Framework of Reference for Languages; A1 is the lowest."""

    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"
    C2 = "C2"


@dataclass(frozen=True, slots=True)
class SkillNeed:
    """An ESCO skill, by its URI, and the lowest level (1 to 5) that will do."""

    skill: str
    level: int


@dataclass(frozen=True, slots=True)
class LanguageNeed:
    """An ISO 639-1 language and the lowest level that will do."""

    language: str
    level: Cefr


@dataclass(frozen=True, slots=True)
class Needs:
    """Whom the client looks for, or wishes to hear of the call."""

    required_skills: tuple[SkillNeed, ...]
    wished_skills: tuple[SkillNeed, ...]
    languages: tuple[LanguageNeed, ...]


Plan: TypeAlias = AssignmentPlan | ChallengePlan


@dataclass(frozen=True, slots=True)
class Brief:
    """All that money, matching and delivery need to begin; `text` says in words what is to be done.

    `fund_by` is when the engagement lapses unless the whole budget is there.
    """

    title: str
    practice_area: PracticeArea
    text: str
    needs: Needs
    budget: Money
    fund_by: datetime
    plan: Plan
    confidential: bool
    follows: UUID | None

    @property
    def mode(self) -> Mode:
        match self.plan:
            case AssignmentPlan():
                return Mode.ASSIGNMENT
            case ChallengePlan():
                return Mode.CHALLENGE
