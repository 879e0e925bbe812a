"""What several test modules share."""

from collections.abc import AsyncIterator

import pytest

from .door import Door, a_door


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with a_door() as opened:
        yield opened
