"""How people take an open call to one of its ends: they enter, submit, judge, come too late, or stay away."""

from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import uuid4

import httpx2

from kpo_cli.story import calls, judging
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, RefusedError
from kpo_cli.story.calls import Pace, Prizes

from .entries import Peek, Role, now
from .people import FUND_SECONDS, LANGUAGE, Course

ENTRANTS = 4
JUDGES = 2
OPEN_SECONDS = 20
JUDGE_SECONDS = 30
DATA = b"hole,au_g_t\nTA-1,0.4\n"
DATA_TYPE = "text/csv"
PURSE = "1000.00"
PRIZES = ("500.00", "200.00")
SUBMISSIONS_MAX = 3
"""How often somebody replaces what they submitted, at most."""


PEEKS = 3
"""One look in so many has somebody try to read what was submitted."""


class Sent(NamedTuple):
    """What somebody submitted, and the key that they sent it with."""

    body: Json
    key: str


async def file(client: Actor) -> say.Engaged:
    """Upload data and file a call on them that ends by itself if nobody does anything."""
    dataset = str(uuid4())
    content = f"/v1/datasets/{dataset}/content"
    await client.put_content("delivery", content, DATA, say.content_headers(DATA, DATA_TYPE))
    named = await client.post("delivery", "/v1/datasets", {"dataset_id": dataset, "name": "holes.csv"})
    return await say.submit(client, _a_call({"dataset_id": dataset, "sha256": named.text("sha256")}))


def _a_call(dataset: Json) -> Json:
    pace = Pace(OPEN_SECONDS, JUDGE_SECONDS)
    prizes = Prizes(PURSE, (calls.RoundPrizes(len(PRIZES), PRIZES),), currency="EUR")
    return calls.a_call(
        prizes,
        pace,
        [dataset],
        title=f"Call {uuid4().hex}",
        practice_area="business_research",
        languages=[{"language": LANGUAGE, "level": "B2"}],
        judges=JUDGES,
        excluded_countries=[],
        fund_by=say.in_days(FUND_SECONDS / 86_400),
    )


@dataclass
class Contest(Course):
    """An open call: some enter and submit until it closes, others judge what came."""

    entrants: list[say.Member] = field(init=False)
    entries: dict[str, str] = field(default_factory=dict)
    submitted: dict[str, list[Sent]] = field(default_factory=dict)

    after_money = "open"

    def __post_init__(self) -> None:
        self.entrants = self.mood.dice.sample(self.town.geologists, ENTRANTS)

    async def step(self) -> None:
        challenge = await self.engaged.client.get("delivery", self.engaged.challenge_path)
        match challenge.body["state"]:
            case "open":
                await self._appoint(challenge.body)
                await self._take_part()
                await self._peek()
            case "judging":
                self.phase = "judging"
                await self._peek()
                await self._be_late()
                await self._judge(challenge.body)
            case "awarded" | "voided" | "cancelled" | "withdrawn":
                self.phase = "end"

    async def _appoint(self, challenge: Json) -> None:
        """Let the client seat somebody who has not entered; the bench fills the other seat."""
        taken = {str(member.vendor.person) for member in self.entrants}
        free = [str(judge["person_id"]) for judge in calls.bench(challenge)]
        chosen = next((person for person in free if person not in taken), None)
        if chosen and self._first("appoint"):
            await calls.appoint(self.engaged, chosen)

    async def _take_part(self) -> None:
        """Let one of the entrants do the next thing, or nothing."""
        entrant = self.mood.dice.choice(self.entrants).vendor
        entry = self.entries.get(str(entrant.person))
        if entry is None:
            self.entries[str(entrant.person)] = await calls.enter(entrant, self.engaged)
        elif len(self.submitted.get(entry, ())) < SUBMISSIONS_MAX:
            await self._submit(entrant, entry)

    async def _be_late(self) -> None:
        """Let one submit something new too late, and others what they sent before, with the key it had."""
        for person, entry in self.entries.items():
            before = self.submitted.get(entry, [])
            if self._first("late"):
                await self._submit(self._actor(person), entry)
            elif before and self._first(f"again {entry}"):
                await self._send(self._actor(person), entry, before[-1])

    async def _submit(self, entrant: Actor, entry: str) -> None:
        before = self.submitted.setdefault(entry, [])
        targets = calls.drill_targets(entrant.person, len(before))
        body = await calls.attach(entrant, entry, targets, calls.as_table(targets))
        before.append(sent := Sent(body, uuid4().hex))
        await self._send(entrant, entry, sent)

    async def _send(self, entrant: Actor, entry: str, sent: Sent) -> None:
        await entrant.post("delivery", f"/v1/entries/{entry}/submit", sent.body, key=sent.key)

    async def _peek(self) -> None:
        """Let somebody try now and then to read what was submitted first, and write down what came of it."""
        begun = [(person, entry) for person, entry in self.entries.items() if self.submitted.get(entry)]
        if not begun or self.mood.dice.randrange(PEEKS):
            return
        person, entry = self.mood.dice.choice(begun)
        role, somebody = self.mood.dice.choice(self._curious(person))
        try:
            await somebody.get("delivery", f"/v1/entries/{entry}/submissions/1")
        except RefusedError:
            shown = False
        except httpx2.TransportError:
            return
        else:
            shown = True
        peek = Peek(at=now(), role=role, entry=entry, submission=1, shown=shown)
        self.town.patient.recorder.write(peek)

    def _curious(self, person: str) -> list[tuple[Role, Actor]]:
        """Name who could wish to read what somebody has submitted."""
        rival = next(member.vendor for member in self.entrants if str(member.vendor.person) != person)
        return [
            ("entrant", self._actor(person)),
            ("rival", rival),
            ("client", self.engaged.client),
            ("operator", self.town.operator),
        ]

    def _actor(self, person: str) -> Actor:
        return next(member.vendor for member in self.entrants if str(member.vendor.person) == person)

    async def _judge(self, challenge: Json) -> None:
        """Let one judge after the other score one submission; now and then one never comes."""
        for seat in calls.seated(challenge):
            judge = judging.judge_of(self.engaged.client.world, seat)
            if self._mind(f"judge {judge.person}", score=20, silence=1) == "score":
                for link in (await calls.assigned(judge, self.engaged))[:1]:
                    await calls.score(judge, link)
