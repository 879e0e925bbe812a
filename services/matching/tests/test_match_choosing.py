"""Who is asked first: the client's choice, the clock's, and those who are passed over."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from kpo_chassis.kernel import Decisions
from kpo_matching.domain import offering
from kpo_matching.domain.errors import (
    NotACandidateError,
    NotChoosingError,
)
from kpo_matching.domain.expert import Reservation
from kpo_matching.domain.facts import (
    MatchEnded,
    MatchOffered,
)
from kpo_matching.domain.filters import Filter
from kpo_matching.domain.match import MatchStatus, Skip
from kpo_matching.domain.vendor import VendorStatus

from .factories import (
    ALL,
    BEST,
    CLIENT_ID,
    DAY,
    MATCH_ID,
    NOW,
    SECOND,
    THIRD,
    VENDOR_ID,
    a_choosing_match,
    a_match_in,
    a_roster,
    a_vendor,
    the_experts,
    the_facts,
    the_match,
)

NOT_CHOOSING = [s for s in MatchStatus if s is not MatchStatus.CHOOSING]


def asked(decisions: Decisions) -> UUID:
    """Who holds the open offer."""
    return the_match(decisions).last_offer.expert_id


# choose ---------------------------------------------------------------------------------------------------


def test_the_chosen_candidate_is_offered_the_work() -> None:
    match = a_choosing_match(*ALL)

    decisions = offering.choose(match, SECOND.id, a_roster(*ALL), NOW)

    assert asked(decisions) == SECOND.id
    (fact,) = the_facts(decisions)
    assert isinstance(fact, MatchOffered)
    assert (fact.offer.number, fact.offer.expires_at) == (1, NOW + 2 * DAY)


def test_after_the_chosen_candidate_the_others_follow_by_rank() -> None:
    match = a_choosing_match(*ALL)

    decisions = offering.choose(match, SECOND.id, a_roster(*ALL), NOW)

    assert the_match(decisions).ladder == (BEST.id, THIRD.id)


def test_an_offer_reserves_the_hours_of_the_expert() -> None:
    match = a_choosing_match(BEST)

    (expert,) = the_experts(offering.choose(match, BEST.id, a_roster(BEST), NOW))

    assert expert.reservations == (Reservation(MATCH_ID, 20),)


def test_an_offer_waits_for_the_vendor_until_it_expires() -> None:
    match = the_match(offering.choose(a_choosing_match(BEST), BEST.id, a_roster(BEST), NOW))

    assert match.due_at == NOW + 2 * DAY
    assert [(task.tenant, task.action) for task in match.tasks] == [(VENDOR_ID, "accept")]
    assert match.tasks[0].path == f"/v1/matches/{MATCH_ID}/offers/1/accept"


def test_somebody_who_is_not_on_the_shortlist_cannot_be_chosen() -> None:
    match = a_choosing_match(BEST)

    with pytest.raises(NotACandidateError) as refusal:
        offering.choose(match, THIRD.id, a_roster(BEST), NOW)

    assert refusal.value.pointer == "/expert_id"


@pytest.mark.parametrize("status", NOT_CHOOSING)
def test_choosing_at_another_time_is_refused(status: str) -> None:
    match = a_match_in(status)

    with pytest.raises(NotChoosingError) as refusal:
        offering.choose(match, BEST.id, a_roster(BEST), NOW)

    assert refusal.value.allowed == match.allowed


@pytest.mark.parametrize(
    ("status", "what_to_do"),
    [
        ("expected", "once the escrow is funded; fund it first."),
        ("waiting", "once the escrow is funded; fund it first."),
        ("offered", "wait for the answer"),
        ("accepted", "is accepted"),
        ("ended", "is ended"),
        ("withdrawn", "is withdrawn"),
    ],
)
def test_who_chooses_at_another_time_is_told_what_to_do(status: str, what_to_do: str) -> None:
    with pytest.raises(NotChoosingError) as refusal:
        offering.choose(a_match_in(status), BEST.id, a_roster(BEST), NOW)

    assert what_to_do in refusal.value.detail


# choose_by ------------------------------------------------------------------------------------------------


def test_when_nobody_chooses_the_clock_offers_to_rank_1() -> None:
    decisions = offering.deadline_passed(a_choosing_match(*ALL), a_roster(*ALL), NOW)

    assert asked(decisions) == BEST.id
    assert [type(fact) for fact in the_facts(decisions)] == [MatchOffered]


@pytest.mark.parametrize("status", [s for s in NOT_CHOOSING if s is not MatchStatus.OFFERED])
def test_a_clock_does_nothing_where_nobody_must_act(status: str) -> None:
    match = a_match_in(status)

    decisions = offering.deadline_passed(match, a_roster(), NOW)

    assert (the_match(decisions), the_facts(decisions)) == (match, ())


# Who is passed over ---------------------------------------------------------------------------------------


def test_a_suspended_expert_is_passed_over() -> None:
    suspended = BEST.suspend("Left.").state

    decisions = offering.deadline_passed(a_choosing_match(*ALL), a_roster(suspended, SECOND, THIRD), NOW)

    assert asked(decisions) == SECOND.id
    assert the_match(decisions).skips == (Skip(BEST.id, Filter.SUSPENDED),)


def test_an_expert_of_a_suspended_vendor_is_passed_over() -> None:
    vendor = a_vendor(status=VendorStatus.SUSPENDED)

    decisions = offering.deadline_passed(a_choosing_match(*ALL), a_roster(*ALL, vendors=[vendor]), NOW)

    assert the_match(decisions).skips == (Skip(BEST.id, Filter.SUSPENDED),)


def test_an_expert_who_cannot_be_found_is_passed_over() -> None:
    decisions = offering.deadline_passed(a_choosing_match(*ALL), a_roster(SECOND, THIRD), NOW)

    assert asked(decisions) == SECOND.id


def test_an_expert_who_is_full_is_passed_over() -> None:
    full = BEST.reserve(uuid4(), 30)

    decisions = offering.deadline_passed(a_choosing_match(*ALL), a_roster(full, SECOND, THIRD), NOW)

    assert asked(decisions) == SECOND.id
    assert the_match(decisions).skips == (Skip(BEST.id, Filter.HOURS),)


def test_an_expert_who_joined_the_client_is_passed_over() -> None:
    joined = replace(BEST, profile=replace(BEST.profile, employers=(CLIENT_ID,)))

    decisions = offering.deadline_passed(a_choosing_match(*ALL), a_roster(joined, SECOND, THIRD), NOW)

    assert the_match(decisions).skips == (Skip(BEST.id, Filter.CONFLICT),)


def test_a_match_whose_candidates_are_all_passed_over_ends_unfilled() -> None:
    full = BEST.reserve(uuid4(), 30)

    decisions = offering.deadline_passed(a_choosing_match(BEST), a_roster(full), NOW)

    assert the_match(decisions).status is MatchStatus.ENDED
    assert [type(fact) for fact in the_facts(decisions)] == [MatchEnded]
    assert the_experts(decisions) == ()
