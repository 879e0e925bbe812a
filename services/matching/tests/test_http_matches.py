"""The routes of matches, over the real application and engine: what each party sees and may do."""

from uuid import uuid4

import pytest

from .factories import MATCH_ID, PYTHON, VENDOR_ID, an_expert_id
from .market import Market, only_error


async def test_the_client_sees_who_fits_and_why(market: Market) -> None:
    await market.register(1)
    await market.register(2, weekly_hours=10)
    await market.submit()

    body = (await market.see()).json()

    assert (body["state"], body["shortlist"]["considered"]) == ("waiting", 2)
    assert body["shortlist"]["removed"] == [{"filter": "hours", "experts": 1}]
    (candidate,) = body["shortlist"]["candidates"]
    assert candidate["expert_id"] == str(an_expert_id())
    assert candidate["score"] == sum(term["points"] for term in candidate["terms"])
    assert {"requirement": "skill", "name": PYTHON, "needed": "3", "held": "4"} in candidate["fits"]


async def test_the_client_chooses_a_candidate(market: Market) -> None:
    await market.register(1)
    await market.register(2)
    await market.submit()
    await market.fund()

    answer = await market.choose(an_expert_id(2))

    assert (answer.status_code, answer.json()["state"]) == (200, "offered")
    assert [offer["expert_id"] for offer in answer.json()["offers"]] == [str(an_expert_id(2))]


async def test_choosing_before_the_money_is_there_is_refused(market: Market) -> None:
    await market.register()
    await market.submit()

    answer = await market.choose(an_expert_id())

    assert (answer.status_code, answer.json()["code"]) == (409, "match_not_choosing")


async def test_choosing_somebody_who_is_not_on_the_shortlist_is_refused(market: Market) -> None:
    await market.register()
    await market.submit()
    await market.fund()

    assert only_error(await market.choose(an_expert_id(9))) == ("/expert_id", "not_a_candidate")


async def test_a_match_does_not_exist_for_its_vendors_before_their_offer(market: Market) -> None:
    await market.register()
    await market.submit()
    await market.fund()

    answer = await market.see(tenant=VENDOR_ID)

    assert answer.status_code == 404


async def test_an_expected_match_does_not_exist_for_anybody(market: Market) -> None:
    await market.fund()

    answer = await market.see()

    assert answer.status_code == 404


async def test_a_vendor_sees_its_own_offer_and_nothing_of_the_others(market: Market) -> None:
    other = uuid4()
    await market.onboard(other)
    await market.register(2, vendor_id=other)
    await market.offer_to_the_first()
    await market.decline()

    body = (await market.see(tenant=other)).json()

    assert body["shortlist"] is None
    assert body["passed_over"] == []
    assert [offer["vendor_id"] for offer in body["offers"]] == [str(other)]
    assert body["engagement"]["brief"] == "Readings arrive late and twice."


async def test_the_vendor_finds_the_offer_among_its_tasks(market: Market) -> None:
    await market.offer_to_the_first()

    answer = await market.get("/v1/tasks")

    (task,) = answer.json()["items"]
    assert (task["action"], task["link"]) == ("accept", f"/v1/matches/{MATCH_ID}/offers/1/accept")


async def test_an_accepted_offer_is_answered_with_the_match(market: Market) -> None:
    await market.offer_to_the_first()

    answer = await market.accept()

    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    assert answer.json()["offers"][0]["answer"] == "accepted"


async def test_another_vendor_cannot_accept(market: Market) -> None:
    await market.offer_to_the_first()

    answer = await market.accept(tenant=uuid4())

    assert answer.status_code == 404


async def test_an_offer_is_accepted_once(market: Market) -> None:
    await market.offer_to_the_first()
    await market.accept()

    answer = await market.accept()

    assert (answer.status_code, answer.json()["code"]) == (409, "offer_closed")


@pytest.mark.parametrize("path", ["accept", "decline"])
async def test_an_offer_that_the_ladder_left_behind_allows_nothing(market: Market, path: str) -> None:
    await market.register(2)
    await market.offer_to_the_first()
    await market.decline()

    answer = await (market.accept() if path == "accept" else market.decline())

    assert (answer.status_code, answer.json()["code"]) == (409, "offer_closed")
    assert answer.json()["allowed"] == []


async def test_the_last_vendor_that_declines_ends_the_match(market: Market) -> None:
    await market.offer_to_the_first()

    answer = await market.decline()

    assert (answer.json()["state"], answer.json()["outcome"]) == ("ended", "unfilled")
