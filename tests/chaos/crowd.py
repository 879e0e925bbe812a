"""The load: engagements of both modes at once, begun one after the other, and finance that pays for them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from time import monotonic

import httpx2

from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, RefusedError

from .contests import Contest, file
from .entries import GOOD_ENDS
from .people import LOOK_SECONDS, Course, Journey, Mood, Town, a_brief

AT_ONCE = 12
PAUSE_SECONDS_MAX = 1.0
PAGE = "limit=100"
CASH_WANTED = ("100.00", "300.00", "700.00")


@dataclass
class Crowd:
    """Begins engagement after engagement until it is told that time is up; then all may finish.

    `came_to_good` is set once a client has seen an engagement come to a good end.
    """

    town: Town
    dice: Random
    seconds_more: float
    """How long an engagement may take after the last has begun."""

    time_is_up: asyncio.Event = field(default_factory=asyncio.Event)
    came_to_good: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(AT_ONCE):
                group.create_task(self._keep_busy(Random(f"{self.dice.random()} {number}")))  # noqa: S311 - a repeatable load.

    async def _keep_busy(self, dice: Random) -> None:
        while not self.time_is_up.is_set():
            await asyncio.sleep(dice.uniform(0, PAUSE_SECONDS_MAX))
            with suppress(RefusedError, httpx2.TransportError):
                await self._one(Mood(dice))

    async def _one(self, mood: Mood) -> None:
        client = mood.dice.choice(self.town.clients)
        if mood.is_hasty:
            client = self.town.hasty.actor("client", tenant=client.tenant)
        course = await (
            self._call(mood, client) if mood.draw(job=3, call=1) == "call" else self._job(mood, client)
        )
        await course.run(monotonic() + self.seconds_more)
        if course.outcome in GOOD_ENDS:
            self.came_to_good.set()

    async def _job(self, mood: Mood, client: Actor) -> Course:
        stop_at = mood.draw(never=8, money=1, match=1, work=1)
        return Journey(self.town, mood, await say.submit(client, a_brief(mood)), stop_at)

    async def _call(self, mood: Mood, client: Actor) -> Course:
        stop_at = mood.draw(never=8, money=1, open=2, judging=1)
        return Contest(self.town, mood, await file(client), stop_at)


async def pay_all(operator: Actor) -> None:
    """Send every payout that is requested, and book it by the bank's debit."""
    page = await operator.get("billing", f"/v1/payouts?state=requested&{PAGE}")
    for payout in say.rows(page.body["items"]):
        with suppress(RefusedError):
            await say.pay_out(operator, payout)


async def want_cash(town: Town, dice: Random) -> None:
    """Let a client ask for its cash twice at once, whether it has so much or not."""
    client, amount = dice.choice(town.clients), say.money(dice.choice(CASH_WANTED))
    wishes = (client.post("billing", "/v1/payouts", {"amount": amount}) for _ in range(2))
    await asyncio.gather(*wishes, return_exceptions=True)


@asynccontextmanager
async def paying(town: Town, dice: Random) -> AsyncIterator[None]:
    """Let clients want cash and finance pay until the block is left; what is under way is finished."""
    stop = asyncio.Event()

    async def pay() -> None:
        while not stop.is_set():
            with suppress(RefusedError, httpx2.TransportError):
                await want_cash(town, dice)
                await pay_all(town.operator)
            await asyncio.sleep(LOOK_SECONDS)

    task = asyncio.create_task(pay())
    try:
        yield
    finally:
        stop.set()
        await _finished(task)


async def _finished(task: Awaitable[None]) -> None:
    await task
