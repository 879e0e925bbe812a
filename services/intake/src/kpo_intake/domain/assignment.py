"""How one expert is found and works: what an assignment has beside the brief that all engagements have."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from kpo_chassis.money import Money


class Choice(StrEnum):
    """Who chooses among the candidates: the client, or the ranking at once."""

    CLIENT = "client"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Overlap:
    """Hours of the working day that client and expert must share, in an IANA time zone."""

    time_zone: str
    hours: int


@dataclass(frozen=True, slots=True)
class Milestone:
    """One part of the work: what it pays, and how long after the work begins it is due."""

    number: int
    title: str
    amount: Money
    due_within: timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """How long each step may take."""

    choose_within: timedelta
    offer_valid_for: timedelta
    review_within: timedelta
    rework_within: timedelta


@dataclass(frozen=True, slots=True)
class AssignmentPlan:
    """Jurisdictions are ISO 3166-1 countries, or EU for its members; one of them will do."""

    jurisdictions: tuple[str, ...]
    overlap: Overlap | None
    hours_per_week: int
    preferred_expert: UUID | None
    milestones: tuple[Milestone, ...]
    pace: Pace
    choice: Choice
