"""What the use cases do beyond the domain: the clean-up of bytes that nobody named."""

from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import pytest

from kpo_chassis.testing.blobs import MemoryBlobs
from kpo_chassis.testing.service import memory
from kpo_delivery.domain.content import deliverable_place
from kpo_delivery.use_cases.content.remove_unreferenced_content import remove_unreferenced_content

from .factories import (
    BLUEPRINT,
    BYTES,
    DAY,
    DELIVERABLE_ID,
    HOUR,
    MATCH_ID,
    NOW,
    Site,
    a_match_accepted,
    content_path,
)

DRAFT_ID = UUID("0b000000-0000-4000-8000-000000000002")
LOST_ORDER_ID = UUID("0d000000-0000-4000-8000-000000000009")


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """Give a service with an open work order."""
    async with memory(BLUEPRINT) as running:
        await running.deliver(a_match_accepted(30), key=MATCH_ID)
        yield Site(running)


async def wait(site: Site, by: timedelta) -> None:
    """Let time pass, and the clean-up come by at the end of it."""
    await site.service.tick(by)
    await site.service.run_jobs()


async def has_bytes(site: Site, key: UUID) -> bool:
    answer = await site.service.http.get(content_path(key), headers=site.as_vendor())
    return answer.status_code == 200


async def test_bytes_that_no_submission_names_are_removed_after_a_day(site: Site) -> None:
    await site.upload(key=DRAFT_ID)

    await wait(site, DAY + HOUR)

    assert not await has_bytes(site, DRAFT_ID)


async def test_bytes_that_a_submission_names_stay(site: Site) -> None:
    await site.deliver()

    await wait(site, DAY + HOUR)

    assert await has_bytes(site, DELIVERABLE_ID)


async def test_bytes_wait_a_day_for_their_submission(site: Site) -> None:
    await site.upload(key=DRAFT_ID)

    await wait(site, DAY - HOUR)

    assert await has_bytes(site, DRAFT_ID)


async def test_bytes_that_were_sent_again_wait_another_day(site: Site) -> None:
    await site.upload(key=DRAFT_ID)
    await site.service.tick(DAY - HOUR)
    await site.upload(key=DRAFT_ID)

    await wait(site, DAY - HOUR)

    assert await has_bytes(site, DRAFT_ID)


async def test_other_bytes_fit_under_the_id_of_removed_ones(site: Site) -> None:
    await site.upload(BYTES, key=DRAFT_ID)
    await wait(site, DAY + HOUR)

    answer = await site.upload(b"something else", key=DRAFT_ID)

    assert answer.status_code == 200


async def test_a_submission_names_bytes_of_up_to_23_hours(site: Site) -> None:
    await site.upload()
    await site.service.tick(23 * HOUR)

    answer = await site.submit()

    assert answer.status_code == 200


async def test_a_submission_of_older_bytes_is_refused_until_they_are_sent_again(site: Site) -> None:
    await site.upload()
    await site.service.tick(23 * HOUR + timedelta(seconds=1))

    refused = await site.submit()
    await site.upload()
    answer = await site.submit()

    assert (refused.status_code, refused.json()["code"]) == (422, "bytes_too_old")
    assert refused.json()["errors"][0]["pointer"] == "/deliverables/0/deliverable_id"
    assert answer.status_code == 200


async def test_bytes_that_were_submitted_before_may_be_named_again_at_any_age(site: Site) -> None:
    await site.deliver()
    await site.review("return")
    await site.service.tick(2 * DAY)

    answer = await site.submit()

    assert answer.status_code == 200


async def test_bytes_of_no_known_work_order_are_removed(site: Site) -> None:
    contents, lost = MemoryBlobs(lambda: NOW - DAY - HOUR), deliverable_place(LOST_ORDER_ID, DRAFT_ID).key
    await contents.write(lost, _once(BYTES), sha256=sha256(BYTES).hexdigest(), media_type="text/plain")

    removed = await remove_unreferenced_content(NOW, reads=site.service.reads, contents=contents)

    assert removed == 1
    assert await contents.find(lost) is None


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
