"""What matching makes of others' events, over its real handlers and engine."""

from datetime import timedelta
from uuid import uuid4

import pytest

from kpo_chassis.kernel import NotFoundError
from kpo_chassis.testing.service import MemoryService
from kpo_events.matching import (
    Contract,
    MatchAcceptedV1,
    MatchChoiceOpenedV1,
    MatchDeclinedV1,
    MatchEndedV1,
    MatchOfferedV1,
    MatchOfferExpiredV1,
    MatchShortlistedV1,
    MatchWithdrawnV1,
)
from kpo_events.payload import WaitingOn
from kpo_matching.domain.client import ClientCopy
from kpo_matching.domain.match import MatchStatus

from .factories import (
    CLIENT,
    CLIENT_ID,
    DAY,
    ENGAGEMENT_ID,
    MATCH_ID,
    NOW,
    PYTHON,
    VENDOR_ID,
    a_person_id,
    an_expert_id,
)
from .market import BUDGET, Market, an_engagement_submitted

VENDORS_MANY = 5_000


async def test_a_client_is_copied(market: Market) -> None:
    assert (await market.service.reads.get(ClientCopy, CLIENT_ID)).state == CLIENT


async def test_a_submitted_engagement_is_shortlisted(market: Market) -> None:
    await market.register()

    await market.submit()

    (event,) = market.service.announced(MatchShortlistedV1)
    assert (event.subject, event.correlation_id) == (MATCH_ID, ENGAGEMENT_ID)
    (fact,) = market.announced(MatchShortlistedV1)
    assert fact.waiting_on == WaitingOn(party="client", until=NOW + 7 * DAY)
    assert [(c.rank, c.expert_id, c.vendor_id) for c in fact.candidates] == [(1, an_expert_id(), VENDOR_ID)]


async def test_an_expert_is_a_candidate_however_many_vendors_came_before_theirs(market: Market) -> None:
    await market.crowd(VENDORS_MANY)
    await market.register()

    await market.submit()

    (fact,) = market.announced(MatchShortlistedV1)
    assert [candidate.expert_id for candidate in fact.candidates] == [an_expert_id()]


async def test_an_engagement_that_nobody_fits_ends_unfilled_and_says_why(market: Market) -> None:
    await market.register(weekly_hours=10)

    await market.submit()

    (fact,) = market.announced(MatchEndedV1)
    assert (fact.outcome, fact.waiting_on) == ("unfilled", None)
    assert fact.reason == "None of 1 experts passed the filters: hours 1."


async def test_an_engagement_of_a_client_who_is_not_known_yet_waits_for_the_client(
    service: MemoryService,
) -> None:
    market = Market(service)
    await market.onboard()
    await market.register()
    await market.submit()
    assert market.announced(MatchShortlistedV1) == []

    await market.register_client()
    await market.pass_time(timedelta(seconds=5))
    await service.heal()

    assert len(market.announced(MatchShortlistedV1)) == 1


async def test_money_opens_the_choice(market: Market) -> None:
    await market.register()
    await market.submit()

    await market.fund()

    (fact,) = market.announced(MatchChoiceOpenedV1)
    assert fact.waiting_on == WaitingOn(party="client", until=NOW + 3 * DAY)


async def test_money_that_comes_before_the_engagement_is_remembered(market: Market) -> None:
    await market.register()
    await market.fund()
    assert (await market.match()).status is MatchStatus.EXPECTED

    await market.submit()

    assert (await market.match()).status is MatchStatus.CHOOSING


async def test_an_engagement_that_leaves_the_choice_to_the_ranking_is_offered_at_once(market: Market) -> None:
    await market.register()
    await market.submit(choice="auto")

    await market.fund()

    (fact,) = market.announced(MatchOfferedV1)
    assert (fact.offer_number, fact.expert_id, fact.vendor_id) == (1, an_expert_id(), VENDOR_ID)
    assert fact.waiting_on == WaitingOn(party="vendor", until=NOW + 2 * DAY)
    assert market.announced(MatchChoiceOpenedV1) == []


async def test_an_engagement_that_is_funded_first_and_left_to_the_ranking_is_offered_at_once(
    market: Market,
) -> None:
    await market.register()
    await market.fund()

    await market.submit(choice="auto")

    assert (await market.match()).status is MatchStatus.OFFERED
    assert (await market.expert()).free_hours == 20


async def test_an_escrow_that_lapses_withdraws_the_match(market: Market) -> None:
    await market.register()
    await market.submit()

    await market.lapse()

    assert [fact.match_id for fact in market.announced(MatchWithdrawnV1)] == [MATCH_ID]


async def test_a_lapse_that_comes_before_the_engagement_is_remembered(market: Market) -> None:
    await market.register()
    await market.lapse()

    await market.submit()

    assert (await market.match()).status is MatchStatus.WITHDRAWN


async def test_a_wish_to_cancel_that_comes_first_ends_the_match_as_soon_as_it_holds(market: Market) -> None:
    await market.register()
    await market.wish_to_cancel()
    await market.submit()
    assert (await market.match()).status is MatchStatus.WAITING

    await market.fund()

    assert [fact.outcome for fact in market.announced(MatchEndedV1)] == ["cancelled"]


async def test_a_wish_to_cancel_during_an_offer_gives_the_hours_back(market: Market) -> None:
    await market.offer_to_the_first()
    assert (await market.expert()).free_hours == 20

    await market.wish_to_cancel()

    (fact,) = market.announced(MatchEndedV1)
    assert (fact.outcome, fact.reason) == ("cancelled", "Budget cut.")
    assert (await market.expert()).free_hours == 40


async def test_an_accepted_offer_hands_the_whole_contract_over(market: Market) -> None:
    await market.offer_to_the_first()

    await market.accept()

    plan = an_engagement_submitted().assignment
    assert plan is not None
    (fact,) = market.announced(MatchAcceptedV1)
    assert fact.contract == Contract(
        person_id=a_person_id(),
        budget=BUDGET,
        milestones=plan.milestones,
        review_within=plan.review_within,
        rework_within=plan.rework_within,
        hours_per_week=20,
    )


async def test_the_end_of_the_work_gives_the_hours_back(market: Market) -> None:
    await market.offer_to_the_first()
    await market.accept()

    await market.complete_work()

    expert = await market.expert()
    assert (expert.free_hours, [r.completed for r in expert.track_records]) == (40, [1])


async def test_cancelled_work_enters_the_track_record(market: Market) -> None:
    await market.offer_to_the_first()
    await market.accept()

    await market.cancel_work()

    expert = await market.expert()
    assert (expert.free_hours, [r.cancelled for r in expert.track_records]) == (40, [1])


async def test_the_clock_chooses_for_a_client_who_does_not(market: Market) -> None:
    await market.register()
    await market.submit()
    await market.fund()

    await market.pass_time(3 * DAY)

    assert [fact.expires_at for fact in market.announced(MatchOfferedV1)] == [NOW + 5 * DAY]


async def test_an_unanswered_offer_goes_to_the_next_candidate(market: Market) -> None:
    await market.register(2)
    await market.offer_to_the_first()

    await market.pass_time(2 * DAY)

    assert [fact.offer_number for fact in market.announced(MatchOfferExpiredV1)] == [1]
    assert [fact.offer_number for fact in market.announced(MatchOfferedV1)] == [1, 2]
    assert ((await market.expert(1)).free_hours, (await market.expert(2)).free_hours) == (40, 20)


async def test_a_match_that_nobody_answers_ends_unfilled(market: Market) -> None:
    await market.offer_to_the_first()

    await market.pass_time(2 * DAY)

    assert [fact.outcome for fact in market.announced(MatchEndedV1)] == ["unfilled"]


async def test_a_declined_offer_names_the_reason(market: Market) -> None:
    await market.offer_to_the_first()

    await market.decline()

    (fact,) = market.announced(MatchDeclinedV1)
    assert (fact.offer_number, fact.reason, fact.waiting_on) == (1, "Busy.", None)


@pytest.mark.parametrize("event", ["submit", "fund", "lapse", "wish_to_cancel"])
async def test_a_challenge_is_not_matched(market: Market, event: str) -> None:
    await market.register()

    await getattr(market, event)(mode="challenge")

    with pytest.raises(NotFoundError):
        await market.match()


async def test_the_same_event_again_changes_nothing(market: Market) -> None:
    await market.register()
    await market.submit()

    await market.service.deliver(an_engagement_submitted(), key=ENGAGEMENT_ID, seq=1)

    assert len(market.announced(MatchShortlistedV1)) == 1


async def test_an_expert_of_another_tenant_is_ranked_too(market: Market) -> None:
    other = uuid4()
    await market.onboard(other)
    await market.register(vendor_id=other)

    await market.submit()

    (fact,) = market.announced(MatchShortlistedV1)
    assert [candidate.vendor_id for candidate in fact.candidates] == [other]


async def test_the_preferred_expert_of_a_follow_on_assignment_is_asked_first(market: Market) -> None:
    await market.register(1, skills=[{"skill": PYTHON, "level": 5}])
    await market.register(2)
    told = an_engagement_submitted(preferred=an_expert_id(2))

    await market.service.deliver(told.model_copy(update={"follows": uuid4()}), key=ENGAGEMENT_ID)

    (fact,) = market.announced(MatchShortlistedV1)
    assert [candidate.expert_id for candidate in fact.candidates] == [an_expert_id(2), an_expert_id(1)]
