"""What the use cases do beyond the domain: the clean-up of bytes that nobody named."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from kpo_chassis.testing.service import MemoryService, memory
from kpo_delivery.domain.content import content_key
from kpo_delivery.use_cases.remove_unreferenced_content import remove_unreferenced_content
from kpo_delivery.wiring import blueprint

from .factories import (
    DAY,
    DELIVERABLE_ID,
    HOUR,
    MATCH_ID,
    NOW,
    WORK_ORDER_ID,
    Site,
    a_match_accepted,
    some_settings,
)

DRAFT_ID = UUID("0b000000-0000-4000-8000-000000000002")
LOST_ORDER_ID = UUID("0d000000-0000-4000-8000-000000000009")


@dataclass
class OldBytes:
    """Keys with the time of their upload, one to a page."""

    stored_at: Mapping[str, datetime]
    forgotten: list[str] = field(default_factory=list)

    async def stored_before(self, moment: datetime, *, after: str, limit: int) -> tuple[str, ...]:
        assert limit > 0
        old = sorted(key for key, at in self.stored_at.items() if at < moment and key > after)
        return tuple(old[:1])

    async def forget(self, key: str) -> None:
        self.forgotten.append(key)


@pytest.fixture
async def submitted() -> AsyncIterator[MemoryService]:
    """Give a service where one deliverable was submitted."""
    async with memory(blueprint(some_settings())) as running:
        await running.deliver(a_match_accepted(30), key=MATCH_ID)
        await Site(running).deliver()
        yield running


async def removed(service: MemoryService, key: str, *, age: timedelta) -> list[str]:
    contents = OldBytes({key: NOW - age, content_key(WORK_ORDER_ID, DELIVERABLE_ID): NOW - age})
    await remove_unreferenced_content(NOW, reads=service.reads, contents=contents)
    return contents.forgotten


async def test_bytes_that_no_submission_names_are_removed_after_a_day(submitted: MemoryService) -> None:
    draft = content_key(WORK_ORDER_ID, DRAFT_ID)

    assert await removed(submitted, draft, age=DAY + HOUR) == [draft]


async def test_bytes_wait_a_day_for_their_submission(submitted: MemoryService) -> None:
    assert await removed(submitted, content_key(WORK_ORDER_ID, DRAFT_ID), age=DAY - HOUR) == []


async def test_bytes_of_no_known_work_order_are_removed(submitted: MemoryService) -> None:
    lost = content_key(LOST_ORDER_ID, DRAFT_ID)

    assert await removed(submitted, lost, age=DAY + HOUR) == [lost]
