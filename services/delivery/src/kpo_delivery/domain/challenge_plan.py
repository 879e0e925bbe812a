"""What a client fixes of an open call when it is filed; nothing of it changes afterwards."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from kpo_chassis.kernel import TenantId
from kpo_chassis.money import Money

FIRST_ROUND_JUDGES = 2
"""How many judges score each submission in the first round; all of the panel do in later ones."""


class PracticeArea(StrEnum):
    """What calls can be found by; one that is filed before it is known here is kept all the same."""

    LEGAL = "legal"
    MARKET_RESEARCH = "market_research"
    BUSINESS_RESEARCH = "business_research"
    CLINICAL_RESEARCH = "clinical_research"
    RESEARCH_AND_DEVELOPMENT = "research_and_development"
    CONSULTANCY = "consultancy"
    SOFTWARE = "software"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class SkillNeed:
    """An ESCO skill and the lowest level (1 to 5) that will do."""

    skill: str
    level: int


@dataclass(frozen=True, slots=True)
class LanguageNeed:
    """An ISO 639-1 language and the lowest CEFR level that will do."""

    language: str
    level: str


@dataclass(frozen=True, slots=True)
class Licence:
    """What an entrant accepts before any byte of the data."""

    version: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class DatasetReference:
    """Data that the client uploaded before it filed the engagement."""

    dataset_id: UUID
    sha256: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a judge scores from 0 to 100, and how much it weighs beside the others."""

    name: str
    weight: int


@dataclass(frozen=True, slots=True)
class RoundPlan:
    """One round: how many submissions it picks, and what its first ranks get; the fee is inside."""

    number: int
    picks: int
    prizes: tuple[Money, ...]
    judge_within: timedelta


@dataclass(frozen=True, slots=True)
class ChallengePlan:
    """The whole call: question, purse, data, licence, criteria, rounds, panel.

    `seats` is the size of the panel, `invitations` how many experts matching tells of the call.
    """

    client: TenantId
    title: str
    practice_area: str
    question: str
    purse: Money
    open_for: timedelta
    licence: Licence
    datasets: tuple[DatasetReference, ...]
    criteria: tuple[Criterion, ...]
    rounds: tuple[RoundPlan, ...]
    seats: int
    invitations: int
    excluded_countries: tuple[str, ...] = ()
    required_skills: tuple[SkillNeed, ...] = ()
    wished_skills: tuple[SkillNeed, ...] = ()
    languages: tuple[LanguageNeed, ...] = ()

    def round(self, number: int) -> RoundPlan:
        return self.rounds[number - 1]

    def judges_per_submission(self, round_number: int) -> int:
        """Say how many seats score each submission of a round."""
        return min(FIRST_ROUND_JUDGES, self.seats) if round_number == 1 else self.seats
