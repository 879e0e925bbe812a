"""The alarm for engagements that got lost between two services."""

import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from kpo_chassis.testing.service import memory
from kpo_events.payload import Payload
from kpo_intake.use_cases.find_stranded import PAGE_MAX

from .factories import (
    BLUEPRINT,
    ESCROW_ID,
    MATCH_ID,
    Desk,
    an_escrow_funded,
    an_escrow_opened,
    an_escrow_settled,
    an_offer,
)

QUARTER = timedelta(minutes=15)
SECOND = timedelta(seconds=1)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """Give a service where one client is registered."""
    async with memory(BLUEPRINT) as running:
        found = Desk(running)
        await found.register()
        yield found


async def stranded(desk: Desk, *, after: timedelta = QUARTER + SECOND) -> float | None:
    await desk.service.tick(after)
    await desk.service.run_jobs()
    return desk.service.meters.shown("kpo_engagements_stranded")


async def a_funded_engagement(desk: Desk) -> UUID:
    engagement_id = await desk.filed()
    for event in (an_escrow_opened(engagement_id), an_escrow_funded(engagement_id)):
        await billing_announces(desk, event)
    return engagement_id


async def billing_announces(desk: Desk, event: Payload) -> None:
    await desk.service.deliver(event, key=ESCROW_ID)


async def test_an_engagement_that_nobody_took_over_is_stranded(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    engagement_id = await a_funded_engagement(desk)

    with caplog.at_level(logging.WARNING, "kpo.intake"):
        assert await stranded(desk) == 1

    (warning,) = caplog.records
    assert warning.__dict__["first"] == [f"{engagement_id} after billing.escrow.funded.v1"]


async def test_a_hand_over_may_take_a_quarter_of_an_hour(desk: Desk) -> None:
    await a_funded_engagement(desk)

    assert await stranded(desk, after=QUARTER) == 0


async def test_an_engagement_without_an_escrow_is_stranded(desk: Desk) -> None:
    await desk.filed()

    assert await stranded(desk) == 1


async def test_every_open_engagement_is_looked_at(desk: Desk) -> None:
    for _ in range(PAGE_MAX + 1):
        await desk.filed()

    assert await stranded(desk) == PAGE_MAX + 1


async def test_an_engagement_whose_holder_waits_for_somebody_is_not_stranded(desk: Desk) -> None:
    engagement_id = await a_funded_engagement(desk)
    await desk.service.deliver(an_offer(engagement_id), key=MATCH_ID)

    assert await stranded(desk) == 0


async def test_a_wish_to_cancel_does_not_hide_a_stranded_engagement(desk: Desk) -> None:
    await desk.cancel(await a_funded_engagement(desk))

    assert await stranded(desk) == 1


async def test_a_closed_engagement_is_not_stranded(desk: Desk) -> None:
    engagement_id = await a_funded_engagement(desk)
    await billing_announces(desk, an_escrow_settled(engagement_id))

    assert await stranded(desk) == 0
