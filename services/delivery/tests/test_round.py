"""Rounds are dealt out fairly and blind, and their tallies count to the end."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kpo_chassis.kernel import Decisions
from kpo_delivery.domain.judging import close_round
from kpo_delivery.domain.judging_errors import ScoresIncompleteError
from kpo_delivery.domain.panel import Panel
from kpo_delivery.domain.ranking import Card
from kpo_delivery.domain.round import CODE_CHARS, Candidate, Deal, Round, blind_code
from kpo_delivery.domain.scorecard import in_order
from kpo_delivery.domain.tally import SCORE, Tally, open_round, reseated

from .challenge_factories import (
    BLIND_KEY,
    CHALLENGE_ID,
    CHALLENGE_PATH,
    CLOSED_AT,
    CRITERIA,
    JUDGE_BY,
    a_judge,
    a_judged_round,
    candidates,
    judged_first,
    opened,
    person,
    some_round,
)
from .factories import DAY, NOW

ENTRY_ID = UUID("0e000000-0000-4000-8000-000000000042")


def a_tally(*, count: int = 3) -> Tally:
    """Open the first round with judges 1 to 3 on its seats."""
    return tally_in(open_round(judged_first(), candidates(count)))


def tally_in(opening: Decisions) -> Tally:
    (decision,) = opening.decisions
    assert isinstance(decision.state, Tally)
    return decision.state


# Dealing --------------------------------------------------------------------------------------------------


@given(some.integers(1, 15), some.integers(1, 60), some.booleans())
def test_every_submission_gets_its_judges_and_no_seat_more_than_one_above_another(
    seats: int,
    count: int,
    is_first: bool,  # noqa: FBT001 - drawn, not passed by a person.
) -> None:
    each = min(2, seats) if is_first else seats

    dealt = some_round(count=count, seats=seats, per_submission=each)

    assert all(len(set(assignment.seats)) == each for assignment in dealt.assignments)
    loads = [len(dealt.of_seat(seat)) for seat in range(1, seats + 1)]
    assert sum(loads) == count * each
    assert max(loads) - min(loads) <= 1


@given(some.permutations(candidates(12)))
def test_the_order_of_entries_makes_no_difference_to_who_judges_what(mixed: list[Candidate]) -> None:
    in_order = Round.open(CHALLENGE_ID, 1, candidates(12), Deal(5, 2))

    assert Round.open(CHALLENGE_ID, 1, mixed, Deal(5, 2)) == in_order


def test_rounds_are_not_dealt_in_the_order_of_codes() -> None:
    codes = [assignment.code for assignment in some_round(count=40).assignments]

    assert any(before > after for before, after in pairwise(codes))


def test_another_round_is_dealt_in_another_order() -> None:
    first, second = some_round(number=1, count=40), some_round(number=2, count=40)

    assert [each.code for each in first.assignments] != [each.code for each in second.assignments]


def test_a_blind_code_is_short_stable_and_different_under_another_key() -> None:
    code = blind_code(BLIND_KEY, ENTRY_ID)

    assert len(code) == CODE_CHARS
    assert code == blind_code(BLIND_KEY, ENTRY_ID)
    assert code != blind_code(b"a key that nobody knows", ENTRY_ID)


def test_no_two_of_1400_entries_share_a_code() -> None:
    codes = Counter(blind_code(BLIND_KEY, UUID(int=number)) for number in range(1_400))

    assert len(codes) == 1_400


# Quorum ---------------------------------------------------------------------------------------------------


def cards(round_: Round, seats: int) -> list[Card]:
    return [Card(seat, each.code, (50, 50, 50)) for each in round_.assignments for seat in range(seats)]


@pytest.mark.parametrize(("number", "given_each", "is_enough"), [(1, 1, True), (2, 2, False), (2, 3, True)])
def test_one_card_each_is_a_quorum_first_and_the_majority_of_the_panel_later(
    number: int,
    given_each: int,
    is_enough: bool,  # noqa: FBT001 - a column of the table.
) -> None:
    judged = some_round(number=number, seats=5, per_submission=2 if number == 1 else 5)

    assert judged.has_quorum(cards(judged, given_each)) is is_enough


@pytest.mark.parametrize("number", [1, 2])
def test_one_submission_without_cards_breaks_the_quorum(number: int) -> None:
    judged = some_round(number=number)

    assert not judged.has_quorum(cards(judged, 3)[3:])


# Tally ----------------------------------------------------------------------------------------------------


def test_a_tally_owes_two_cards_for_each_submission_of_the_first_round() -> None:
    tally = a_tally(count=3)

    assert tally.missing == 6
    assert [seat.missing for seat in tally.seats] == [2, 2, 2]
    assert tally.due_at is None


def test_judges_who_owe_scorecards_have_a_task() -> None:
    task = a_tally(count=3).tasks[0]

    assert (task.tenant, task.action, task.until) == (a_judge(1).vendor_id, SCORE, JUDGE_BY)
    assert task.path == f"{CHALLENGE_PATH}/assignments"


def test_the_last_scorecard_makes_the_clock_due_at_once() -> None:
    tally = a_tally(count=3)
    for seat in (1, 1, 2, 2, 3):
        tally = tally.scored(seat, CLOSED_AT)
        assert tally.due_at is None

    tally = tally.scored(3, CLOSED_AT + DAY)

    assert tally.due_at == CLOSED_AT + DAY
    assert tally.given == 6
    assert tally.tasks == ()


def test_a_closed_tally_is_due_no_more_and_asks_nobody() -> None:
    closed = a_tally().scored(1, NOW).closed()

    assert closed.due_at is None
    assert closed.tasks == ()


def test_who_takes_a_seat_owes_what_is_left_of_it() -> None:
    challenge = judged_first()
    after = challenge.panel.take(next(challenge.panel.filling((1,), (a_judge(4),))))

    tally = reseated(a_tally().scored(1, NOW), replace(challenge, panel=after)).state

    assert tally.seat_of(person(4)) == 1
    assert tally.seat_of(person(1)) is None
    assert tally.seats[0].missing == 1


def test_a_challenge_that_is_not_judged_opens_no_round() -> None:
    assert open_round(opened(), candidates(3)) == Decisions()


def test_the_next_round_has_every_judge_for_every_submission() -> None:
    second = close_round(judged_first(), a_judged_round(), CLOSED_AT + DAY).state

    opening = open_round(second, candidates(4))

    assert tally_in(opening).missing == 4 * 3
    assert len(opening.entries) == 4


def test_a_panel_without_judges_still_owes_its_cards() -> None:
    empty = Tally.of(some_round(count=3), Panel.of_size(3, ()), JUDGE_BY)

    assert empty.missing == 6
    assert empty.tasks == ()


# Scorecards -----------------------------------------------------------------------------------------------


def test_scores_are_kept_in_the_order_of_the_criteria() -> None:
    assert in_order(CRITERIA, [("clarity", 3), ("geology", 1), ("method", 2)]) == (1, 2, 3)


@pytest.mark.parametrize(
    "scores",
    [
        [("geology", 1), ("method", 2)],
        [("geology", 1), ("method", 2), ("clarity", 3), ("charm", 4)],
        [("geology", 1), ("method", 2), ("clarity", 3), ("clarity", 4)],
        [("geology", 1), ("method", 2), ("charm", 3)],
    ],
)
def test_a_card_that_does_not_score_every_criterion_once_is_refused(scores: list[tuple[str, int]]) -> None:
    with pytest.raises(ScoresIncompleteError):
        in_order(CRITERIA, scores)
