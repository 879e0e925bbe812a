"""What a client asks for: the work, the needs, the money, and how long each step may take."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from kpo_chassis.money import Money

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


class Choice(StrEnum):
    """Who chooses among the candidates: the client, or the ranking at once."""

    CLIENT = "client"
    AUTO = "auto"


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
class Overlap:
    """Hours of the working day that client and expert must share, in an IANA time zone."""

    time_zone: str
    hours: int


@dataclass(frozen=True, slots=True)
class Needs:
    """Whom the client looks for. Jurisdictions are ISO 3166-1 countries, or EU for its members."""

    required_skills: tuple[SkillNeed, ...]
    wished_skills: tuple[SkillNeed, ...]
    languages: tuple[LanguageNeed, ...]
    jurisdictions: tuple[str, ...]
    overlap: Overlap | None
    hours_per_week: int
    preferred_expert: UUID | None


@dataclass(frozen=True, slots=True)
class Milestone:
    """One part of the work: what it pays, and how long after the work begins it is due."""

    number: int
    title: str
    amount: Money
    due_within: timedelta


@dataclass(frozen=True, slots=True)
class Schedule:
    """By when the money must be there, and how long each later step may take."""

    fund_by: datetime
    choose_within: timedelta
    offer_valid_for: timedelta
    review_within: timedelta
    rework_within: timedelta


@dataclass(frozen=True, slots=True)
class Brief:
    """All that money, matching and delivery need to begin; `text` says in words what is to be done."""

    title: str
    practice_area: PracticeArea
    mode: Mode
    text: str
    needs: Needs
    budget: Money
    milestones: tuple[Milestone, ...]
    schedule: Schedule
    choice: Choice
    confidential: bool
    follows: UUID | None
