"""What is stored of challenges and their rounds comes back as it was."""

from dataclasses import replace

import pytest

from kpo_delivery.adapters.assignments import assignments
from kpo_delivery.adapters.challenges import challenges
from kpo_delivery.adapters.scorecards import scorecards
from kpo_delivery.adapters.tallies import tallies
from kpo_delivery.domain import judging
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.scorecard import Scorecard
from kpo_delivery.domain.tally import Tally

from .challenge_factories import (
    CHALLENGE_ID,
    CLOSED_AT,
    CLOSES_AT,
    JUDGE_BY,
    a_judge,
    awarded,
    bench,
    cancelled_call,
    expected,
    judged_first,
    judged_second,
    opened,
    person,
    planned,
    some_round,
    submitted_to,
    usd,
    voided,
    withdrawn,
)
from .factories import DAY, NOW

SPARES_CALLED = judging.call_spares(judged_first(), (1,), bench(4), JUDGE_BY + 14 * DAY).state


@pytest.mark.parametrize(
    "challenge",
    [
        expected(),
        expected().fund(NOW).state.note_fee(1_000).state,
        expected().wish_cancelled("The mine was sold.", NOW).state,
        judging.propose_bench(expected(), bench(1, 2), ()).state,
        planned(),
        judging.appoint(opened(), a_judge(1)).state,
        opened(),
        submitted_to(),
        judged_first(),
        SPARES_CALLED,
        judged_second(),
        awarded(),
        voided(),
        cancelled_call(),
        withdrawn(),
    ],
)
def test_a_challenge_in_any_state_is_read_back_as_it_was_stored(challenge: Challenge) -> None:
    assert challenges.load(challenges.dump(challenge), challenges.schema) == challenge


def test_lists_find_a_call_by_area_deadline_and_purse_of_its_currency() -> None:
    assert challenges.facets_of(opened()) == {
        "practice_area": "research_and_development",
        "closes_at": CLOSES_AT,
        "purse": {"USD": usd(575_000).minor},
    }


@pytest.mark.parametrize("scored", [(), (1, 1, 2), (1, 1, 1, 2, 2, 2, 3, 3)])
def test_a_tally_is_read_back_as_it_was_stored(scored: tuple[int, ...]) -> None:
    tally = Tally.of(some_round(), judged_first().panel, JUDGE_BY)
    for seat in scored:
        tally = tally.scored(seat, CLOSED_AT)

    for state in (tally, tally.closed()):
        assert tallies.load(tallies.dump(state), tallies.schema) == state


def test_an_assignment_is_read_back_as_it_was_stored() -> None:
    for assignment in some_round().assignments:
        assert assignments.decode(assignments.encode(assignment)) == assignment


def test_a_scorecard_is_read_back_as_it_was_stored() -> None:
    card = Scorecard(
        id=Scorecard.id_of(some_round().id, 1, person(9)),
        challenge_id=CHALLENGE_ID,
        round_id=some_round().id,
        round=1,
        seat=1,
        person_id=person(1),
        vendor_id=a_judge(1).vendor_id,
        code="CODE000001",
        scores=(80, 70, 60),
        comment="Öl statt Gold.",
        given_at=CLOSED_AT,
    )

    assert scorecards.load(scorecards.dump(card), scorecards.schema) == card
    assert replace(card, comment="").card.comment == ""
