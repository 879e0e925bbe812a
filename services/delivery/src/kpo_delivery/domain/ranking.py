"""From scorecards to ranks: exact, blind, and the same for everybody who has the scorecards."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import TypeAlias

from kpo_delivery.domain.challenge_plan import Criterion

Place: TypeAlias = tuple[Fraction, tuple[Fraction, ...], datetime, str]
"""What ranks are sorted by, best first: see `place_of`."""


class UnscoredError(ValueError):
    """A submission without a scorecard has no rank."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A submission as the ranking sees it."""

    code: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """What one seat of the panel gave one submission: a score from 0 to 100 per criterion, in order."""

    seat: int
    code: str
    scores: tuple[int, ...]
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A submission with its rank, from 1."""

    rank: int
    code: str
    score: Fraction


def rank(
    criteria: Sequence[Criterion], contenders: Iterable[Contender], cards: Iterable[Card]
) -> tuple[Ranked, ...]:
    """Rank all contenders; UnscoredError where one of them has no card.

    A card is worth the weighted mean of its scores, a submission the mean of its cards. Ties go to the
    better mean of the first criterion, then of the second and so on, then to the earlier submission, then
    to the smaller code. So the order of the cards, and who wrote them, make no difference.
    """
    by_code: dict[str, list[Card]] = {}
    for card in cards:
        by_code.setdefault(card.code, []).append(card)
    places = sorted(
        place_of(criteria, contender, by_code.get(contender.code, ())) for contender in contenders
    )
    return tuple(Ranked(number, code, -score) for number, (score, _, _, code) in enumerate(places, start=1))


def place_of(criteria: Sequence[Criterion], contender: Contender, cards: Sequence[Card]) -> Place:
    """Give what a contender is sorted by; what counts more is smaller."""
    if not cards:
        raise UnscoredError(f"The submission {contender.code} has no scorecard.")
    means = tuple(
        Fraction(sum(card.scores[position] for card in cards), len(cards))
        for position in range(len(criteria))
    )
    return -_score(criteria, means), tuple(-mean for mean in means), contender.submitted_at, contender.code


def _score(criteria: Sequence[Criterion], means: Sequence[Fraction]) -> Fraction:
    """Weigh the means of the criteria, which is the mean of the weighted cards: both sums are linear."""
    weights = [criterion.weight for criterion in criteria]
    weighted = (weight * mean for weight, mean in zip(weights, means, strict=True))
    return sum(weighted, Fraction(0)) / sum(weights)
