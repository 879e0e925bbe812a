"""Delivery's routes, over its real application and engine: who may do what, and how they are answered."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from kpo_chassis.testing.http_drive import misbehaviour
from kpo_chassis.testing.http_rules import breaches
from kpo_chassis.testing.service import MemoryService, memory
from kpo_events.delivery import MilestoneSubmittedV1

from .factories import (
    BLUEPRINT,
    BYTES,
    CLIENT_ID,
    DELIVERABLE_ID,
    ENGAGEMENT_ID,
    MATCH_ID,
    ORDER_PATH,
    STRANGER_ID,
    VENDOR_ID,
    WORK_ORDER_ID,
    Site,
    a_cancel_wish,
    a_match_accepted,
    content_path,
    digest_of,
)


@pytest.fixture
async def service() -> AsyncIterator[MemoryService]:
    async with memory(BLUEPRINT) as running:
        yield running


@pytest.fixture
async def site(service: MemoryService) -> Site:
    await service.deliver(a_match_accepted(30), key=MATCH_ID)
    return Site(service)


# The promises of every route ------------------------------------------------------------------------------


async def test_the_document_keeps_every_rule(service: MemoryService) -> None:
    assert breaches((await service.http.get("/openapi.json")).json()) == []


async def test_every_wrong_request_is_refused_as_promised(service: MemoryService) -> None:
    def token_for(scopes: object) -> dict[str, str]:
        assert isinstance(scopes, tuple)
        headers = service.token(tenant=CLIENT_ID, scopes=scopes)
        del headers["Idempotency-Key"]
        return headers

    assert await misbehaviour(service.http, token_for) == []


# Reading --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tenant", [CLIENT_ID, VENDOR_ID])
async def test_client_and_vendor_read_the_work_order(site: Site, tenant: UUID) -> None:
    answer = await site.get(tenant=tenant)

    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"1"'
    assert answer.json()["state"] == "open"
    assert answer.json()["waiting_on"] == {"party": "vendor", "act_by": "2026-04-01T09:00:00.000Z"}


async def test_a_stranger_cannot_see_that_the_work_order_exists(site: Site) -> None:
    assert (await site.get(tenant=STRANGER_ID)).status_code == 404


async def test_lists_show_each_party_its_own(site: Site) -> None:
    def listed(tenant: UUID) -> dict[str, str]:
        return site.as_reader(tenant)

    path = "/v1/work-orders?state=open"
    mine = (await site.service.http.get(path, headers=listed(VENDOR_ID))).json()
    foreign = (await site.service.http.get(path, headers=listed(STRANGER_ID))).json()

    assert [each["id"] for each in mine["items"]] == [str(WORK_ORDER_ID)]
    assert foreign["items"] == []


async def test_tasks_name_the_vendors_delivery_and_the_clients_review(site: Site) -> None:
    before = (await site.service.http.get("/v1/tasks", headers=site.as_vendor())).json()
    await site.deliver()
    after = (await site.service.http.get("/v1/tasks", headers=site.as_reader(CLIENT_ID))).json()

    assert [(task["action"], task["link"]) for task in before["items"]] == [
        ("submit", f"{ORDER_PATH}/milestones/1/submit")
    ]
    assert [(task["action"], task["due_at"]) for task in after["items"]] == [
        ("accept", "2026-03-11T09:00:00.000Z")
    ]


# Content --------------------------------------------------------------------------------------------------


async def test_the_vendor_uploads_and_the_client_downloads_what_was_submitted(site: Site) -> None:
    uploaded = await site.upload()
    await site.submit()
    downloaded = await site.service.http.get(content_path(), headers=site.as_reader(CLIENT_ID))

    assert uploaded.status_code == 200
    assert uploaded.json()["size"] == len(BYTES)
    assert downloaded.content == BYTES


async def test_a_range_of_the_content_can_be_asked_for(site: Site) -> None:
    await site.deliver()

    headers = site.as_reader() | {"Range": "bytes=0-8"}
    part = await site.service.http.get(content_path(), headers=headers)

    assert part.status_code == 206
    assert part.content == b"knowledge"


async def test_a_draft_is_the_vendors_own_until_it_is_submitted(site: Site) -> None:
    await site.upload()

    as_client = await site.service.http.get(content_path(), headers=site.as_reader(CLIENT_ID))
    as_vendor = await site.service.http.get(content_path(), headers=site.as_vendor())

    assert as_client.status_code == 404
    assert as_vendor.content == BYTES


async def test_uploading_the_same_bytes_again_is_harmless(site: Site) -> None:
    await site.upload()

    again = await site.upload()

    assert again.status_code == 200


async def test_uploading_other_bytes_under_the_same_id_is_refused(site: Site) -> None:
    await site.upload()

    other = await site.upload(b"something else")

    assert other.status_code == 409
    assert other.json()["code"] == "content_differs"


@pytest.mark.parametrize("tenant", [CLIENT_ID, STRANGER_ID])
async def test_nobody_but_the_vendor_uploads(site: Site, tenant: UUID) -> None:
    headers = site.as_vendor(tenant) | {"Content-Digest": digest_of(BYTES)}

    answer = await site.service.http.put(content_path(), content=BYTES, headers=headers)

    assert answer.status_code == 404


async def test_nothing_is_uploaded_into_an_ended_work_order(site: Site) -> None:
    await site.service.deliver(a_cancel_wish(), key=ENGAGEMENT_ID)

    answer = await site.upload()

    assert answer.status_code == 409
    assert answer.json()["code"] == "work_order_ended"


# Submit ---------------------------------------------------------------------------------------------------


async def test_submit_names_the_stored_bytes_in_the_event(site: Site) -> None:
    answer = await site.deliver()

    reference = site.service.announced(MilestoneSubmittedV1)[0].data.model_dump()["deliverables"][0]
    assert answer.json()["milestones"][0]["state"] == "submitted"
    assert reference["deliverable_id"] == DELIVERABLE_ID
    assert reference["size"] == len(BYTES)
    assert reference["media_type"] == "text/plain"


async def test_submit_without_the_bytes_is_refused_with_a_pointer(site: Site) -> None:
    answer = await site.submit()

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/deliverables/0/deliverable_id"


async def test_submit_of_one_deliverable_twice_is_refused(site: Site) -> None:
    await site.upload()
    twice = [{"deliverable_id": str(DELIVERABLE_ID), "name": name} for name in ("a.txt", "b.txt")]

    answer = await site.service.http.post(
        f"{ORDER_PATH}/milestones/1/submit", json={"deliverables": twice}, headers=site.as_vendor()
    )

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/deliverables/1/deliverable_id"


async def test_submit_with_the_same_key_is_answered_again_without_effect(site: Site) -> None:
    await site.upload()
    first = await site.submit(idempotency_key="once")

    second = await site.submit(idempotency_key="once")

    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.json() == first.json()
    assert len(site.service.announced(MilestoneSubmittedV1)) == 1


@pytest.mark.parametrize("tenant", [CLIENT_ID, STRANGER_ID])
async def test_nobody_but_the_vendor_submits(site: Site, tenant: UUID) -> None:
    await site.upload()

    answer = await site.service.http.post(
        f"{ORDER_PATH}/milestones/1/submit",
        json={"deliverables": [{"deliverable_id": str(DELIVERABLE_ID), "name": "report.txt"}]},
        headers=site.as_vendor(tenant),
    )

    assert answer.status_code == 404


async def test_a_milestone_that_is_not_in_the_contract_is_not_found(site: Site) -> None:
    await site.upload()

    answer = await site.submit(2)

    assert answer.status_code == 404
    assert answer.json()["code"] == "milestone_unknown"


# Review ---------------------------------------------------------------------------------------------------


async def test_the_client_accepts_the_last_milestone(site: Site) -> None:
    await site.deliver()

    answer = await site.review("accept")

    assert answer.status_code == 200
    assert answer.json()["state"] == "completed"
    assert answer.json()["milestones"][0]["accepted_by"] == "client"


async def test_the_client_returns_a_milestone_with_a_reason(site: Site) -> None:
    await site.deliver()

    answer = await site.review("return")

    milestone = answer.json()["milestones"][0]
    assert (milestone["state"], milestone["return_reason"]) == ("returned", "Page 3 is missing.")
    assert milestone["returns"] == 1


async def test_a_review_of_what_was_not_submitted_says_what_is_allowed(site: Site) -> None:
    answer = await site.review("accept")

    assert answer.status_code == 409
    assert answer.json()["allowed"] == ["submit"]


async def test_a_review_of_an_older_version_is_stale(site: Site) -> None:
    await site.deliver()

    assert (await site.review("accept", etag='"1"')).status_code == 412


@pytest.mark.parametrize("action", ["accept", "return"])
@pytest.mark.parametrize("tenant", [VENDOR_ID, STRANGER_ID])
async def test_nobody_but_the_client_reviews(site: Site, action: str, tenant: UUID) -> None:
    await site.deliver()

    assert (await site.review(action, tenant=tenant)).status_code == 404


async def test_an_unknown_work_order_is_not_found(site: Site) -> None:
    answer = await site.service.http.get(f"/v1/work-orders/{uuid4()}", headers=site.as_reader())

    assert answer.status_code == 404
