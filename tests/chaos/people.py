"""Who is there, how they behave, and how they take an assignment to one of its ends, by public doors only."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import ClassVar
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
GEOLOGISTS = 6
LOOK_SECONDS = 0.4
FUND_SECONDS = 120
CHOOSE_SECONDS = 2
OFFER_SECONDS = 5
REVIEW_SECONDS = 5
DUE_SECONDS = 20
PATIENCE_SECONDS = 90.0
HASTY_SHARE = 0.25
LANGUAGE = "mi"
HASTE_SECONDS = 1.5
"""How long those wait who do not repeat a request: they never learn what became of some."""

REPORT = a_pdf("Report", 20_000)
FIELD: Json = {
    "practice_areas": ["business_research"],
    "languages": [{"language": LANGUAGE, "level": "C1"}],
}
"""What makes experts fit open calls, and no assignment."""


@dataclass(frozen=True)
class Town:
    """Everybody who is there before the first engagement; `hasty` people share the patient ones' tenants."""

    patient: WitnessedWorld
    hasty: WitnessedWorld
    operator: Actor
    clients: list[Actor]
    members: list[say.Member]
    geologists: list[say.Member]

    @classmethod
    async def settle(cls, patient: WitnessedWorld, hasty: WitnessedWorld) -> "Town":
        operator = patient.actor("operator")
        clients = [await say.register_client(patient, operator) for _ in range(CLIENTS)]
        members = await say.register_team(patient, operator, COUNTRY, EXPERTS, weekly_hours=WEEKLY_HOURS)
        geologists = await say.register_team(patient, operator, COUNTRY, GEOLOGISTS, **FIELD)
        return cls(patient, hasty, operator, clients, members, geologists)


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
class Course:
    """One engagement and those who move it on: they look where it stands and do what is theirs, or do not.

    `stop_at` is the phase in which the client cancels, if there is one of that name.
    """

    town: Town
    mood: Mood
    engaged: say.Engaged
    stop_at: str
    phase: str = "money"
    done: set[str] = field(default_factory=set)
    outcome: str | None = None

    after_money: ClassVar[str]

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
            case "end":
                await self._end()
            case _:
                await self.step()

    async def step(self) -> None:
        """Look at what is neither about the money nor about the end, and do something of it."""
        raise NotImplementedError

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
                self.phase = self.after_money
            case "settled" | "lapsed":
                self.phase = "end"

    async def _end(self) -> None:
        view = await self.engaged.client.get("intake", self.engaged.path)
        if view.body["state"] == "closed":
            self.phase, self.outcome = "over", view.text("outcome")


@dataclass
class Journey(Course):
    """An assignment: an expert is chosen, asked, and works."""

    after_money = "match"

    async def step(self) -> None:
        if self.phase == "match":
            await self._match()
        else:
            await self._work()

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
