"""How offers move on: declined, expired, and given back when the work ends."""

from dataclasses import replace
from uuid import UUID

import pytest

from kpo_chassis.kernel import Decisions, PersonId, TenantId
from kpo_matching.domain import offering
from kpo_matching.domain.abilities import PracticeArea
from kpo_matching.domain.errors import (
    MisplacedFactError,
    OfferClosedError,
    OfferNotFoundError,
)
from kpo_matching.domain.expert import TrackRecord, WorkOutcome
from kpo_matching.domain.facts import (
    MatchDeclined,
    MatchEnded,
    MatchOffered,
    MatchOfferExpired,
)
from kpo_matching.domain.match import Answer, MatchStatus
from kpo_matching.domain.offering import OfferReply

from .factories import (
    ALL,
    BEST,
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
    an_expected_match,
    an_offered_match,
    reply_to,
    reserving,
    the_experts,
    the_facts,
    the_match,
)


def asked(decisions: Decisions) -> UUID:
    """Who holds the open offer."""
    return the_match(decisions).last_offer.expert_id


# decline --------------------------------------------------------------------------------------------------


def test_a_declined_offer_goes_to_the_next_candidate() -> None:
    match = an_offered_match(*ALL)

    decisions = offering.decline(match, a_reply(match), "Busy.", a_roster(*reserving(match, ALL)), NOW)

    assert asked(decisions) == SECOND.id
    assert [type(fact) for fact in the_facts(decisions)] == [MatchDeclined, MatchOffered]
    first, second = the_match(decisions).offers
    assert (first.answer, first.reason) == (Answer.DECLINED, "Busy.")
    assert (second.number, second.answer) == (2, Answer.OPEN)


def test_declining_gives_the_hours_back_and_reserves_those_of_the_next() -> None:
    match = an_offered_match(*ALL)

    decisions = offering.decline(match, a_reply(match), "Busy.", a_roster(*reserving(match, ALL)), NOW)

    assert {expert.id: expert.free_hours for expert in the_experts(decisions)} == {BEST.id: 40, SECOND.id: 20}


def test_when_the_last_candidate_declines_the_match_ends_unfilled() -> None:
    match = an_offered_match(BEST)

    decisions = offering.decline(match, a_reply(match), "Busy.", a_roster(*reserving(match, [BEST])), NOW)

    assert the_match(decisions).status is MatchStatus.ENDED
    assert [type(fact) for fact in the_facts(decisions)] == [MatchDeclined, MatchEnded]
    assert the_experts(decisions) == (BEST,)


@pytest.mark.parametrize("status", ["expected", "waiting", "choosing", "withdrawn"])
def test_decline_before_any_offer_is_refused(status: str) -> None:
    match = a_match_in(status)
    reply = OfferReply(1, PersonId(BEST.person_id), TenantId(VENDOR_ID))

    with pytest.raises(OfferClosedError) as refusal:
        offering.decline(match, reply, "Busy.", a_roster(BEST), NOW)

    assert refusal.value.allowed == match.allowed


def test_decline_after_accepting_is_refused() -> None:
    match = an_accepted_match(BEST)

    with pytest.raises(OfferClosedError):
        offering.decline(match, a_reply(match), "Busy.", a_roster(BEST), NOW)


def test_decline_after_the_end_is_refused() -> None:
    match = an_offered_match(BEST)
    roster = a_roster(*reserving(match, [BEST]))
    ended = the_match(offering.decline(match, a_reply(match), "Busy.", roster, NOW))

    with pytest.raises(OfferClosedError):
        offering.decline(ended, a_reply(ended), "Busy.", roster, NOW)


@pytest.mark.parametrize("answer", [Answer.DECLINED, Answer.EXPIRED])
def test_declining_a_closed_offer_allows_nothing_while_the_next_one_is_open(answer: Answer) -> None:
    moved_on = a_match_that_went_on(answer)

    with pytest.raises(OfferClosedError) as refusal:
        offering.decline(moved_on, reply_to(moved_on.offers[0]), "Busy.", a_roster(BEST, SECOND), NOW)

    assert refusal.value.allowed == ()


def test_decline_by_another_vendor_is_not_found() -> None:
    match = an_offered_match(BEST, SECOND)
    roster = a_roster(*reserving(match, [BEST, SECOND]))
    moved_on = the_match(offering.decline(match, a_reply(match), "Busy.", roster, NOW))

    with pytest.raises(OfferNotFoundError):
        offering.decline(moved_on, reply_to(moved_on.offers[0], number=2), "Busy.", roster, NOW)


# expiry ---------------------------------------------------------------------------------------------------


def test_an_expired_offer_goes_to_the_next_candidate() -> None:
    match = an_offered_match(*ALL)

    decisions = offering.deadline_passed(match, a_roster(*reserving(match, ALL)), NOW + 2 * DAY)

    assert asked(decisions) == SECOND.id
    assert [type(fact) for fact in the_facts(decisions)] == [MatchOfferExpired, MatchOffered]
    assert the_match(decisions).offers[0].answer is Answer.EXPIRED


def test_an_expired_offer_gives_the_hours_back() -> None:
    match = an_offered_match(*ALL)

    decisions = offering.deadline_passed(match, a_roster(*reserving(match, ALL)), NOW + 2 * DAY)

    assert {expert.id: expert.free_hours for expert in the_experts(decisions)} == {BEST.id: 40, SECOND.id: 20}


def test_the_next_offer_expires_after_its_own_full_time() -> None:
    match = an_offered_match(*ALL)

    decisions = offering.deadline_passed(match, a_roster(*reserving(match, ALL)), NOW + 3 * DAY)

    assert the_match(decisions).due_at == NOW + 5 * DAY


def test_when_the_last_offer_expires_the_match_ends_unfilled() -> None:
    match = an_offered_match(BEST)

    decisions = offering.deadline_passed(match, a_roster(*reserving(match, [BEST])), NOW + 2 * DAY)

    assert the_match(decisions).status is MatchStatus.ENDED
    assert [type(fact) for fact in the_facts(decisions)] == [MatchOfferExpired, MatchEnded]
    assert the_experts(decisions) == (BEST,)


# workorder.completed, workorder.cancelled -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "record"),
    [
        (WorkOutcome.COMPLETED, TrackRecord(PracticeArea.SOFTWARE, completed=1)),
        (WorkOutcome.CANCELLED, TrackRecord(PracticeArea.SOFTWARE, cancelled=1)),
    ],
)
def test_the_end_of_the_work_gives_the_hours_back_and_enters_the_track_record(
    outcome: WorkOutcome, record: TrackRecord
) -> None:
    match = an_accepted_match(BEST)
    working = BEST.reserve(MATCH_ID, 20).contract(MATCH_ID)

    decisions = offering.work_ended(match, outcome, a_roster(working))

    assert the_match(decisions).status is MatchStatus.ACCEPTED
    assert the_experts(decisions) == (replace(BEST, track_records=(record,)),)


def test_the_end_of_the_work_counts_once() -> None:
    match = replace(an_accepted_match(BEST), work_outcome=WorkOutcome.COMPLETED)

    decisions = offering.work_ended(match, WorkOutcome.COMPLETED, a_roster(BEST))

    assert (the_match(decisions), the_experts(decisions)) == (match, ())


def test_the_end_of_the_work_is_remembered_by_a_match_that_knows_nothing_yet() -> None:
    decisions = offering.work_ended(an_expected_match(), WorkOutcome.COMPLETED, a_roster())

    assert the_match(decisions).work_outcome is WorkOutcome.COMPLETED
    assert the_match(decisions).status is MatchStatus.EXPECTED


def test_a_remembered_end_of_the_work_takes_effect_when_the_offer_is_accepted() -> None:
    match = replace(an_offered_match(BEST), work_outcome=WorkOutcome.COMPLETED)

    decisions = offering.accept(match, a_reply(match), a_roster(*reserving(match, [BEST])), NOW)

    assert the_experts(decisions)[0].free_hours == 40
    assert the_experts(decisions)[0].track_records == (TrackRecord(PracticeArea.SOFTWARE, completed=1),)


@pytest.mark.parametrize("status", ["waiting", "choosing", "offered", "ended", "withdrawn"])
def test_work_cannot_end_before_an_offer_was_accepted(status: str) -> None:
    match = a_match_in(status)

    with pytest.raises(MisplacedFactError):
        offering.work_ended(match, WorkOutcome.COMPLETED, a_roster(BEST))
