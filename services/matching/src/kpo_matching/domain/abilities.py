"""What experts can do and engagements need, in the codes of published standards."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

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


class Cefr(StrEnum):
    """Levels of the Common European Framework of Reference for Languages; A1 is the lowest."""

    A1 = "A1"
    A2 = "A2"
    B1 = "B1"
    B2 = "B2"
    C1 = "C1"
    C2 = "C2"

    @property
    def step(self) -> int:
        """Count from 1 (A1) to 6 (C2)."""
        return CEFR_STEPS[self]


CEFR_STEPS = {level: step for step, level in enumerate(Cefr, start=1)}
CEFR_STEP_MAX = len(CEFR_STEPS)


@dataclass(frozen=True, slots=True)
class SkillLevel:
    """An ESCO skill, by its URI, at a level from 1 to 5: what an expert has, or the least that will do."""

    skill: str
    level: int


@dataclass(frozen=True, slots=True)
class LanguageLevel:
    """An ISO 639-1 language at a CEFR level: what an expert has, or the least that will do."""

    language: str
    level: Cefr


class Sought(Protocol):
    """What is asked of whoever does the work, be it an assignment or a challenge."""

    @property
    def practice_area(self) -> PracticeArea: ...

    @property
    def required_skills(self) -> tuple[SkillLevel, ...]: ...

    @property
    def wished_skills(self) -> tuple[SkillLevel, ...]: ...

    @property
    def languages(self) -> tuple[LanguageLevel, ...]: ...
