"""The whole service in memory."""

from collections.abc import AsyncIterator

import pytest

from kpo_chassis.testing.service import MemoryService

from .journeys import billing


@pytest.fixture
async def service() -> AsyncIterator[MemoryService]:
    async with billing() as running:
        yield running
