"""The answer of the ranking: who fits and why, and which filter kept how many others out."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from kpo_chassis.money import Money
from kpo_matching.domain.filters import Filter

CANDIDATES_MAX = 20
"""How many experts a shortlist holds; the events say the same."""


class Criterion(StrEnum):
    """What a score is made of."""

    WISHED_SKILLS = "wished_skills"
    SKILL_LEVELS = "skill_levels"
    LANGUAGES = "languages"
    TRACK_RECORD = "track_record"
    PRICE = "price"
    OVERLAP = "overlap"
    LOAD = "load"


@dataclass(frozen=True, slots=True)
class ScoreTerm:
    """How many of a criterion's points somebody got."""

    criterion: Criterion
    points: int
    points_max: int


class Requirement(StrEnum):
    """The kinds of needs that a candidate is held against."""

    SKILL = "skill"
    WISHED_SKILL = "wished_skill"
    LANGUAGE = "language"
    JURISDICTION = "jurisdiction"
    OVERLAP = "overlap_minutes"
    HOURS = "hours_per_week"


@dataclass(frozen=True, slots=True)
class Fit:
    """One need and what the candidate has for it; `name` is the skill, language or jurisdiction."""

    requirement: Requirement
    name: str
    needed: str
    held: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An expert on the shortlist as they were when it was made; `score` is the sum of the terms."""

    rank: int
    expert_id: UUID
    vendor_id: UUID
    name: str
    country: str
    time_zone: str
    day_rate: Money
    score: int
    terms: tuple[ScoreTerm, ...]
    fits: tuple[Fit, ...]


@dataclass(frozen=True, slots=True)
class Removed:
    """How many experts a filter kept out, counted at the first filter that each of them failed."""

    filter: Filter
    experts: int


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The best candidates, best first. Of `considered` experts, `removed` failed a filter."""

    candidates: tuple[Candidate, ...]
    considered: int
    removed: tuple[Removed, ...]

    def why_nobody(self) -> str:
        """Say in a sentence why there is no candidate."""
        if not self.considered:
            return "No active expert offers this practice area."
        counted = ", ".join(f"{each.filter} {each.experts}" for each in self.removed)
        return f"None of {self.considered} experts passed the filters: {counted}."
