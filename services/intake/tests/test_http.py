"""Intake's routes, over its real application and engine: who may do what, and how they are answered."""

from collections.abc import AsyncIterator, Collection
from uuid import UUID, uuid4

import pytest
from pydantic import JsonValue

from kpo_chassis.testing.http_drive import misbehaviour
from kpo_chassis.testing.http_rules import breaches
from kpo_chassis.testing.service import MemoryService, memory
from kpo_events.intake import (
    ClientRegisteredV1,
    EngagementCancellationRequestedV1,
    EngagementSubmittedV1,
)
from kpo_events.payload import WaitingOn

from .factories import (
    BLUEPRINT,
    CLIENT_ID,
    DAY,
    ESCROW_ID,
    NOW,
    OTHER_CLIENT_ID,
    SKILL,
    Desk,
    a_request,
    an_escrow_settled,
)

HALF_HOUR = 30 * 60
UNKNOWN_SKILL = SKILL[:-1] + "0"


@pytest.fixture
async def service() -> AsyncIterator[MemoryService]:
    async with memory(BLUEPRINT) as running:
        yield running


@pytest.fixture
async def desk(service: MemoryService) -> Desk:
    """Give a service where one client is registered."""
    found = Desk(service)
    await found.register()
    return found


@pytest.fixture(scope="module")
async def shared_desk() -> AsyncIterator[Desk]:
    """Give one registered client to all tests of refusals: what is refused leaves no trace."""
    async with memory(BLUEPRINT) as running:
        found = Desk(running)
        await found.register()
        yield found


# The promises of every route ------------------------------------------------------------------------------


async def test_the_document_keeps_every_rule(service: MemoryService) -> None:
    assert breaches((await service.http.get("/openapi.json")).json()) == []


async def test_every_wrong_request_is_refused_as_promised(service: MemoryService) -> None:
    def token_for(scopes: Collection[str]) -> dict[str, str]:
        headers = service.token(tenant=CLIENT_ID, scopes=tuple(scopes))
        del headers["Idempotency-Key"]
        return headers

    assert await misbehaviour(service.http, token_for) == []


async def test_each_operation_is_there_once(service: MemoryService) -> None:
    document = (await service.http.get("/openapi.json")).json()

    assert set(document["paths"]["/v1/engagements/{engagement_id}"]) == {"get"}
    assert set(document["paths"]["/v1/engagements"]) == {"get", "post"}


# Clients --------------------------------------------------------------------------------------------------


async def test_the_operator_registers_a_client_under_its_tenant(service: MemoryService) -> None:
    answer = await Desk(service).register()

    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/clients/{CLIENT_ID}"
    assert service.announced(ClientRegisteredV1)[0].data == ClientRegisteredV1(
        client_id=CLIENT_ID, name="Kanzlei Müller", country="DE", currency="EUR"
    )


async def test_a_client_without_an_id_gets_one(service: MemoryService) -> None:
    answer = await Desk(service).register(client_id=None)

    assert UUID(answer.json()["id"]) != CLIENT_ID


async def test_a_client_is_registered_once(desk: Desk) -> None:
    answer = await desk.register(name="Somebody else")

    assert answer.status_code == 409
    assert answer.json()["code"] == "client_exists"


async def test_nobody_but_the_operator_registers_clients(service: MemoryService) -> None:
    headers = service.token(tenant=CLIENT_ID, scopes=("clients:write",))

    answer = await service.http.post("/v1/clients", json={}, headers=headers)

    assert answer.status_code == 403


@pytest.mark.parametrize("currency", ["XXX", "ABC"])
async def test_a_client_has_a_real_currency(service: MemoryService, currency: str) -> None:
    answer = await Desk(service).register(currency=currency)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/currency"


async def test_a_client_reads_itself_and_no_other(desk: Desk) -> None:
    await desk.register(OTHER_CLIENT_ID)

    assert (await desk.get(f"/v1/clients/{CLIENT_ID}")).json()["name"] == "Kanzlei Müller"
    assert (await desk.get(f"/v1/clients/{OTHER_CLIENT_ID}")).status_code == 404


# Filing ---------------------------------------------------------------------------------------------------


async def test_filing_answers_with_the_whole_engagement(desk: Desk) -> None:
    answer = await desk.file()

    body = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/engagements/{body['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert body["state"] == "submitted"
    assert body["milestones"] == a_request()["milestones"]
    assert body["review_within"] == "P14D"


async def test_filing_announces_the_brief_and_that_the_client_must_pay(desk: Desk) -> None:
    engagement_id = await desk.filed()

    submitted = desk.service.announced(EngagementSubmittedV1)[0]
    assert isinstance(submitted.data, EngagementSubmittedV1)
    assert submitted.subject == submitted.correlation_id == engagement_id
    assert submitted.data.client_id == CLIENT_ID
    assert submitted.data.waiting_on == WaitingOn(party="client", until=NOW + 7 * DAY + DAY / 48)
    assert submitted.data.assignment is not None
    assert [(plan.number, plan.amount.amount) for plan in submitted.data.assignment.milestones] == [
        (1, "4000.00"),
        (2, "8500.00"),
    ]


async def test_filing_announces_that_an_assignment_is_confidential(desk: Desk) -> None:
    answer = await desk.file(a_request(confidential=True))

    (submitted,) = desk.service.announced(EngagementSubmittedV1)
    assert answer.json()["confidential"] is True
    assert isinstance(submitted.data, EngagementSubmittedV1)
    assert submitted.data.confidential


async def test_filing_with_the_same_key_is_answered_again_without_effect(desk: Desk) -> None:
    first = await desk.file(idempotency_key="once")

    second = await desk.file(idempotency_key="once")

    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.json() == first.json()
    assert len(desk.service.announced(EngagementSubmittedV1)) == 1


async def test_filing_by_an_unregistered_organisation_is_refused(shared_desk: Desk) -> None:
    answer = await shared_desk.file(by=OTHER_CLIENT_ID)

    assert answer.status_code == 422
    assert answer.json()["code"] == "client_unknown"


async def test_filing_with_other_sums_names_both(shared_desk: Desk) -> None:
    answer = await shared_desk.file(a_request(budget={"amount": "12500.01", "currency": "EUR"}))

    assert answer.status_code == 422
    assert "12500.00 EUR and the budget is 12500.01 EUR" in answer.json()["detail"]
    assert answer.json()["errors"][0]["pointer"] == "/milestones"


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({"required_skills": [{"skill": "python", "level": 3}]}, "/required_skills/0/skill"),
        ({"required_skills": [{"skill": SKILL, "level": 6}]}, "/required_skills/0/level"),
        ({"languages": [{"language": "french", "level": "C1"}]}, "/languages/0/language"),
        ({"required_skills": [{"skill": UNKNOWN_SKILL, "level": 4}]}, "/required_skills/0/skill"),
        ({"languages": [{"language": "xx", "level": "C1"}]}, "/languages/0/language"),
        ({"languages": [{"language": "fr", "level": "D1"}]}, "/languages/0/level"),
        ({"practice_area": "plumbing"}, "/practice_area"),
        ({"mode": "tender"}, "/mode"),
        ({"hours_per_week": 61}, "/hours_per_week"),
        ({"hours_per_week": 0}, "/hours_per_week"),
        ({"milestones": []}, "/milestones"),
        ({"fund_by": "2026-03-01T09:00:00Z"}, "/fund_by"),
        ({"review_within": "PT1S"}, "/review_within"),
        ({"review_within": HALF_HOUR}, "/review_within"),
        ({"brief": "ü" * 16_385}, "/brief"),
        ({"overlap": {"time_zone": "Europe/Atlantis", "hours": 4}}, "/overlap/time_zone"),
        ({"budget": {"amount": "12500", "currency": "EUR"}}, "/budget"),
        ({"licence": {"version": "1", "text": "Yours."}}, "/licence"),
    ],
)
async def test_filing_what_breaks_a_rule_points_to_the_place(
    shared_desk: Desk, said: dict[str, JsonValue], pointer: str
) -> None:
    answer = await shared_desk.file(a_request(**said))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_filing_may_follow_an_ended_engagement(desk: Desk) -> None:
    before = await desk.filed()
    await desk.service.deliver(an_escrow_settled(before), key=ESCROW_ID)

    answer = await desk.file(a_request(follows=str(before)))

    assert answer.status_code == 201
    assert answer.json()["follows"] == str(before)


async def test_filing_cannot_follow_an_engagement_that_goes_on(desk: Desk) -> None:
    answer = await desk.file(a_request(follows=str(await desk.filed())))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/follows"


async def test_filing_cannot_follow_what_does_not_exist_or_is_anothers(desk: Desk) -> None:
    await desk.register(OTHER_CLIENT_ID)
    foreign = (await desk.file(by=OTHER_CLIENT_ID)).json()["id"]

    answers = {key: await desk.file(a_request(follows=key)) for key in (foreign, str(uuid4()))}

    for key, answer in answers.items():
        (error,) = answer.json()["errors"]
        assert (answer.status_code, answer.json()["code"], error["pointer"]) == (
            422,
            "follows_unknown",
            "/follows",
        )
        assert answer.json()["detail"].startswith(f"You have no engagement {key};")


# Reading and cancelling -----------------------------------------------------------------------------------


async def test_another_client_cannot_see_that_an_engagement_exists(desk: Desk) -> None:
    path = f"/v1/engagements/{await desk.filed()}"

    assert (await desk.get(path, by=OTHER_CLIENT_ID)).status_code == 404
    assert (await desk.get(f"{path}/timeline", by=OTHER_CLIENT_ID)).status_code == 404
    assert (await desk.get("/v1/engagements", by=OTHER_CLIENT_ID)).json()["items"] == []


async def test_lists_keep_one_state(desk: Desk) -> None:
    engagement_id = await desk.filed()

    submitted = (await desk.get("/v1/engagements?state=submitted")).json()
    closed = (await desk.get("/v1/engagements?state=closed")).json()

    assert [each["id"] for each in submitted["items"]] == [str(engagement_id)]
    assert closed["items"] == []


async def test_cancel_announces_the_wish(desk: Desk) -> None:
    engagement_id = await desk.filed()

    answer = await desk.cancel(engagement_id)

    assert answer.json()["state"] == "cancelling"
    assert desk.service.announced(EngagementCancellationRequestedV1)[0].data == (
        EngagementCancellationRequestedV1(
            engagement_id=engagement_id, client_id=CLIENT_ID, mode="assignment", reason="Our plans changed."
        )
    )


async def test_cancel_again_gives_the_same_answer(desk: Desk) -> None:
    engagement_id = await desk.filed()
    await desk.cancel(engagement_id)

    answer = await desk.cancel(engagement_id, etag='"2"')

    assert answer.status_code == 200
    assert answer.json()["state"] == "cancelling"
    assert len(desk.service.announced(EngagementCancellationRequestedV1)) == 1


async def test_cancel_of_an_older_version_is_stale(desk: Desk) -> None:
    engagement_id = await desk.filed()
    await desk.cancel(engagement_id)

    assert (await desk.cancel(engagement_id, etag='"1"')).status_code == 412


async def test_cancel_of_a_closed_engagement_is_refused(desk: Desk) -> None:
    engagement_id = await desk.filed()
    await desk.service.deliver(an_escrow_settled(engagement_id), key=ESCROW_ID)

    answer = await desk.cancel(engagement_id, etag='"2"')

    assert answer.status_code == 409
    assert answer.json()["code"] == "engagement_closed"
