"""The panel and the rounds of a challenge in every state: one test per cell of the domain's table."""

from dataclasses import replace

import pytest

from kpo_delivery.domain import judging
from kpo_delivery.domain.challenge import Challenge, ChallengeStatus, Turnout
from kpo_delivery.domain.challenge_facts import (
    Actors,
    Awaited,
    ChallengeAwarded,
    ChallengeVoided,
    JudgeAppointed,
    JudgeReplaced,
    RoundJudged,
    SubmissionsClosed,
)
from kpo_delivery.domain.errors import ChallengeStateError
from kpo_delivery.domain.judging_errors import NotYourSeatError, PanelFullError
from kpo_delivery.domain.panel import Seating

from .challenge_factories import (
    CLOSED_AT,
    FIRST,
    JUDGE_BY,
    JUDGE_WITHIN,
    a_judge,
    a_judged_round,
    a_round,
    awarded,
    bench,
    cancelled_call,
    expected,
    judged_first,
    judged_second,
    opened,
    person,
    planned,
    submitted_to,
    usd,
    voided,
    withdrawn,
)
from .factories import DAY, SHA256, names

ENDED = [awarded(), voided(), cancelled_call(), withdrawn()]
ILL = "Ill for the whole of June."


def sitting(challenge: Challenge) -> list[int | None]:
    """Give the numbers of the judges on seats 1, 2, 3."""
    numbers = {a_judge(number): number for number in range(1, 10)}
    return [numbers[seat.judge] if seat.judge else None for seat in challenge.panel.seats]


def seated(challenge: Challenge, *numbers: int) -> Challenge:
    for number in numbers:
        challenge = judging.appoint(challenge, a_judge(number)).state
    return challenge


# panel.proposed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("challenge", [expected(), planned(), opened()])
def test_a_proposed_bench_waits_before_submissions_close(challenge: Challenge) -> None:
    decision = judging.propose_bench(challenge, bench(1, 2), bench(1, 2))

    assert decision.state.panel.bench == bench(1, 2)
    assert set(sitting(decision.state)) <= {None}
    assert decision.facts == ()


def test_a_bench_that_came_before_the_call_is_there_when_it_is_planned() -> None:
    known = judging.propose_bench(expected(), bench(1, 2), ()).state

    assert replace(known, plan=None).panel.bench == bench(1, 2)
    assert planned().panel.seats == known.announce(planned().call, (), CLOSED_AT).state.panel.seats
    assert known.announce(planned().call, (), CLOSED_AT).state.panel.bench == bench(1, 2)


def test_a_bench_that_comes_while_the_panel_judges_fills_its_free_seats() -> None:
    judging_alone = judging.close_submissions(submitted_to(), Turnout(1, 1), (), CLOSED_AT).state

    decision = judging.propose_bench(judging_alone, bench(1, 2), bench(2))

    assert sitting(decision.state) == [2, None, None]
    assert decision.facts == (JudgeAppointed(decision.state.standing, Seating(1, a_judge(2))),)


@pytest.mark.parametrize("challenge", ENDED)
def test_a_bench_after_the_end_changes_nothing(challenge: Challenge) -> None:
    assert judging.propose_bench(challenge, bench(1), bench(1)).state == challenge


# appoint --------------------------------------------------------------------------------------------------


def test_the_client_gives_the_next_free_seat_to_a_judge() -> None:
    decision = judging.appoint(seated(opened(), 1), a_judge(2))

    assert sitting(decision.state) == [1, 2, None]
    assert decision.facts == (JudgeAppointed(decision.state.standing, Seating(2, a_judge(2))),)


def test_a_full_panel_takes_nobody() -> None:
    with pytest.raises(PanelFullError):
        judging.appoint(seated(opened(), 1, 2, 3), a_judge(4))


@pytest.mark.parametrize("challenge", [expected(), planned(), judged_first(), *ENDED])
def test_nobody_is_appointed_before_the_call_opens_and_once_the_panel_judges(challenge: Challenge) -> None:
    with pytest.raises(ChallengeStateError):
        judging.appoint(challenge, a_judge(4))


# decline --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("challenge", [seated(opened(), 1, 2), judged_first()])
def test_the_next_of_the_bench_replaces_a_judge_who_declines(challenge: Challenge) -> None:
    decision = judging.decline(challenge, 2, person(2), ILL, bench(4, 5))

    assert sitting(decision.state)[:2] == [1, 4]
    replaced = Seating(2, a_judge(4), before=a_judge(2))
    assert decision.facts == (JudgeReplaced(decision.state.standing, replaced, ILL),)


@pytest.mark.parametrize("challenge", [seated(opened(), 1, 2), judged_first()])
def test_a_seat_stays_free_when_the_bench_is_empty(challenge: Challenge) -> None:
    decision = judging.decline(challenge, 2, person(2), ILL, ())

    assert sitting(decision.state)[:2] == [1, None]
    assert decision.facts == ()


@pytest.mark.parametrize(("seat", "by"), [(1, 2), (3, 2), (2, 9)])
def test_nobody_declines_a_seat_that_is_not_theirs(seat: int, by: int) -> None:
    with pytest.raises(NotYourSeatError):
        judging.decline(judged_first(), seat, person(by), ILL, ())


@pytest.mark.parametrize("challenge", [expected(), *ENDED])
def test_there_is_no_panel_to_leave_before_the_call_and_after_the_end(challenge: Challenge) -> None:
    with pytest.raises(ChallengeStateError):
        judging.decline(challenge, 1, person(1), ILL, ())


# submissions_close + grace --------------------------------------------------------------------------------


def test_submissions_close_into_the_first_round() -> None:
    decision = judging.close_submissions(submitted_to(), Turnout(50, 40), (), CLOSED_AT)

    assert decision.state.status is ChallengeStatus.JUDGING
    assert decision.state.due_at == JUDGE_BY
    assert decision.facts == (SubmissionsClosed(decision.state.standing, 50, 40, JUDGE_BY),)
    assert decision.state.standing.awaited == Awaited(Actors.PANEL, JUDGE_BY)


def test_free_seats_are_filled_from_the_bench_when_submissions_close() -> None:
    decision = judging.close_submissions(
        seated(submitted_to(), 3), Turnout(50, 40), bench(1, 2, 4), CLOSED_AT
    )

    assert sitting(decision.state) == [3, 1, 2]
    assert names(decision.facts) == ["SubmissionsClosed", "JudgeAppointed", "JudgeAppointed"]


def test_a_call_that_nobody_submitted_to_is_voided() -> None:
    decision = judging.close_submissions(opened(), Turnout(50, 0), bench(1), CLOSED_AT)

    assert decision.state.status is ChallengeStatus.VOIDED
    assert decision.state.turnout == Turnout(50, 0)
    assert decision.facts == (ChallengeVoided(decision.state.standing, judging.NO_SUBMISSION),)


# judge_by -------------------------------------------------------------------------------------------------


def test_late_judges_are_replaced_as_far_as_the_bench_reaches() -> None:
    decision = judging.call_spares(judged_first(), (1, 3), bench(4), JUDGE_BY + 14 * DAY)

    assert sitting(decision.state) == [4, 2, 3]
    replaced = Seating(1, a_judge(4), before=a_judge(1))
    assert decision.facts == (JudgeReplaced(decision.state.standing, replaced, judging.TOO_LATE),)


def test_spare_judges_are_called_once_and_the_round_given_up_later() -> None:
    decision = judging.call_spares(judged_first(), (1,), (), JUDGE_BY + 14 * DAY)

    assert decision.state.due_at == JUDGE_BY + 14 * DAY
    assert decision.facts == ()


# All scorecards in ----------------------------------------------------------------------------------------


def test_a_judged_round_opens_the_next_one() -> None:
    at = CLOSED_AT + DAY

    decision = judging.close_round(judged_first(), a_judged_round(), at)

    assert decision.state.status is ChallengeStatus.JUDGING
    assert decision.state.clock is not None
    assert decision.state.clock.round == 2
    assert decision.state.due_at == at + JUDGE_WITHIN
    assert decision.facts == (RoundJudged(decision.state.standing, 1, 40, 23, SHA256),)


def test_fewer_submissions_than_picks_all_go_on() -> None:
    decision = judging.close_round(
        judged_first(submissions=5), a_judged_round(submissions=5), CLOSED_AT + DAY
    )

    assert decision.facts == (RoundJudged(decision.state.standing, 1, 5, 5, SHA256),)


def test_the_last_round_awards_the_prizes_of_all_rounds_by_rank() -> None:
    decision = judging.close_round(judged_second(), a_judged_round(2, submissions=23), CLOSED_AT + 2 * DAY)

    assert names(decision.facts) == ["RoundJudged", "ChallengeAwarded"]
    assert decision.facts[-1] == ChallengeAwarded(decision.state.standing, decision.state.awards)
    assert decision.state.due_at is None
    prizes = [(award.number, award.round, award.winner.rank, award.prize) for award in decision.state.awards]
    assert prizes[:23] == [(rank, 1, rank, usd(10_000)) for rank in range(1, 24)]
    assert prizes[23:] == [
        (24, 2, 1, usd(150_000)),
        (25, 2, 2, usd(75_000)),
        (26, 2, 3, usd(45_000)),
    ]


def test_goldcorps_prizes_leave_a_part_of_the_purse() -> None:
    paid = sum(award.prize.minor for award in awarded().awards)

    assert paid == usd(500_000).minor


def test_one_top_award_and_the_rest_by_rank_use_up_the_purse() -> None:
    only = a_round(1, picks=24, prizes=[105_000, *[20_000] * 23, 10_000])
    challenge = judged_first(only)

    ended = judging.close_round(challenge, a_judged_round(), CLOSED_AT + DAY).state

    assert ended.status is ChallengeStatus.AWARDED
    assert [award.prize for award in ended.awards][:2] == [usd(105_000), usd(20_000)]
    assert len(ended.awards) == 23


def test_prizes_without_a_winner_go_back() -> None:
    challenge = judged_first(FIRST, submissions=5)

    ended = judging.close_round(challenge, a_judged_round(submissions=5), CLOSED_AT + DAY).state

    assert [award.prize for award in ended.awards] == [usd(10_000)] * 5


# Given up -------------------------------------------------------------------------------------------------


def test_a_first_round_without_quorum_voids_the_call() -> None:
    decision = judging.give_up_round(judged_first(), JUDGE_BY + 14 * DAY)

    assert decision.state.status is ChallengeStatus.VOIDED
    assert decision.facts == (ChallengeVoided(decision.state.standing, judging.NO_QUORUM),)


def test_a_later_round_without_quorum_awards_the_rounds_before_it() -> None:
    decision = judging.give_up_round(judged_second(), JUDGE_BY + 40 * DAY)

    assert decision.state.status is ChallengeStatus.AWARDED
    assert decision.state.reason == judging.NO_QUORUM
    assert len(decision.state.awards) == 23
