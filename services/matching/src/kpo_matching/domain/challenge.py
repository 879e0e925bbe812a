"""What matching is told of a challenge: what it takes to take part, and how many it wants to ask."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.money import Money
from kpo_matching.domain.abilities import LanguageLevel, PracticeArea, SkillLevel


@dataclass(frozen=True, slots=True)
class Challenge:
    """An open call of a client: `judges` seats on its panel, and `invitations` at most."""

    id: UUID
    engagement_id: UUID
    client_id: UUID
    title: str
    practice_area: PracticeArea
    required_skills: tuple[SkillLevel, ...]
    wished_skills: tuple[SkillLevel, ...]
    languages: tuple[LanguageLevel, ...]
    purse: Money
    judges: int
    invitations: int
    excluded_countries: tuple[str, ...]
    submissions_close_at: datetime
