"""The whole service in memory."""

from collections.abc import AsyncIterator

import pytest

from kpo_chassis.testing.service import MemoryService, memory
from kpo_delivery.wiring import blueprint

from .factories import some_settings


@pytest.fixture
async def service() -> AsyncIterator[MemoryService]:
    async with memory(blueprint(some_settings())) as running:
        yield running
