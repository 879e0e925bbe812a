"""The ranking of a round: a golden example by hand, and what must make no difference to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise, permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kpo_delivery.domain.challenge_plan import Criterion
from kpo_delivery.domain.ranking import Card, Contender, UnscoredError, rank

CRITERIA = (Criterion("geology", 50), Criterion("method", 30), Criterion("clarity", 20))
MONDAY = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)

# The example of docs/challenge.md, computed there by hand.
GOLDEN_CONTENDERS = (
    Contender("AAAAAAAAAA", MONDAY),
    Contender("BBBBBBBBBB", MONDAY + timedelta(hours=1)),
    Contender("CCCCCCCCCC", MONDAY + timedelta(hours=2)),
    Contender("DDDDDDDDDD", MONDAY - timedelta(hours=1)),
)
GOLDEN_CARDS = (
    Card(1, "AAAAAAAAAA", (80, 70, 60)),
    Card(2, "AAAAAAAAAA", (85, 70, 65)),
    Card(1, "BBBBBBBBBB", (90, 60, 62)),
    Card(3, "BBBBBBBBBB", (90, 61, 64)),
    Card(2, "CCCCCCCCCC", (80, 70, 67)),
    Card(3, "CCCCCCCCCC", (85, 70, 68)),
    Card(1, "DDDDDDDDDD", (80, 71, 64)),
    Card(2, "DDDDDDDDDD", (85, 69, 71)),
)


def codes(cards: tuple[Card, ...], contenders: tuple[Contender, ...] = GOLDEN_CONTENDERS) -> list[str]:
    return [row.code for row in rank(CRITERIA, contenders, cards)]


def test_the_ranking_is_the_one_that_was_computed_by_hand() -> None:
    ranked = rank(CRITERIA, GOLDEN_CONTENDERS, GOLDEN_CARDS)

    assert [(row.rank, row.code, row.score) for row in ranked] == [
        (1, "BBBBBBBBBB", Fraction(303, 4)),
        (2, "DDDDDDDDDD", Fraction(303, 4)),
        (3, "CCCCCCCCCC", Fraction(303, 4)),
        (4, "AAAAAAAAAA", Fraction(299, 4)),
    ]


def test_a_tie_goes_to_the_better_mean_of_the_first_criterion_that_differs() -> None:
    cards = (Card(1, "AAAAAAAAAA", (60, 60, 60)), Card(1, "BBBBBBBBBB", (60, 62, 57)))

    assert codes(cards, GOLDEN_CONTENDERS[:2]) == ["BBBBBBBBBB", "AAAAAAAAAA"]


def test_a_tie_in_every_criterion_goes_to_the_earlier_submission() -> None:
    cards = tuple(Card(1, contender.code, (50, 50, 50)) for contender in GOLDEN_CONTENDERS)

    assert codes(cards) == ["DDDDDDDDDD", "AAAAAAAAAA", "BBBBBBBBBB", "CCCCCCCCCC"]


def test_a_tie_in_time_goes_to_the_smaller_code() -> None:
    contenders = tuple(replace(contender, submitted_at=MONDAY) for contender in GOLDEN_CONTENDERS)
    cards = tuple(Card(1, contender.code, (50, 50, 50)) for contender in contenders)

    assert codes(cards, contenders) == ["AAAAAAAAAA", "BBBBBBBBBB", "CCCCCCCCCC", "DDDDDDDDDD"]


def test_a_submission_without_a_scorecard_has_no_rank() -> None:
    with pytest.raises(UnscoredError, match="DDDDDDDDDD"):
        codes(GOLDEN_CARDS[:6])


@pytest.mark.parametrize("cards", list(permutations(GOLDEN_CARDS[:4])))
def test_the_order_in_which_scorecards_came_makes_no_difference(cards: tuple[Card, ...]) -> None:
    assert codes(cards, GOLDEN_CONTENDERS[:2]) == ["BBBBBBBBBB", "AAAAAAAAAA"]


# Whatever was scored --------------------------------------------------------------------------------------

scores = some.tuples(*[some.integers(0, 100)] * len(CRITERIA))
times = some.integers(0, 3).map(lambda hours: MONDAY + timedelta(hours=hours))


@some.composite
def sheets(draw: some.DrawFn) -> tuple[tuple[Contender, ...], tuple[Card, ...]]:
    """Give up to 8 submissions with 1 to 3 cards each; few hours and small scores make ties likely."""
    names = [f"CODE{number}" for number in range(draw(some.integers(1, 8)))]
    contenders = tuple(Contender(name, draw(times)) for name in names)
    cards = [
        Card(seat, name, draw(some.sampled_from([(50, 50, 50), (50, 52, 47), (51, 50, 48)]) | scores))
        for name in names
        for seat in range(1, draw(some.integers(1, 3)) + 1)
    ]
    return contenders, tuple(cards)


@given(sheets(), some.randoms(use_true_random=False))
def test_any_order_of_cards_and_submissions_gives_the_same_ranking(
    sheet: tuple[tuple[Contender, ...], tuple[Card, ...]], chance: Random
) -> None:
    contenders, cards = sheet
    mixed = chance.sample(contenders, len(contenders)), chance.sample(cards, len(cards))

    assert rank(CRITERIA, *mixed) == rank(CRITERIA, contenders, cards)


@given(sheets(), some.permutations([1, 2, 3]))
def test_who_judged_makes_no_difference(
    sheet: tuple[tuple[Contender, ...], tuple[Card, ...]], seats: list[int]
) -> None:
    contenders, cards = sheet
    others = tuple(replace(card, seat=seats[card.seat - 1], comment="Mine.") for card in cards)

    assert rank(CRITERIA, contenders, others) == rank(CRITERIA, contenders, cards)


@given(sheets())
def test_ranks_are_1_to_n_and_scores_never_rise(
    sheet: tuple[tuple[Contender, ...], tuple[Card, ...]],
) -> None:
    contenders, cards = sheet

    ranked = rank(CRITERIA, contenders, cards)

    assert [row.rank for row in ranked] == list(range(1, len(contenders) + 1))
    assert {row.code for row in ranked} == {contender.code for contender in contenders}
    assert all(before.score >= after.score for before, after in pairwise(ranked))


@given(sheets())
def test_a_score_is_the_mean_of_the_weighted_cards(
    sheet: tuple[tuple[Contender, ...], tuple[Card, ...]],
) -> None:
    contenders, cards = sheet

    ranked = rank(CRITERIA, contenders, cards)

    for row in ranked:
        own = [card for card in cards if card.code == row.code]
        weighted = [
            Fraction(sum(c.weight * s for c, s in zip(CRITERIA, card.scores, strict=True)), 100)
            for card in own
        ]
        assert row.score == sum(weighted) / len(own)
