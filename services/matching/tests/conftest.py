"""The whole service in memory, and people who use it."""

from collections.abc import AsyncIterator

import pytest

from kpo_chassis.testing.service import MemoryService, memory
from kpo_matching.settings import MatchingSettings
from kpo_matching.wiring import blueprint

from .market import Market


def some_settings() -> MatchingSettings:
    return MatchingSettings(
        mongo_url="mongodb://127.0.0.1/",
        mongo_database="matching",
        kafka_bootstrap="127.0.0.1:9092",
        auth_issuer="https://issuer.test",
        auth_audience="kpo",
        auth_jwks="keys.json",
        cursor_key="a key that only tests sign with",
    )


BLUEPRINT = blueprint(some_settings())
"""One for all tests: the routes of a blueprint are made only once."""


@pytest.fixture
async def service() -> AsyncIterator[MemoryService]:
    async with memory(BLUEPRINT) as running:
        yield running


@pytest.fixture
async def market(service: MemoryService) -> Market:
    """Give a service that knows the client and the first vendor, and nobody's experts yet."""
    market = Market(service)
    await market.register_client()
    answer = await market.onboard()
    assert answer.status_code == 201, answer.text
    return market
