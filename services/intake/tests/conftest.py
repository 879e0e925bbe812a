"""The whole service in memory."""

from collections.abc import AsyncIterator

import pytest

from kpo_chassis.testing.service import MemoryService, memory
from kpo_intake.wiring import blueprint

from .factories import Desk, some_settings


@pytest.fixture
async def service() -> AsyncIterator[MemoryService]:
    async with memory(blueprint(some_settings())) as running:
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
    async with memory(blueprint(some_settings())) as running:
        found = Desk(running)
        await found.register()
        yield found
