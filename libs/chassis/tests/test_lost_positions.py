"""What a worker does when another has claimed its partition: it lets go, lives on, and comes back."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from kpo_chassis.store import POSITIONS
from kpo_chassis.testing.database import MemoryDatabase
from kpo_chassis.testing.service import MemoryService, memory
from kpo_events.intake import ClientRegisteredV1

from .sample import Counter, blueprint, counter_of


@pytest.fixture
async def service() -> AsyncIterator[MemoryService]:
    async with memory(blueprint()) as running:
        yield running


async def claim_all(database: MemoryDatabase) -> None:
    """Claim every partition as another worker does with new ones: where they begin is not stored yet."""
    for row in await database.find(POSITIONS, {}, limit=1_000):
        epoch = row["epoch"]
        assert isinstance(epoch, int)
        claimed = {"_id": row["_id"], "epoch": epoch + 1, "sessions": ["another"]}
        database.shelves.put(POSITIONS, claimed)


async def test_a_worker_survives_a_claim_that_is_only_half_made(service: MemoryService) -> None:
    client = uuid4()
    assert isinstance(service.database, MemoryDatabase)
    await claim_all(service.database)

    registered = ClientRegisteredV1(client_id=client, name="Acme", country="NL", currency="EUR")
    await service.deliver(registered, key=client)

    assert (await service.reads.get(Counter, counter_of(client))).state.total == 1
