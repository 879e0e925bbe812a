"""What a challenge announces; every fact says who must act from then on."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from kpo_chassis.kernel import TenantId
from kpo_delivery.domain.awards import Award
from kpo_delivery.domain.challenge_plan import ChallengePlan
from kpo_delivery.domain.panel import Seating


class Actors(StrEnum):
    """Who must act in an open call."""

    ENTRANTS = "entrants"
    PANEL = "panel"


@dataclass(frozen=True, slots=True)
class Awaited:
    """Who must act next, and when a clock acts instead."""

    actors: Actors
    until: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What all facts of a challenge have in common, as it stands after the change."""

    challenge_id: UUID
    engagement_id: UUID
    client: TenantId
    awaited: Awaited | None


@dataclass(frozen=True, slots=True)
class ChallengePlanned:
    standing: Standing


@dataclass(frozen=True, slots=True)
class ChallengeOpened:
    standing: Standing
    plan: ChallengePlan
    submissions_close_at: datetime


@dataclass(frozen=True, slots=True)
class JudgeAppointed:
    standing: Standing
    seating: Seating


@dataclass(frozen=True, slots=True)
class JudgeReplaced:
    standing: Standing
    seating: Seating
    reason: str


@dataclass(frozen=True, slots=True)
class SubmissionsClosed:
    standing: Standing
    entries: int
    submissions: int
    judge_by: datetime


@dataclass(frozen=True, slots=True)
class RoundJudged:
    standing: Standing
    round: int
    submissions: int
    picked: int
    ranking_sha256: str


@dataclass(frozen=True, slots=True)
class ChallengeAwarded:
    standing: Standing
    awards: tuple[Award, ...]


@dataclass(frozen=True, slots=True)
class ChallengeVoided:
    standing: Standing
    reason: str


@dataclass(frozen=True, slots=True)
class ChallengeCancelled:
    standing: Standing
    reason: str


@dataclass(frozen=True, slots=True)
class ChallengeCancelRefused:
    standing: Standing
    reason: str


@dataclass(frozen=True, slots=True)
class ChallengeWithdrawn:
    standing: Standing


PanelFact: TypeAlias = JudgeAppointed | JudgeReplaced

JudgingFact: TypeAlias = PanelFact | SubmissionsClosed | RoundJudged

EndFact: TypeAlias = (
    ChallengeAwarded | ChallengeVoided | ChallengeCancelled | ChallengeCancelRefused | ChallengeWithdrawn
)
"""How it ends, or that it does not."""

ChallengeFact: TypeAlias = ChallengePlanned | ChallengeOpened | JudgingFact | EndFact
