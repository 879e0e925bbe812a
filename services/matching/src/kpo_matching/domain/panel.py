"""The panel of a challenge as matching proposes it: who could judge, and what they carry until its end."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID, uuid5

from kpo_chassis.kernel import Quiet, TenantId
from kpo_matching.domain.challenge import Challenge
from kpo_matching.domain.errors import MisplacedFactError
from kpo_matching.domain.shortlist import Fit, ScoreTerm


class PanelStatus(StrEnum):
    """Where a panel stands; lists filter by it."""

    EXPECTED = "expected"
    PROPOSED = "proposed"
    ENDED = "ended"


class ChallengeOutcome(StrEnum):
    """How a challenge ended."""

    AWARDED = "awarded"
    VOIDED = "voided"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ChallengeEnd:
    """How a challenge ended, and who has its prizes: an expert is named once for each of theirs."""

    outcome: ChallengeOutcome
    winners: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class ProposedJudge:
    """An expert without a known conflict, as they were when they were proposed."""

    expert_id: UUID
    person_id: UUID
    vendor_id: UUID
    name: str
    country: str
    terms: tuple[ScoreTerm, ...]
    fits: tuple[Fit, ...]

    @property
    def seniority(self) -> int:
        return sum(term.points for term in self.terms)


@dataclass(frozen=True, slots=True)
class Panel(Quiet):
    """Whom matching proposed as judges of one challenge; its id follows from the challenge's.

    `challenge` is None until its opening is known, and `end` until its end is.
    """

    id: UUID
    challenge_id: UUID
    engagement_id: UUID
    client_id: UUID
    challenge: Challenge | None = None
    judges: tuple[ProposedJudge, ...] = ()
    end: ChallengeEnd | None = None

    @staticmethod
    def id_of(challenge_id: UUID) -> UUID:
        return uuid5(challenge_id, "panel")

    @classmethod
    def expected(cls, challenge_id: UUID, engagement_id: UUID, client_id: UUID) -> "Panel":
        """Begin with nothing but the knowledge that there is such a challenge."""
        return cls(cls.id_of(challenge_id), challenge_id, engagement_id, client_id)

    @property
    def status(self) -> PanelStatus:
        if self.challenge is None:
            return PanelStatus.EXPECTED
        return PanelStatus.PROPOSED if self.end is None else PanelStatus.ENDED

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset({TenantId(self.client_id)})

    @property
    def call(self) -> Challenge:
        """The challenge, which every state but `expected` has."""
        assert self.challenge is not None, f"panel {self.id} knows nothing of its challenge yet"
        return self.challenge

    def misplaced(self, fact: str) -> MisplacedFactError:
        return MisplacedFactError(f"{fact} cannot follow on '{self.status}' of panel {self.id}")


@dataclass(frozen=True, slots=True)
class PanelProposed:
    """The client may appoint them; spare judges are called from what is left."""

    panel: Panel


PanelFact: TypeAlias = PanelProposed
