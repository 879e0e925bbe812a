"""Who gets which prize: by rank within each judged round, numbered across all of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.money import Money
from kpo_delivery.domain.challenge_plan import ChallengePlan, RoundPlan


@dataclass(frozen=True, slots=True)
class Placed:
    """A submission on one of the first ranks of a round, and whose it is."""

    rank: int
    code: str
    entry_id: UUID
    expert_id: UUID
    person_id: UUID
    vendor_id: UUID


@dataclass(frozen=True, slots=True)
class JudgedRound:
    """How a round ended: its first ranks, and the hash of its whole ranking."""

    number: int
    submissions: int
    placed: tuple[Placed, ...]
    ranking_sha256: str
    judged_at: datetime

    def picked(self, plan: RoundPlan) -> tuple[Placed, ...]:
        """Give what goes on to the next round."""
        return self.placed[: plan.picks]


@dataclass(frozen=True, slots=True)
class Award:
    """One prize: number 1, 2, 3 within its challenge; the fee is inside."""

    number: int
    round: int
    winner: Placed
    prize: Money


def placed_max(plan: RoundPlan) -> int:
    """Say how many first ranks of a round must be remembered."""
    return max(plan.picks, len(plan.prizes))


def awards(plan: ChallengePlan, judged: Iterable[JudgedRound]) -> tuple[Award, ...]:
    """Give all prizes that the judged rounds have winners for; what is left of the purse goes back."""
    prizes = _prizes(plan, judged)
    return tuple(Award(number, *prize) for number, prize in enumerate(prizes, start=1))


def _prizes(plan: ChallengePlan, judged: Iterable[JudgedRound]) -> Iterator[tuple[int, Placed, Money]]:
    for round_ in judged:
        for winner, prize in zip(round_.placed, plan.round(round_.number).prizes, strict=False):
            yield round_.number, winner, prize
