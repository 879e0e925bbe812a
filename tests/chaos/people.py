"""The load: clients, experts and finance who take engagements to all their ends, by public doors only."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from uuid import uuid4

import httpx2

from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, RefusedError
from kpo_cli.story.documents import a_pdf

from .witness import WitnessedWorld

COUNTRY = "IS"
EXPERTS = 5
WEEKLY_HOURS = 40
HOURS_PER_WEEK = 8
CLIENTS = 6
AT_ONCE = 12
LOOK_SECONDS = 0.4
PAUSE_SECONDS_MAX = 1.0
FUND_SECONDS = 120
CHOOSE_SECONDS = 2
OFFER_SECONDS = 5
REVIEW_SECONDS = 5
DUE_SECONDS = 20
PATIENCE_SECONDS = 90.0
HASTY_SHARE = 0.25
HASTE_SECONDS = 1.5
"""How long those wait who do not repeat a request: they never learn what became of some."""

PAGE = "limit=100"
REPORT = a_pdf("Report", 20_000)


@dataclass(frozen=True)
class Town:
    """Everybody who is there before the first engagement; `hasty` people share the patient ones' tenants."""

    patient: WitnessedWorld
    hasty: WitnessedWorld
    operator: Actor
    clients: list[Actor]
    members: list[say.Member]

    @classmethod
    async def settle(cls, patient: WitnessedWorld, hasty: WitnessedWorld) -> "Town":
        operator = patient.actor("operator")
        clients = [await say.register_client(patient, operator) for _ in range(CLIENTS)]
        members = await say.register_team(patient, operator, COUNTRY, EXPERTS, weekly_hours=WEEKLY_HOURS)
        return cls(patient, hasty, operator, clients, members)


@dataclass(frozen=True)
class Mood:
    """How the people of one engagement will behave, drawn when it begins."""

    dice: Random

    @property
    def is_hasty(self) -> bool:
        return self.dice.random() < HASTY_SHARE

    def draw(self, **shares: int) -> str:
        return self.dice.choices(list(shares), list(shares.values()))[0]


def a_brief(mood: Mood) -> Json:
    """Ask for small work with short clocks: it ends by itself if nobody does anything."""
    amounts = ["700.00", "300.00"] if mood.draw(two=2, one=1) == "two" else ["1000.00"]
    return say.a_brief(
        title=f"Review {uuid4().hex}",
        required_skills=[{"skill": say.CLINICAL_SCIENCE, "level": 3}],
        jurisdictions=[COUNTRY],
        overlap=None,
        hours_per_week=HOURS_PER_WEEK,
        budget=say.money("1000.00"),
        milestones=[
            {"title": "Part", "amount": say.money(amount), "due_within": say.seconds(DUE_SECONDS)}
            for amount in amounts
        ],
        fund_by=say.in_days(FUND_SECONDS / 86_400),
        choose_within=say.seconds(CHOOSE_SECONDS),
        offer_valid_for=say.seconds(OFFER_SECONDS),
        review_within=say.seconds(REVIEW_SECONDS),
        rework_within=say.seconds(REVIEW_SECONDS),
        choice="client" if mood.draw(client=2, auto=1) == "client" else "auto",
    )


@dataclass
class Journey:
    """One engagement and those who move it on: they look where it stands and do what is theirs, or do not."""

    town: Town
    mood: Mood
    engaged: say.Engaged
    stop_at: str
    """In which phase the client cancels, if in any."""

    phase: str = "money"
    done: set[str] = field(default_factory=set)

    async def run(self, deadline: float) -> None:
        while self.phase != "over" and monotonic() < deadline:
            with suppress(RefusedError, httpx2.TransportError):
                await self._step()
            await asyncio.sleep(LOOK_SECONDS)

    async def _step(self) -> None:
        if self.stop_at == self.phase and self._first("cancel"):
            await say.cancel(self.engaged)
        match self.phase:
            case "money":
                await self._money()
            case "match":
                await self._match()
            case "work":
                await self._work()
            case _:
                await self._end()

    def _first(self, what: str) -> bool:
        """Say whether this is the first time; what is done again after no answer is done with a new key."""
        if what in self.done:
            return False
        self.done.add(what)
        return True

    def _mind(self, question: str, **shares: int) -> str:
        """Let somebody make up their mind: silence lasts, a hesitation is over when they look again."""
        if question in self.done:
            return "silence"
        answer = self.mood.draw(**shares)
        if answer == "silence":
            self.done.add(question)
        return answer

    async def _money(self) -> None:
        escrow = await self.engaged.client.get("billing", self.engaged.escrow_path)
        match escrow.body["state"]:
            case "awaiting_funds" if self.stop_at != "money" and self._first("fund"):
                parts = ["400.00", "600.00"] if self.mood.draw(parts=1, whole=1) == "parts" else ["1000.00"]
                for part in parts:
                    quoted = f"Payment {escrow.text('payment_reference')}"
                    await say.bank_line(self.town.operator, "credit", say.money(part), quoted)
            case "funded":
                self.phase = "match"
            case "settled" | "lapsed":
                self.phase = "end"

    async def _match(self) -> None:
        match = await self.engaged.client.get("matching", self.engaged.match_path)
        match match.body["state"]:
            case "choosing" if self.mood.draw(choose=1, hesitation=2) == "choose":
                expert: Json = {"expert_id": self.mood.dice.choice(say.candidates(match))["expert_id"]}
                path = f"{self.engaged.match_path}/choose"
                await self.engaged.client.post("matching", path, expert, seen=match.etag)
            case "offered":
                await self._answer(say.rows(match.body["offers"])[-1])
            case "accepted":
                self.phase = "work"
            case "ended" | "withdrawn":
                self.phase = "end"

    async def _answer(self, offer: Json) -> None:
        vendor = say.vendor_of(self.engaged.client.world, offer)
        match self._mind(f"offer {offer['number']}", accept=6, decline=2, silence=1, hesitation=18):
            case "accept":
                await say.answer_offer(vendor, self.engaged, offer, "accept")
            case "decline":
                await say.answer_offer(vendor, self.engaged, offer, "decline", {"reason": "Fully booked."})

    async def _work(self) -> None:
        order = await self.engaged.client.get("delivery", self.engaged.work_order_path)
        if order.body["state"] in {"completed", "cancelled"}:
            self.phase = "end"
            return
        for milestone in say.rows(order.body["milestones"]):
            if milestone["state"] in {"planned", "returned"}:
                vendor = say.vendor_of(self.engaged.client.world, order.body)
                await say.deliver(vendor, self.engaged, int(str(milestone["number"])), REPORT)
                return
            if milestone["state"] == "submitted":
                await self._review(milestone)
                return

    async def _review(self, milestone: Json) -> None:
        number = int(str(milestone["number"]))
        question = f"review {number} after {milestone['returns']}"
        match self._mind(question, accept=5, back=1, silence=1, hesitation=24):
            case "accept":
                await say.accept_milestone(self.engaged, number)
            case "back":
                await say.return_milestone(self.engaged, number, "One database is missing.")

    async def _end(self) -> None:
        view = await self.engaged.client.get("intake", self.engaged.path)
        if view.body["state"] == "closed":
            self.phase = "over"


@dataclass
class Crowd:
    """Begins engagement after engagement until it is told that time is up; then all may finish."""

    town: Town
    dice: Random
    seconds_more: float
    """How long an engagement may take after the last has begun."""

    time_is_up: asyncio.Event = field(default_factory=asyncio.Event)

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
        stop_at = mood.draw(never=8, money=1, match=1, work=1)
        engaged = await say.submit(client, a_brief(mood))
        await Journey(self.town, mood, engaged, stop_at).run(monotonic() + self.seconds_more)


async def pay_all(operator: Actor) -> None:
    """Send every payout that is requested, and book it by the bank's debit."""
    page = await operator.get("billing", f"/v1/payouts?state=requested&{PAGE}")
    for payout in say.rows(page.body["items"]):
        with suppress(RefusedError):
            await say.pay_out(operator, payout)


@asynccontextmanager
async def paying(operator: Actor) -> AsyncIterator[None]:
    """Let finance pay in the background until the block is left; what is under way is finished."""
    stop = asyncio.Event()

    async def pay() -> None:
        while not stop.is_set():
            with suppress(RefusedError, httpx2.TransportError):
                await pay_all(operator)
            await asyncio.sleep(LOOK_SECONDS)

    task = asyncio.create_task(pay())
    try:
        yield
    finally:
        stop.set()
        await _finished(task)


async def _finished(task: Awaitable[None]) -> None:
    await task
