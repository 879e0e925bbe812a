"""Matching's routes, over its real application and engine: who may do what, and how they are answered."""

from uuid import uuid4

import pytest

from kpo_chassis.testing.http_drive import misbehaviour
from kpo_chassis.testing.http_rules import breaches
from kpo_chassis.testing.service import MemoryService
from kpo_events.matching import (
    ExpertRegisteredV1,
    ExpertSuspendedV1,
    ExpertUpdatedV1,
    VendorOnboardedV1,
    VendorSuspendedV1,
    VendorUpdatedV1,
)

from .factories import CLIENT_ID, PYTHON, VENDOR_ID, a_person_id, an_expert_id
from .market import Market, a_profile_body, a_vendor_body, an_expert_body, only_error

EXPERT_PATH = f"/v1/experts/{an_expert_id()}"
VENDOR_PATH = f"/v1/vendors/{VENDOR_ID}"


# The promises of every route ------------------------------------------------------------------------------


async def test_the_document_keeps_every_rule(service: MemoryService) -> None:
    assert breaches((await service.http.get("/openapi.json")).json()) == []


async def test_every_wrong_request_is_refused_as_promised(service: MemoryService) -> None:
    def token_for(scopes: object) -> dict[str, str]:
        assert isinstance(scopes, tuple)
        headers = service.token(tenant=VENDOR_ID, scopes=scopes)
        del headers["Idempotency-Key"]
        return headers

    assert await misbehaviour(service.http, token_for) == []


# Vendors --------------------------------------------------------------------------------------------------


async def test_the_operator_onboards_a_vendor(market: Market) -> None:
    vendor_id = uuid4()

    answer = await market.onboard(vendor_id)

    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/vendors/{vendor_id}"
    assert answer.json() == {
        "id": str(vendor_id),
        "name": "Lumen Labs",
        "country": "PT",
        "currencies": ["EUR", "USD"],
        "state": "active",
        "suspended_for": None,
    }
    assert market.announced(VendorOnboardedV1)[-1].currencies == ("EUR", "USD")


async def test_a_vendor_does_not_onboard_itself(market: Market) -> None:
    answer = await market.post("/v1/vendors", a_vendor_body(uuid4()))

    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


async def test_a_vendor_is_onboarded_once(market: Market) -> None:
    answer = await market.onboard()

    assert (answer.status_code, answer.json()["code"]) == (409, "vendor_exists")
    assert answer.json()["allowed"] == ["update"]


async def test_a_country_that_no_list_knows_is_refused(market: Market) -> None:
    assert only_error(await market.onboard(uuid4(), country="XX")) == ("/country", "reference_unknown")


async def test_a_currency_that_no_list_knows_is_refused(market: Market) -> None:
    pointer, _ = only_error(await market.onboard(uuid4(), currencies=["EUR", "XXX"]))

    assert pointer == "/currencies/1"


async def test_a_vendor_updates_itself(market: Market) -> None:
    seen = (await market.get(VENDOR_PATH)).headers["ETag"]
    body = {"name": "Lumen", "country": "PT", "currencies": ["GBP"]}

    answer = await market.post(f"{VENDOR_PATH}/update", body, seen=seen)

    assert (answer.status_code, answer.json()["currencies"]) == (200, ["GBP"])
    assert market.announced(VendorUpdatedV1)[-1].name == "Lumen"


async def test_the_operator_suspends_a_vendor(market: Market) -> None:
    answer = await market.service.http.post(
        f"{VENDOR_PATH}/suspend", json={"reason": "Unpaid fees."}, headers=market.as_operator()
    )

    assert (answer.status_code, answer.json()["state"]) == (200, "suspended")
    assert market.announced(VendorSuspendedV1)[0].reason == "Unpaid fees."


async def test_another_vendor_does_not_exist(market: Market) -> None:
    answer = await market.get(VENDOR_PATH, tenant=uuid4())

    assert answer.status_code == 404


# Experts --------------------------------------------------------------------------------------------------


async def test_a_vendor_registers_an_expert(market: Market) -> None:
    answer = await market.register()

    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == EXPERT_PATH
    body = answer.json()
    assert (body["person_id"], body["free_hours"], body["state"]) == (str(a_person_id()), 40, "active")
    assert body["skills"] == [{"skill": PYTHON, "level": 4}]
    assert body["day_rate"] == {"amount": "600.00", "currency": "EUR"}
    assert [fact.person_id for fact in market.announced(ExpertRegisteredV1)] == [a_person_id()]


async def test_registering_again_with_the_same_key_is_answered_from_memory(market: Market) -> None:
    headers = market.as_vendor()
    first = await market.service.http.post("/v1/experts", json=an_expert_body(), headers=headers)

    again = await market.service.http.post("/v1/experts", json=an_expert_body(), headers=headers)

    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"


async def test_nobody_registers_an_expert_for_another_vendor(market: Market) -> None:
    answer = await market.post("/v1/experts", an_expert_body(), tenant=uuid4())

    assert answer.status_code == 404


async def test_nobody_registers_an_expert_for_a_vendor_that_does_not_exist(market: Market) -> None:
    answer = await market.register(vendor_id=uuid4())

    assert answer.status_code == 404


async def test_the_operator_registers_an_expert_for_a_vendor(market: Market) -> None:
    headers = market.as_operator()

    answer = await market.service.http.post("/v1/experts", json=an_expert_body(), headers=headers)

    assert answer.status_code == 201


async def test_a_person_has_one_profile_whatever_the_vendor(market: Market) -> None:
    other = uuid4()
    await market.onboard(other)
    await market.register()

    answer = await market.register(vendor_id=other)

    assert (answer.status_code, answer.json()["code"]) == (409, "expert_exists")


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"skills": [{"skill": PYTHON, "level": 3}, {"skill": "python", "level": 3}]}, "/skills/1/skill"),
        ({"languages": [{"language": "xx", "level": "B2"}]}, "/languages/0/language"),
        ({"country": "XX"}, "/country"),
        ({"jurisdictions": ["EU", "XX"]}, "/jurisdictions/1"),
        ({"time_zone": "Europe/Atlantis"}, "/time_zone"),
    ],
)
async def test_a_code_that_no_list_knows_is_refused_by_name(
    market: Market, said: dict[str, object], pointer: str
) -> None:
    assert only_error(await market.post("/v1/experts", an_expert_body() | said)) == (
        pointer,
        "reference_unknown",
    )


async def test_an_unknown_skill_is_told_with_what_is_allowed(market: Market) -> None:
    answer = await market.register(skills=[{"skill": "python", "level": 3}])

    detail = "'python' is not known; use the id of an ESCO skill from GET /v1/skills?query=."
    assert answer.json()["detail"] == detail


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"skills": [{"skill": PYTHON, "level": 3}, {"skill": PYTHON, "level": 4}]}, "/skills"),
        ({"day_rate": {"amount": "0.00", "currency": "EUR"}}, "/day_rate"),
        ({"weekly_hours": 81}, "/weekly_hours"),
        ({"practice_areas": []}, "/practice_areas"),
    ],
)
async def test_a_profile_that_makes_no_sense_is_refused(
    market: Market, said: dict[str, object], pointer: str
) -> None:
    told, _ = only_error(await market.post("/v1/experts", an_expert_body() | said))

    assert told == pointer


async def test_a_vendor_updates_an_expert(market: Market) -> None:
    seen = (await market.register()).headers["ETag"]
    body = a_profile_body(weekly_hours=15, employers=[str(CLIENT_ID)])

    answer = await market.post(f"{EXPERT_PATH}/update", body, seen=seen)

    assert (answer.status_code, answer.json()["free_hours"]) == (200, 15)
    assert market.announced(ExpertUpdatedV1)[0].employers == (CLIENT_ID,)


async def test_an_update_of_an_old_version_is_refused(market: Market) -> None:
    seen = (await market.register()).headers["ETag"]
    await market.post(f"{EXPERT_PATH}/update", a_profile_body(weekly_hours=15), seen=seen)

    answer = await market.post(f"{EXPERT_PATH}/update", a_profile_body(weekly_hours=20), seen=seen)

    assert answer.status_code == 412


async def test_a_vendor_suspends_its_expert(market: Market) -> None:
    await market.register()

    answer = await market.post(f"{EXPERT_PATH}/suspend", {"reason": "Retired."})

    assert (answer.status_code, answer.json()["state"]) == (200, "suspended")
    assert market.announced(ExpertSuspendedV1)[0].vendor_id == VENDOR_ID


async def test_a_suspended_expert_stays_suspended_whatever_the_profile_says(market: Market) -> None:
    await market.register()
    seen = (await market.post(f"{EXPERT_PATH}/suspend", {"reason": "Retired."})).headers["ETag"]

    answer = await market.post(f"{EXPERT_PATH}/update", a_profile_body(weekly_hours=15), seen=seen)

    assert (answer.status_code, answer.json()["state"]) == (200, "suspended")


async def test_the_document_says_that_suspensions_are_for_good(market: Market) -> None:
    paths = (await market.service.http.get("/openapi.json")).json()["paths"]

    told = {path: how["post"]["description"] for path, how in paths.items() if path.endswith("/suspend")}

    assert len(told) == 2
    assert all("for good" in description for description in told.values()), told


async def test_another_vendors_expert_does_not_exist(market: Market) -> None:
    await market.register()

    answer = await market.get(EXPERT_PATH, tenant=uuid4())

    assert answer.status_code == 404


async def test_experts_are_listed_by_state(market: Market) -> None:
    await market.register(1)
    await market.register(2)
    await market.post(f"{EXPERT_PATH}/suspend", {"reason": "Retired."})

    answer = await market.get("/v1/experts?state=active")

    assert [item["id"] for item in answer.json()["items"]] == [str(an_expert_id(2))]


# Skills ---------------------------------------------------------------------------------------------------


async def test_skills_are_found_by_words_of_their_label(market: Market) -> None:
    answer = await market.get("/v1/skills?query=python")

    assert answer.json() == {
        "items": [{"id": PYTHON, "label": "Python (computer programming)", "practice_areas": ["software"]}],
        "next_cursor": None,
    }


async def test_a_long_list_of_skills_comes_in_pages(market: Market) -> None:
    first = (await market.get("/v1/skills?query=law&limit=3")).json()

    rest = (await market.get(f"/v1/skills?query=law&limit=200&cursor={first['next_cursor']}")).json()

    whole = (await market.get("/v1/skills?query=law&limit=200")).json()
    assert first["items"] + rest["items"] == whole["items"]
    assert (len(first["items"]), rest["next_cursor"]) == (3, None)
