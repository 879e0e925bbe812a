"""What must hold however many act at once: one winner, and no hour promised twice."""

import asyncio
from uuid import uuid4

from kpo_events.matching import (
    MatchAcceptedV1,
    MatchDeclinedV1,
    MatchEndedV1,
    MatchOfferedV1,
    PanelProposedV1,
)
from kpo_matching.domain.expert import JUDGING_MAX
from kpo_matching.domain.match import MatchStatus

from .factories import DAY, VENDOR_ID, an_expert_id
from .market import Market, a_challenge_opened


async def test_of_many_who_accept_at_once_one_wins(market: Market) -> None:
    await market.offer_to_the_first()

    answers = await asyncio.gather(*(market.accept() for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 7]
    await market.service.settle()
    assert len(market.announced(MatchAcceptedV1)) == 1


async def test_of_an_accept_and_a_decline_at_once_one_wins(market: Market) -> None:
    await market.offer_to_the_first()

    answers = await asyncio.gather(market.accept(), market.decline())

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    await market.service.settle()
    assert len(market.announced(MatchAcceptedV1)) + len(market.announced(MatchDeclinedV1)) == 1


async def test_of_an_accept_and_a_wish_to_cancel_at_once_one_wins(market: Market) -> None:
    await market.offer_to_the_first()

    answer, _ = await asyncio.gather(market.accept(), market.wish_to_cancel())

    accepted, ended = market.announced(MatchAcceptedV1), market.announced(MatchEndedV1)
    assert (len(accepted), len(ended)) == ((1, 0) if answer.status_code == 200 else (0, 1))


async def test_of_an_accept_and_the_clock_the_first_wins(market: Market) -> None:
    await market.offer_to_the_first()
    await market.accept()

    await market.pass_time(2 * DAY)

    assert (await market.match()).status is MatchStatus.ACCEPTED


async def test_no_hour_is_promised_twice(market: Market) -> None:
    await market.register(weekly_hours=40)

    statuses = [await market.offer_by_itself(uuid4(), hours=15) for _ in range(3)]

    assert statuses == [MatchStatus.OFFERED, MatchStatus.OFFERED, MatchStatus.ENDED]
    assert (await market.expert()).free_hours == 10


async def test_engagements_that_come_at_once_share_the_hours_of_one_expert(market: Market) -> None:
    await market.register(weekly_hours=40)

    statuses = await asyncio.gather(*(market.offer_by_itself(uuid4(), hours=15) for _ in range(6)))

    assert sorted(statuses) == [MatchStatus.ENDED] * 4 + [MatchStatus.OFFERED] * 2
    assert (await market.expert()).free_hours == 10


async def test_nobody_is_proposed_for_more_panels_than_they_may_when_challenges_open_at_once(
    market: Market,
) -> None:
    await market.register()
    challenges = [a_challenge_opened(uuid4()) for _ in range(JUDGING_MAX + 3)]

    await asyncio.gather(*(market.service.deliver(told, key=told.challenge_id) for told in challenges))

    proposed = [len(fact.judges) for fact in market.announced(PanelProposedV1)]
    assert sorted(proposed) == [0] * 3 + [1] * JUDGING_MAX
    assert len((await market.expert()).panels) == JUDGING_MAX


async def test_a_candidate_who_was_suspended_after_the_ranking_is_passed_over(market: Market) -> None:
    await market.register(1)
    await market.register(2)
    await market.submit()
    await market.post(f"/v1/experts/{an_expert_id(1)}/suspend", {"reason": "Retired."})
    await market.fund()

    answer = await market.choose(an_expert_id(1))

    assert [offer["expert_id"] for offer in answer.json()["offers"]] == [str(an_expert_id(2))]
    assert answer.json()["passed_over"] == [{"expert_id": str(an_expert_id(1)), "filter": "suspended"}]


async def test_a_vendor_that_was_suspended_after_the_offer_cannot_accept(market: Market) -> None:
    await market.offer_to_the_first()
    suspended = await market.service.http.post(
        f"/v1/vendors/{VENDOR_ID}/suspend", json={"reason": "Unpaid fees."}, headers=market.as_operator()
    )
    assert suspended.status_code == 200

    answer = await market.accept()

    assert (answer.status_code, answer.json()["code"]) == (409, "expert_suspended")
    assert (await market.match()).status is MatchStatus.OFFERED


async def test_a_ladder_is_climbed_to_its_end(market: Market) -> None:
    for number in range(1, 23):
        await market.register(number)
    await market.submit(choice="auto")
    await market.fund()

    for _ in range(20):
        await market.pass_time(2 * DAY)

    assert [fact.offer_number for fact in market.announced(MatchOfferedV1)] == list(range(1, 21))
    assert [fact.outcome for fact in market.announced(MatchEndedV1)] == ["unfilled"]
    assert {(await market.expert(number)).free_hours for number in range(1, 23)} == {40}
