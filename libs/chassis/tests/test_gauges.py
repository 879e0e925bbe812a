"""What a worker shows of itself: what waits, what is parked, what came back, what is late."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from kpo_chassis.store import OUTBOX
from kpo_chassis.testing.service import MemoryService, memory

from .sample import EARLY, blueprint
from .test_engine import ADD, a_client

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def service() -> AsyncIterator[MemoryService]:
    async with memory(blueprint()) as running:
        yield running


async def a_counter_with_a_deadline(service: MemoryService) -> None:
    body = {"id": str(uuid4()), "ring_after_seconds": 60}
    headers = service.token(tenant=uuid4(), scopes=ADD)
    await service.http.post("/v1/counters", json=body, headers=headers)


async def test_a_healthy_worker_shows_that_nothing_waits(service: MemoryService) -> None:
    client = uuid4()
    await service.deliver(a_client(client), key=client)

    await service.measure()

    assert service.meters.shown("kpo_parked_events") == 0
    assert (service.meters.shown("kpo_outbox_age_seconds") or 0) < 1
    assert service.meters.shown("kpo_consumer_lag_records", topic="intake.client") == 0
    assert service.meters.shown("kpo_consumer_paused") == 0
    assert service.meters.shown("kpo_tasks_overdue", aggregate="counter") == 0


async def test_parked_events_are_shown_until_they_come_back(service: MemoryService) -> None:
    client = uuid4()
    await service.deliver(a_client(client), key=client, seq=2)
    await service.measure()
    parked = service.meters.shown("kpo_parked_events")

    await service.deliver(a_client(client), key=client, seq=1)
    await service.heal()
    await service.heal()
    await service.measure()

    assert parked == 1
    assert service.meters.shown("kpo_parked_events") == 0
    assert service.meters.counted("kpo_released_total") == 1


async def test_an_event_that_is_parked_again_was_not_released(service: MemoryService) -> None:
    client = uuid4()
    await service.deliver(a_client(client, EARLY), key=client)

    await service.tick(MINUTE)
    await service.heal()
    await service.heal()

    assert service.meters.counted("kpo_released_total") == 0


async def test_the_age_of_the_outbox_is_that_of_its_oldest_document(service: MemoryService) -> None:
    async with service.database.transaction() as tx:
        left = {"_id": "left", "at": datetime.now(UTC) - MINUTE, "prev": ["other"], "events": []}
        await tx.insert(OUTBOX, [left, {**left, "_id": "other", "at": datetime.now(UTC)}])

    await service.measure()

    age = service.meters.shown("kpo_outbox_age_seconds")
    assert age is not None
    assert 60 <= age < 70


async def test_a_task_is_overdue_while_its_clock_does_not_act(service: MemoryService) -> None:
    await a_counter_with_a_deadline(service)
    service.clock.advance(2 * MINUTE)
    await service.measure()
    late = service.meters.shown("kpo_tasks_overdue", aggregate="counter")

    await service.tick()
    await service.measure()

    assert late == 1
    assert service.meters.shown("kpo_tasks_overdue", aggregate="counter") == 0
    assert service.meters.counted("kpo_clocks_fired_total", aggregate="counter") == 1
