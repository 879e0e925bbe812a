"""Every fact and command of a challenge in every state: one test per cell of the domain's table."""

import pytest

from kpo_delivery.domain.challenge import (
    CLOSING_GRACE,
    DATASET_UNKNOWN,
    SUBMITTED_ALREADY,
    Challenge,
    ChallengeStatus,
    Purse,
)
from kpo_delivery.domain.challenge_facts import (
    Actors,
    Awaited,
    ChallengeAwarded,
    ChallengeCancelled,
    ChallengeCancelRefused,
    ChallengeOpened,
    ChallengeVoided,
    ChallengeWithdrawn,
)
from kpo_delivery.domain.errors import ChallengeStateError, MisplacedFactError, SubmissionsClosedError
from kpo_delivery.domain.judging_errors import NotYourChallengeError

from .challenge_factories import (
    CLOSES_AT,
    DATA,
    STRANGER,
    a_call,
    awarded,
    cancelled_call,
    expected,
    judged_first,
    judged_second,
    opened,
    planned,
    submitted_to,
    usd,
    voided,
    withdrawn,
)
from .factories import CLIENT_ID, DAY, HOUR, NOW, names

ENDED = [awarded(), voided(), cancelled_call(), withdrawn()]
REASON = "The mine was sold."


def wished(challenge: Challenge) -> Challenge:
    return challenge.wish_cancelled(REASON, NOW).state


# engagement.submitted -------------------------------------------------------------------------------------


def test_a_filed_call_is_planned_and_waits_for_its_purse() -> None:
    decision = expected().announce(a_call(), DATA, NOW)

    assert decision.state.status is ChallengeStatus.PLANNED
    assert decision.state.parties == {CLIENT_ID}
    assert decision.state.due_at is None
    assert names(decision.facts) == ["ChallengePlanned"]


def test_a_filed_call_whose_purse_came_first_is_planned_and_opened_at_once() -> None:
    decision = expected().fund(NOW).state.announce(a_call(), DATA, NOW)

    assert decision.state.status is ChallengeStatus.OPEN
    assert names(decision.facts) == ["ChallengePlanned", "ChallengeOpened"]


def test_a_filed_call_whose_purse_had_lapsed_is_withdrawn() -> None:
    decision = expected().lapse(NOW).state.announce(a_call(), DATA, NOW)

    assert decision.state.status is ChallengeStatus.WITHDRAWN
    assert decision.facts == (ChallengeWithdrawn(decision.state.standing),)


def test_a_filed_call_with_data_that_are_not_there_is_voided() -> None:
    decision = expected().announce(a_call(), None, NOW)

    assert decision.state.status is ChallengeStatus.VOIDED
    assert decision.facts == (ChallengeVoided(decision.state.standing, DATASET_UNKNOWN),)


def test_a_filed_call_without_its_data_is_voided_even_when_its_purse_is_there() -> None:
    decision = expected().fund(NOW).state.announce(a_call(), None, NOW)

    assert names(decision.facts) == ["ChallengeVoided"]


def test_a_filed_call_that_was_called_off_before_and_paid_is_cancelled() -> None:
    decision = wished(expected()).fund(NOW).state.announce(a_call(), DATA, NOW)

    assert names(decision.facts) == ["ChallengePlanned", "ChallengeCancelled"]


def test_a_filed_call_that_was_called_off_before_waits_for_the_word_about_its_purse() -> None:
    decision = wished(expected()).announce(a_call(), DATA, NOW)

    assert decision.state.status is ChallengeStatus.PLANNED
    assert decision.state.wish == REASON


@pytest.mark.parametrize("challenge", [planned(), opened(), judged_first(), *ENDED])
def test_a_call_that_is_filed_twice_is_a_bug(challenge: Challenge) -> None:
    with pytest.raises(MisplacedFactError):
        challenge.announce(a_call(), DATA, NOW)


# escrow.funded --------------------------------------------------------------------------------------------


def test_a_purse_before_its_call_is_remembered() -> None:
    decision = expected().fund(NOW)

    assert decision.state.status is ChallengeStatus.EXPECTED
    assert decision.state.purse is Purse.FUNDED
    assert decision.facts == ()


def test_a_purse_opens_a_planned_call_for_as_long_as_it_says() -> None:
    decision = planned().fund(NOW)

    assert decision.state.submissions_close_at == CLOSES_AT
    assert decision.state.due_at == CLOSES_AT + CLOSING_GRACE
    assert decision.facts == (ChallengeOpened(decision.state.standing, a_call(), CLOSES_AT),)
    assert decision.state.standing.awaited == Awaited(Actors.ENTRANTS, CLOSES_AT)


def test_a_purse_meets_a_remembered_wish_and_the_call_is_cancelled() -> None:
    decision = wished(planned()).fund(NOW)

    assert decision.state.status is ChallengeStatus.CANCELLED
    assert decision.facts == (ChallengeCancelled(decision.state.standing, REASON),)


@pytest.mark.parametrize("challenge", [planned().void("No.", NOW).state, withdrawn()])
def test_a_purse_after_the_end_changes_nothing(challenge: Challenge) -> None:
    decision = challenge.fund(NOW + DAY)

    assert decision.state == challenge
    assert decision.facts == ()


@pytest.mark.parametrize("challenge", [opened(), judged_first(), awarded(), cancelled_call()])
def test_a_second_purse_is_a_bug(challenge: Challenge) -> None:
    with pytest.raises(MisplacedFactError):
        challenge.fund(NOW)


# escrow.lapsed --------------------------------------------------------------------------------------------


def test_a_lapse_before_the_call_is_remembered() -> None:
    decision = expected().lapse(NOW)

    assert decision.state.purse is Purse.LAPSED
    assert decision.facts == ()


def test_a_lapse_withdraws_a_planned_call() -> None:
    decision = planned().lapse(NOW + DAY)

    assert decision.state.status is ChallengeStatus.WITHDRAWN
    assert decision.state.ended_at == NOW + DAY
    assert names(decision.facts) == ["ChallengeWithdrawn"]


def test_a_lapse_answers_a_wish_by_withdrawing() -> None:
    assert names(wished(planned()).lapse(NOW).facts) == ["ChallengeWithdrawn"]


def test_a_lapse_after_the_call_was_voided_changes_nothing() -> None:
    challenge = planned().void("No.", NOW).state

    assert challenge.lapse(NOW + DAY).state == challenge


@pytest.mark.parametrize("challenge", [opened(), judged_first(), awarded(), cancelled_call(), withdrawn()])
def test_a_lapse_of_money_that_was_there_is_a_bug(challenge: Challenge) -> None:
    with pytest.raises(MisplacedFactError):
        challenge.lapse(NOW)


# escrow.opened --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("challenge", [expected(), planned(), *ENDED])
def test_the_fee_is_remembered_in_any_state(challenge: Challenge) -> None:
    decision = challenge.note_fee(1_000)

    assert decision.state.net(usd(10_000)) == usd(9_000)
    assert decision.facts == ()


def test_what_a_prize_is_worth_is_not_known_before_the_fee_is() -> None:
    assert planned().net(usd(10_000)) is None


# cancel wish ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("challenge", [expected(), planned()])
def test_a_wish_before_the_call_opens_is_remembered(challenge: Challenge) -> None:
    decision = challenge.wish_cancelled(REASON, NOW)

    assert decision.state.wish == REASON
    assert decision.state.status is challenge.status
    assert decision.facts == ()


def test_a_second_wish_leaves_the_first_reason() -> None:
    assert wished(planned()).wish_cancelled("Another.", NOW).state.wish == REASON


def test_a_wish_cancels_an_open_call_that_nobody_has_submitted_to() -> None:
    decision = opened().wish_cancelled(REASON, NOW + DAY)

    assert decision.state.status is ChallengeStatus.CANCELLED
    assert decision.state.due_at is None
    assert decision.facts == (ChallengeCancelled(decision.state.standing, REASON),)


@pytest.mark.parametrize("challenge", [submitted_to(), judged_first(), judged_second()])
def test_a_wish_is_refused_once_somebody_has_submitted(challenge: Challenge) -> None:
    decision = challenge.wish_cancelled(REASON, NOW + DAY)

    assert decision.state == challenge
    assert decision.facts == (ChallengeCancelRefused(challenge.standing, SUBMITTED_ALREADY),)


@pytest.mark.parametrize("challenge", ENDED)
def test_a_wish_after_the_end_changes_nothing(challenge: Challenge) -> None:
    decision = challenge.wish_cancelled(REASON, NOW + DAY)

    assert decision.state == challenge
    assert decision.facts == ()


# void -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("challenge", [planned(), opened(), submitted_to(), judged_first()])
def test_the_operator_voids_a_call_of_which_no_round_was_judged(challenge: Challenge) -> None:
    decision = challenge.void(REASON, NOW + DAY)

    assert decision.state.status is ChallengeStatus.VOIDED
    assert decision.state.due_at is None
    assert decision.facts == (ChallengeVoided(decision.state.standing, REASON),)


def test_the_operator_ends_a_later_round_with_the_prizes_of_the_judged_ones() -> None:
    decision = judged_second().void(REASON, NOW + DAY)

    assert decision.state.status is ChallengeStatus.AWARDED
    assert decision.state.reason == REASON
    assert decision.facts == (ChallengeAwarded(decision.state.standing, decision.state.awards),)
    assert [award.prize for award in decision.state.awards] == [usd(10_000)] * 23


@pytest.mark.parametrize("challenge", [expected(), *ENDED])
def test_nobody_voids_what_has_not_begun_or_has_ended(challenge: Challenge) -> None:
    with pytest.raises(ChallengeStateError):
        challenge.void(REASON, NOW)


# Who may, and until when ----------------------------------------------------------------------------------


def test_entering_is_open_until_submissions_close() -> None:
    opened().expect_open(CLOSES_AT - HOUR)

    with pytest.raises(SubmissionsClosedError):
        opened().expect_open(CLOSES_AT)


@pytest.mark.parametrize("challenge", [planned(), judged_first(), *ENDED])
def test_nobody_enters_a_call_that_is_not_open(challenge: Challenge) -> None:
    with pytest.raises(ChallengeStateError):
        challenge.expect_open(NOW)


def test_submissions_stay_sealed_until_the_grace_is_over() -> None:
    assert opened().is_sealed(CLOSES_AT + CLOSING_GRACE - HOUR)
    assert not opened().is_sealed(CLOSES_AT + CLOSING_GRACE)
    assert planned().is_sealed(NOW)


def test_only_the_client_runs_a_challenge() -> None:
    opened().expect_client(CLIENT_ID)

    with pytest.raises(NotYourChallengeError):
        opened().expect_client(STRANGER)
