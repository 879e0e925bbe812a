"""Lets many people act at once, but never more than the system is meant to hear at the same time."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

REQUESTS_AT_ONCE = 32

T = TypeVar("T")


async def all_at_once(acts: Iterable[Awaitable[T]]) -> list[T]:
    """Await everything, a bounded number at a time; answers come in the order of the acts."""
    gate = asyncio.Semaphore(REQUESTS_AT_ONCE)

    async def one(act: Awaitable[T]) -> T:
        async with gate:
            return await act

    return await asyncio.gather(*(one(act) for act in acts))
