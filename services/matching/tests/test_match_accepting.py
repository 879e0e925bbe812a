"""Who may accept an offer, when, and what it changes."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from kpo_chassis.kernel import PersonId, TenantId
from kpo_matching.domain import offering
from kpo_matching.domain.errors import (
    ConflictOfInterestError,
    ExpertSuspendedError,
    OfferClosedError,
    OfferExpiredError,
    OfferNotFoundError,
    OfferNotYoursError,
)
from kpo_matching.domain.expert import Reservation
from kpo_matching.domain.facts import (
    MatchAccepted,
)
from kpo_matching.domain.match import Answer, MatchStatus
from kpo_matching.domain.offering import OfferReply

from .factories import (
    ALL,
    BEST,
    CLIENT_ID,
    DAY,
    MATCH_ID,
    NOW,
    SECOND,
    VENDOR_ID,
    a_match_in,
    a_match_that_went_on,
    a_reply,
    a_roster,
    an_accepted_match,
    an_offered_match,
    reply_to,
    reserving,
    the_experts,
    the_facts,
    the_match,
)


def test_the_asked_expert_accepts_in_time() -> None:
    match = an_offered_match(*ALL)

    decisions = offering.accept(match, a_reply(match), a_roster(*reserving(match, ALL)), NOW)

    assert the_match(decisions).status is MatchStatus.ACCEPTED
    (fact,) = the_facts(decisions)
    assert isinstance(fact, MatchAccepted)
    assert (fact.offer.person_id, fact.terms) == (BEST.person_id, match.terms)


def test_accepting_keeps_the_hours_for_the_contract() -> None:
    match = an_offered_match(BEST)

    decisions = offering.accept(match, a_reply(match), a_roster(*reserving(match, [BEST])), NOW)

    assert the_experts(decisions)[0].reservations == (Reservation(MATCH_ID, 20, contracted=True),)


def test_staff_of_the_vendor_accept_for_the_expert() -> None:
    match = an_offered_match(BEST)
    staff = OfferReply(1, PersonId(uuid4()), TenantId(VENDOR_ID))

    decisions = offering.accept(match, staff, a_roster(*reserving(match, [BEST])), NOW)

    assert the_match(decisions).status is MatchStatus.ACCEPTED


def test_the_experts_own_person_accepts() -> None:
    match = an_offered_match(BEST)
    person = OfferReply(1, PersonId(BEST.person_id), TenantId(uuid4()))

    decisions = offering.accept(match, person, a_roster(*reserving(match, [BEST])), NOW)

    assert the_match(decisions).status is MatchStatus.ACCEPTED


def test_accept_after_expiry_is_refused() -> None:
    match = an_offered_match(BEST)

    with pytest.raises(OfferExpiredError):
        offering.accept(match, a_reply(match), a_roster(*reserving(match, [BEST])), NOW + 2 * DAY)


def test_accept_in_the_last_millisecond_is_in_time() -> None:
    match = an_offered_match(BEST)
    moment = NOW + 2 * DAY - timedelta(milliseconds=1)

    decisions = offering.accept(match, a_reply(match), a_roster(*reserving(match, [BEST])), moment)

    assert the_match(decisions).status is MatchStatus.ACCEPTED


def test_accept_with_a_conflict_of_interest_is_refused() -> None:
    match = an_offered_match(BEST)
    related = replace(BEST, profile=replace(BEST.profile, relations=(CLIENT_ID,)))

    with pytest.raises(ConflictOfInterestError):
        offering.accept(match, a_reply(match), a_roster(*reserving(match, [related])), NOW)


def test_accept_for_a_client_about_whom_nothing_is_known_is_refused() -> None:
    match = an_offered_match(BEST)

    with pytest.raises(ConflictOfInterestError):
        offering.accept(match, a_reply(match), a_roster(*reserving(match, [BEST]), client=None), NOW)


def test_accept_by_a_suspended_expert_is_refused() -> None:
    match = an_offered_match(BEST)
    suspended = BEST.suspend("Left.").state

    with pytest.raises(ExpertSuspendedError):
        offering.accept(match, a_reply(match), a_roster(*reserving(match, [suspended])), NOW)


def test_accept_of_an_offer_that_another_vendor_has_is_not_found() -> None:
    match = an_offered_match(BEST, SECOND)
    roster = a_roster(*reserving(match, [BEST, SECOND]))
    moved_on = the_match(offering.decline(match, a_reply(match), "Busy.", roster, NOW))
    first_vendor = reply_to(moved_on.offers[0], number=2)

    with pytest.raises(OfferNotFoundError):
        offering.accept(moved_on, first_vendor, roster, NOW)


def test_accept_by_the_client_is_refused() -> None:
    match = an_offered_match(BEST)
    client = OfferReply(1, PersonId(uuid4()), TenantId(CLIENT_ID))

    with pytest.raises(OfferNotYoursError):
        offering.accept(match, client, a_roster(*reserving(match, [BEST])), NOW)


def test_accept_of_an_offer_that_was_never_made_is_not_found() -> None:
    match = an_offered_match(BEST)

    with pytest.raises(OfferNotFoundError):
        offering.accept(match, a_reply(match, number=2), a_roster(*reserving(match, [BEST])), NOW)


@pytest.mark.parametrize("status", ["expected", "waiting", "choosing", "withdrawn"])
def test_accept_before_any_offer_is_refused(status: str) -> None:
    match = a_match_in(status)
    reply = OfferReply(1, PersonId(BEST.person_id), TenantId(VENDOR_ID))

    with pytest.raises(OfferClosedError) as refusal:
        offering.accept(match, reply, a_roster(BEST), NOW)

    assert refusal.value.allowed == match.allowed


def test_a_second_accept_is_refused() -> None:
    match = an_accepted_match(BEST)

    with pytest.raises(OfferClosedError) as refusal:
        offering.accept(match, a_reply(match), a_roster(BEST), NOW)

    assert refusal.value.allowed == ()


def test_an_offer_that_was_declined_cannot_be_accepted() -> None:
    match = an_offered_match(BEST, SECOND)
    roster = a_roster(*reserving(match, [BEST, SECOND]))
    moved_on = the_match(offering.decline(match, a_reply(match), "Busy.", roster, NOW))

    with pytest.raises(OfferClosedError):
        offering.accept(moved_on, reply_to(moved_on.offers[0]), roster, NOW)


@pytest.mark.parametrize("answer", [Answer.DECLINED, Answer.EXPIRED])
def test_a_closed_offer_allows_nothing_while_the_next_one_is_open(answer: Answer) -> None:
    moved_on = a_match_that_went_on(answer)

    with pytest.raises(OfferClosedError) as refusal:
        offering.accept(moved_on, reply_to(moved_on.offers[0]), a_roster(BEST, SECOND), NOW)

    assert refusal.value.allowed == ()
