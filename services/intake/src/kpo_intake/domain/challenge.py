"""How an open call runs, beside the brief, which is its question, and the budget, which is its purse."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from kpo_chassis.money import Money

PRIZES_MAX = 64
"""How many prizes all rounds of a challenge may have: the event that awards them names each."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Data that the client uploaded to delivery beforehand; `sha256` says which bytes are meant."""

    dataset_id: UUID
    sha256: str


@dataclass(frozen=True, slots=True)
class Licence:
    """What an entrant accepts before any byte of the data."""

    version: str
    text: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a judge scores, and how much it weighs beside the others; ties are broken by the first."""

    name: str
    weight: int


@dataclass(frozen=True, slots=True)
class Round:
    """One round of the panel: how many submissions it picks, and what the first of them get, by rank.

    Who is picked in one round is judged in the next. Prizes are gross: the fee is inside.
    """

    number: int
    picks: int
    prizes: tuple[Money, ...]
    judge_within: timedelta


@dataclass(frozen=True, slots=True)
class ChallengePlan:
    """Anyone may enter who does not live in an excluded country (ISO 3166-1); invitations only tell of it."""

    open_for: timedelta
    datasets: tuple[Dataset, ...]
    licence: Licence
    criteria: tuple[Criterion, ...]
    rounds: tuple[Round, ...]
    judges: int
    invitations: int
    excluded_countries: tuple[str, ...]

    @property
    def prizes(self) -> tuple[Money, ...]:
        """All prizes, of the first round first."""
        return tuple(prize for each in self.rounds for prize in each.prizes)
