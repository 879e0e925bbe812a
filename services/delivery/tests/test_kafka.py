"""What delivery makes of others' events, over its real handlers and engine."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from kpo_chassis.testing.service import MemoryService, memory
from kpo_delivery.domain.work_order import WorkOrder, WorkOrderStatus
from kpo_events.delivery import (
    DeliveryOverdueV1,
    MilestoneAcceptedV1,
    ReviewRemindedV1,
    WorkOrderCancelledV1,
    WorkOrderCompletedV1,
    WorkOrderOpenedV1,
)
from kpo_events.payload import WaitingOn

from .factories import (
    BLUEPRINT,
    CLIENT_ID,
    DAY,
    ENGAGEMENT_ID,
    EXPERT_ID,
    MATCH_ID,
    NOW,
    VENDOR_ID,
    WORK_ORDER_ID,
    Site,
    a_cancel_wish,
    a_match_accepted,
    names,
)


@pytest.fixture
async def service() -> AsyncIterator[MemoryService]:
    async with memory(BLUEPRINT) as running:
        yield running


async def status(service: MemoryService) -> WorkOrderStatus:
    return (await service.reads.get(WorkOrder, WORK_ORDER_ID)).state.status


async def test_an_accepted_match_opens_a_work_order_and_says_who_must_act(service: MemoryService) -> None:
    await service.deliver(a_match_accepted(10, 20), key=MATCH_ID)

    opened = service.announced(WorkOrderOpenedV1)[0]
    assert opened.subject == WORK_ORDER_ID
    assert opened.correlation_id == ENGAGEMENT_ID
    assert opened.data == WorkOrderOpenedV1(
        engagement_id=ENGAGEMENT_ID,
        client_id=CLIENT_ID,
        waiting_on=WaitingOn(party="vendor", until=NOW + 10 * DAY),
        work_order_id=WORK_ORDER_ID,
        vendor_id=VENDOR_ID,
        expert_id=EXPERT_ID,
        milestones=a_match_accepted(10, 20).contract.milestones,
    )


async def test_the_same_event_again_changes_nothing(service: MemoryService) -> None:
    await service.deliver(a_match_accepted(), key=MATCH_ID)

    await service.deliver(a_match_accepted(), key=MATCH_ID, seq=1)

    assert len(service.published) == 1


async def test_a_wish_that_comes_first_is_remembered_and_shown_to_nobody(service: MemoryService) -> None:
    await service.deliver(a_cancel_wish(), key=ENGAGEMENT_ID)

    assert await status(service) is WorkOrderStatus.EXPECTED
    assert (await Site(service).get()).status_code == 404
    assert service.published == []


async def test_a_wish_that_came_first_cancels_the_work_order_when_it_opens(service: MemoryService) -> None:
    await service.deliver(a_cancel_wish(), key=ENGAGEMENT_ID)

    await service.deliver(a_match_accepted(), key=MATCH_ID)

    assert await status(service) is WorkOrderStatus.CANCELLED
    assert names(tuple(event.data for event in service.published)) == [
        "WorkOrderOpenedV1",
        "WorkOrderCancelledV1",
    ]


async def test_a_wish_cancels_an_open_work_order_with_the_clients_reason(service: MemoryService) -> None:
    await service.deliver(a_match_accepted(), key=MATCH_ID)

    await service.deliver(a_cancel_wish(), key=ENGAGEMENT_ID)

    assert service.announced(WorkOrderCancelledV1)[0].data.model_dump()["reason"] == "Our plans changed."


async def test_the_wish_to_cancel_a_challenge_is_not_for_work_orders(service: MemoryService) -> None:
    await service.deliver(a_match_accepted(), key=MATCH_ID)

    await service.deliver(a_cancel_wish(mode="challenge"), key=ENGAGEMENT_ID)

    assert await status(service) is WorkOrderStatus.OPEN


async def test_each_engagement_gets_its_own_work_order(service: MemoryService) -> None:
    await service.deliver(a_match_accepted(), key=MATCH_ID)

    await service.deliver(a_match_accepted(engagement_id=uuid4()), key=uuid4())

    assert len({event.subject for event in service.announced(WorkOrderOpenedV1)}) == 2


async def test_time_announces_a_delay_and_ends_the_work_order_14_days_later(service: MemoryService) -> None:
    await service.deliver(a_match_accepted(30), key=MATCH_ID)

    await service.tick(30 * DAY)
    overdue = service.announced(DeliveryOverdueV1)
    await service.tick(14 * DAY)

    assert [event.actor for event in overdue] == ["clock"]
    assert await status(service) is WorkOrderStatus.CANCELLED


async def test_a_deadline_finer_than_the_database_keeps_still_comes(service: MemoryService) -> None:
    await service.deliver(a_match_accepted(30 + 1 / 86_400_000 / 3), key=MATCH_ID)

    await service.tick(30 * DAY)

    assert len(service.announced(DeliveryOverdueV1)) == 1


async def test_time_reminds_twice_and_then_accepts(service: MemoryService) -> None:
    await service.deliver(a_match_accepted(30), key=MATCH_ID)
    await Site(service).deliver()

    for _ in range(3):
        await service.tick(3 * DAY)

    reminders = [event.data.model_dump()["reminder"] for event in service.announced(ReviewRemindedV1)]
    assert reminders == [1, 2]
    assert service.announced(MilestoneAcceptedV1)[0].data.model_dump()["accepted_by"] == "clock"
    assert len(service.announced(WorkOrderCompletedV1)) == 1
