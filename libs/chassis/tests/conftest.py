"""What several test modules share."""

from collections.abc import AsyncIterator

import pytest

from kpo_cli.stack.servers import Servers

from .bench import Bench, a_bench
from .door import Door, a_door


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with a_door() as opened:
        yield opened


@pytest.fixture
async def bench(servers: Servers) -> AsyncIterator[Bench]:
    async with a_bench(servers) as made:
        yield made
