"""Every fact that may come before a match holds its engagement, in every state."""

from dataclasses import replace

import pytest

from kpo_chassis.kernel import Decisions
from kpo_matching.domain import joining
from kpo_matching.domain.engagement import ChoicePolicy, Engagement
from kpo_matching.domain.errors import MisplacedFactError
from kpo_matching.domain.expert import Expert
from kpo_matching.domain.facts import (
    MatchChoiceOpened,
    MatchEnded,
    MatchOffered,
    MatchShortlisted,
    MatchWithdrawn,
)
from kpo_matching.domain.match import Answer, Ended, Expected, Match, MatchOutcome, MatchStatus

from .factories import (
    CLIENT_ID,
    DAY,
    MATCH_ID,
    NOW,
    VENDOR_ID,
    a_choosing_match,
    a_match_in,
    a_profile,
    a_ranking,
    a_roster,
    a_waiting_match,
    an_engagement,
    an_expected_match,
    an_expert,
    an_offered_match,
    reserving,
    the_experts,
    the_facts,
    the_match,
    with_wish,
)

FUNDED = Expected(funded=True)
LAPSED = Expected(lapsed=True)
AUTO = an_engagement(choice=ChoicePolicy.AUTO)


def submitted(match: Match, *experts: Expert, engagement: Engagement | None = None) -> Decisions:
    engagement = engagement or an_engagement()
    filed = joining.engagement_submitted(match, engagement, a_ranking(engagement, *experts))
    return joining.settle(filed, a_roster(*experts), NOW)


# engagement.submitted -------------------------------------------------------------------------------------


def test_a_submitted_engagement_with_candidates_waits_for_the_money() -> None:
    decisions = submitted(an_expected_match(), an_expert())

    assert the_match(decisions).status is MatchStatus.WAITING
    (fact,) = the_facts(decisions)
    assert isinstance(fact, MatchShortlisted)
    assert fact.fund_by == NOW + 7 * DAY


def test_a_submitted_engagement_without_candidates_ends_unfilled() -> None:
    decisions = submitted(an_expected_match())

    assert the_match(decisions).status is MatchStatus.ENDED
    (fact,) = the_facts(decisions)
    assert isinstance(fact, MatchEnded)
    assert fact.outcome is MatchOutcome.UNFILLED
    assert fact.reason == "No active expert offers this practice area."


def test_an_engagement_without_candidates_says_which_filter_kept_how_many_out() -> None:
    beginner = an_expert(profile=a_profile(skills=()))
    busy = an_expert(2).reserve(CLIENT_ID, 40)

    (fact,) = the_facts(submitted(an_expected_match(), beginner, busy))

    assert isinstance(fact, MatchEnded)
    assert fact.reason == "None of 2 experts passed the filters: skills 1, hours 1."


def test_an_engagement_that_was_funded_before_it_came_opens_the_choice() -> None:
    decisions = submitted(replace(an_expected_match(), stage=FUNDED), an_expert())

    assert the_match(decisions).status is MatchStatus.CHOOSING
    assert [type(fact) for fact in the_facts(decisions)] == [MatchChoiceOpened]


def test_an_engagement_that_was_funded_before_it_came_ends_unfilled_without_candidates() -> None:
    decisions = submitted(replace(an_expected_match(), stage=FUNDED))

    assert the_match(decisions).stage == Ended(
        MatchOutcome.UNFILLED, "No active expert offers this practice area."
    )


def test_an_engagement_that_was_funded_and_is_not_wanted_any_more_ends_cancelled() -> None:
    decisions = submitted(with_wish(replace(an_expected_match(), stage=FUNDED)), an_expert())

    assert the_match(decisions).stage == Ended(MatchOutcome.CANCELLED, "Budget cut.")
    assert [type(fact) for fact in the_facts(decisions)] == [MatchEnded]


def test_an_engagement_that_lapsed_before_it_came_is_withdrawn() -> None:
    decisions = submitted(replace(an_expected_match(), stage=LAPSED), an_expert())

    assert the_match(decisions).status is MatchStatus.WITHDRAWN
    assert [type(fact) for fact in the_facts(decisions)] == [MatchWithdrawn]


def test_an_engagement_with_a_wish_but_no_money_waits_and_keeps_the_wish() -> None:
    decisions = submitted(with_wish(an_expected_match()), an_expert())

    assert the_match(decisions).status is MatchStatus.WAITING
    assert the_match(decisions).wish == "Budget cut."


@pytest.mark.parametrize("status", [s for s in MatchStatus if s is not MatchStatus.EXPECTED])
def test_an_engagement_cannot_be_submitted_twice(status: str) -> None:
    match = a_match_in(status)

    with pytest.raises(MisplacedFactError):
        submitted(match, an_expert())


# escrow.funded --------------------------------------------------------------------------------------------


def test_money_for_an_unknown_engagement_is_remembered() -> None:
    decisions = joining.escrow_funded(an_expected_match(), a_roster(), NOW)

    assert the_match(decisions).stage == FUNDED
    assert the_facts(decisions) == ()


def test_money_for_a_waiting_match_opens_the_choice() -> None:
    decisions = joining.escrow_funded(a_waiting_match(), a_roster(), NOW)

    match = the_match(decisions)
    assert match.status is MatchStatus.CHOOSING
    assert match.due_at == NOW + 3 * DAY
    assert [(task.tenant, task.action) for task in match.tasks] == [(CLIENT_ID, "choose")]
    assert [type(fact) for fact in the_facts(decisions)] == [MatchChoiceOpened]


def test_money_for_a_match_that_is_not_wanted_any_more_ends_it_cancelled() -> None:
    decisions = joining.escrow_funded(with_wish(a_waiting_match()), a_roster(), NOW)

    assert the_match(decisions).stage == Ended(MatchOutcome.CANCELLED, "Budget cut.")


def test_money_for_a_match_that_chooses_by_itself_makes_the_first_offer() -> None:
    expert = an_expert()
    waiting = a_waiting_match(expert, engagement=AUTO)

    decisions = joining.escrow_funded(waiting, a_roster(expert), NOW)

    assert the_match(decisions).status is MatchStatus.OFFERED
    assert [type(fact) for fact in the_facts(decisions)] == [MatchOffered]
    assert [expert.free_hours for expert in the_experts(decisions)] == [20]


def test_a_match_that_chooses_by_itself_calls_its_ladder_only_when_the_money_is_there() -> None:
    waiting = a_waiting_match(engagement=AUTO)
    filed = joining.engagement_submitted(an_expected_match(), AUTO, a_ranking(AUTO, an_expert()))

    assert joining.called_at_choice(waiting) == waiting.ladder
    assert joining.called_at_choice(filed) == ()
    assert joining.called_at_choice(a_waiting_match()) == ()


@pytest.mark.parametrize("status", ["ended", "withdrawn"])
def test_money_for_a_match_that_is_over_changes_nothing(status: str) -> None:
    match = a_match_in(status)

    decisions = joining.escrow_funded(match, a_roster(), NOW)

    assert (the_match(decisions), the_facts(decisions)) == (match, ())


@pytest.mark.parametrize("status", ["choosing", "offered", "accepted"])
def test_money_cannot_come_twice(status: str) -> None:
    match = a_match_in(status)

    with pytest.raises(MisplacedFactError):
        joining.escrow_funded(match, a_roster(), NOW)


# cancel wish ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["expected", "waiting"])
def test_a_wish_to_cancel_is_remembered_until_the_match_holds_the_engagement(status: str) -> None:
    match = a_match_in(status)

    decisions = joining.cancel_wished(match, "Budget cut.", a_roster())

    assert the_match(decisions) == replace(match, wish="Budget cut.")
    assert the_facts(decisions) == ()


def test_a_wish_to_cancel_ends_a_match_that_chooses() -> None:
    decisions = joining.cancel_wished(a_choosing_match(), "Budget cut.", a_roster())

    assert the_match(decisions).stage == Ended(MatchOutcome.CANCELLED, "Budget cut.")
    assert the_match(decisions).due_at is None
    assert [type(fact) for fact in the_facts(decisions)] == [MatchEnded]


def test_a_wish_to_cancel_ends_an_offered_match_and_gives_the_hours_back() -> None:
    expert = an_expert()
    offered = an_offered_match(expert)

    decisions = joining.cancel_wished(offered, "Budget cut.", a_roster(*reserving(offered, [expert])))

    assert the_match(decisions).stage == Ended(MatchOutcome.CANCELLED, "Budget cut.")
    assert the_match(decisions).last_offer.answer is Answer.WITHDRAWN
    assert the_experts(decisions) == (expert,)


@pytest.mark.parametrize("status", ["accepted", "ended", "withdrawn"])
def test_a_wish_to_cancel_what_the_match_does_not_hold_changes_nothing(status: str) -> None:
    match = a_match_in(status)

    decisions = joining.cancel_wished(match, "Budget cut.", a_roster())

    assert (the_match(decisions), the_facts(decisions)) == (match, ())


# escrow.lapsed --------------------------------------------------------------------------------------------


def test_a_lapse_of_an_unknown_engagement_is_remembered() -> None:
    decisions = joining.escrow_lapsed(an_expected_match())

    assert the_match(decisions).stage == LAPSED
    assert the_facts(decisions) == ()


def test_a_lapse_withdraws_a_waiting_match() -> None:
    decisions = joining.escrow_lapsed(a_waiting_match())

    assert the_match(decisions).status is MatchStatus.WITHDRAWN
    assert [type(fact) for fact in the_facts(decisions)] == [MatchWithdrawn]


def test_a_lapse_of_an_ended_match_changes_nothing() -> None:
    match = a_match_in("ended")

    decisions = joining.escrow_lapsed(match)

    assert (the_match(decisions), the_facts(decisions)) == (match, ())


@pytest.mark.parametrize("status", ["choosing", "offered", "accepted", "withdrawn"])
def test_a_funded_escrow_cannot_lapse(status: str) -> None:
    match = a_match_in(status)

    with pytest.raises(MisplacedFactError):
        joining.escrow_lapsed(match)


# Who may know it ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["expected", "waiting", "choosing"])
def test_before_its_offer_no_vendor_knows_of_a_match(status: str) -> None:
    match = a_match_in(status)

    assert match.parties == {CLIENT_ID}


@pytest.mark.parametrize("status", ["offered", "accepted"])
def test_from_its_offer_on_a_vendor_knows_of_the_match(status: str) -> None:
    match = a_match_in(status)

    assert match.parties == {CLIENT_ID, VENDOR_ID}


def test_the_id_of_a_match_follows_from_the_engagement() -> None:
    assert an_expected_match().id == MATCH_ID
