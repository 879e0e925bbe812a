"""The routes of invitations and panels, over the real application and engine: what each party sees."""

from uuid import uuid4

import httpx2

from kpo_matching.domain.invitation import Invitation
from kpo_matching.domain.panel import Panel

from .factories import (
    CHALLENGE_ID,
    CLIENT_ID,
    DAY,
    ENGAGEMENT_ID,
    NOW,
    PYTHON,
    VENDOR_ID,
    a_person_id,
    an_expert_id,
)
from .market import Market

PANEL_PATH = f"/v1/panels/{Panel.id_of(CHALLENGE_ID)}"

FIRST, LAST = sorted((1, 2), key=an_expert_id)
"""Two experts who fit alike: the first of them is proposed as a judge, the last one is invited."""

INVITATION_PATH = f"/v1/invitations/{Invitation.id_of(CHALLENGE_ID, an_expert_id(LAST))}"


async def open_for_two(market: Market) -> None:
    await market.register(1)
    await market.register(2)
    await market.open_challenge(judges=1)


# Invitations ----------------------------------------------------------------------------------------------


async def test_a_vendor_finds_what_its_experts_are_invited_to(market: Market) -> None:
    await open_for_two(market)

    (item,) = (await market.get("/v1/invitations")).json()["items"]

    assert item["expert_id"] == str(an_expert_id(LAST))
    assert (await market.get("/v1/invitations?state=sent")).json()["items"] == [item]


async def test_an_invitation_says_what_the_call_is_about(market: Market) -> None:
    await open_for_two(market)

    answer = await market.get(INVITATION_PATH)

    assert answer.json() == {
        "id": INVITATION_PATH.rpartition("/")[2],
        "challenge_id": str(CHALLENGE_ID),
        "expert_id": str(an_expert_id(LAST)),
        "person_id": str(a_person_id(LAST)),
        "vendor_id": str(VENDOR_ID),
        "title": "Where are the next six million ounces?",
        "practice_area": "software",
        "submissions_close_at": (NOW + 60 * DAY).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "sent_at": NOW.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "state": "sent",
    }


async def test_an_invitation_does_not_exist_for_another_vendor(market: Market) -> None:
    await open_for_two(market)
    stranger = uuid4()

    assert (await market.get(INVITATION_PATH, tenant=stranger)).status_code == 404
    assert (await market.get("/v1/invitations", tenant=stranger)).json()["items"] == []


async def test_an_invitation_waits_for_nobody(market: Market) -> None:
    await open_for_two(market)

    assert (await market.get("/v1/tasks")).json()["items"] == []


# Panels ---------------------------------------------------------------------------------------------------


async def see_panel(market: Market) -> httpx2.Response:
    return await market.service.http.get(PANEL_PATH, headers=market.as_client())


async def test_the_client_sees_who_could_judge_and_why(market: Market) -> None:
    await open_for_two(market)

    body = (await see_panel(market)).json()

    (judge,) = body.pop("judges")
    assert body == {
        "id": PANEL_PATH.rpartition("/")[2],
        "challenge_id": str(CHALLENGE_ID),
        "engagement_id": str(ENGAGEMENT_ID),
        "client_id": str(CLIENT_ID),
        "title": "Where are the next six million ounces?",
        "seats": 1,
        "state": "proposed",
        "outcome": None,
    }
    assert (judge["expert_id"], judge["person_id"]) == (str(an_expert_id(FIRST)), str(a_person_id(FIRST)))
    assert (judge["vendor_id"], judge["name"], judge["country"]) == (str(VENDOR_ID), "Ana Sample", "PT")
    assert {"requirement": "skill", "name": PYTHON, "needed": "3", "held": "4"} in judge["fits"]
    assert judge["seniority"] == sum(term["points"] for term in judge["terms"])


async def test_the_panel_of_a_challenge_that_ended_says_how(market: Market) -> None:
    await open_for_two(market)

    await market.end_challenge("voided")

    body = (await see_panel(market)).json()
    assert (body["state"], body["outcome"]) == ("ended", "voided")


async def test_a_panel_does_not_exist_for_anybody_but_the_client(market: Market) -> None:
    await open_for_two(market)

    assert (await market.get(PANEL_PATH)).status_code == 404
    assert (await market.get("/v1/panels")).json()["items"] == []


async def test_a_panel_that_is_only_expected_is_seen_by_nobody(market: Market) -> None:
    await market.end_challenge("voided")

    answer = await see_panel(market)

    assert answer.status_code == 404


async def test_a_vendor_sees_how_many_panels_may_call_on_an_expert(market: Market) -> None:
    await open_for_two(market)

    body = (await market.get(f"/v1/experts/{an_expert_id(FIRST)}")).json()

    assert body["panels"] == [PANEL_PATH.rpartition("/")[2]]
