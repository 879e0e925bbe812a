"""Open calls as they stand between one client, its entrants and its judge, with the ids of all they made."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid5

from kpo_cli.story import calls
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, World
from kpo_cli.story.calls import Pace, Prizes
from kpo_cli.story.orebody import DataFile

LANGUAGE = "mi"
"""A language that no other test asks for: its experts are the only ones who fit."""

IN_ITEMS = "the-third-lens-lies-deeper"
IN_FILE = "assay-of-the-third-lens"
"""What nobody may read before submissions have closed."""

PURSE = "1000.00"
PRIZE = say.money("500.00")
LONG_SECONDS = 6 * 3_600
SHORT_SECONDS = 40
CLOSED_SECONDS_MAX = 180.0
NO_CODE = "AAAAAAAAAA"
"""Has the form of a blind code; an open call has none."""

AREA: Json = {"practice_areas": ["business_research"], "languages": [{"language": LANGUAGE, "level": "C1"}]}


def a_small_call(dataset: Json, open_seconds: int) -> Json:
    """Ask with one round, one prize and one judge, in the currency of those who can answer."""
    pace = Pace(open_seconds, LONG_SECONDS)
    return calls.a_call(
        Prizes(PURSE, ()),
        pace,
        [dataset],
        practice_area="business_research",
        languages=[{"language": LANGUAGE, "level": "B2"}],
        budget=say.money(PURSE),
        rounds=[{"picks": 1, "prizes": [PRIZE], "judge_within": say.seconds(pace.judge_within)}],
        judges=1,
    )


@dataclass(frozen=True)
class Cast:
    """Everybody who has a part in calls."""

    client: Actor
    operator: Actor
    entrant: say.Member
    rival: say.Member
    judge: say.Member
    data: DataFile

    @property
    def colleague(self) -> Actor:
        """Give somebody else of the entrant's vendor."""
        return self.client.world.actor("vendor", tenant=self.entrant.vendor.tenant)

    async def file(self, open_seconds: int) -> tuple[say.Engaged, Json]:
        """Upload data and file a call on them."""
        dataset = await calls.upload_dataset(self.client, self.data)
        engaged = await say.submit(self.client, a_small_call(dataset, open_seconds))
        await say.until_state(self.client, "delivery", engaged.challenge_path, "planned")
        return engaged, dataset

    async def open(self, open_seconds: int) -> tuple[say.Engaged, Json]:
        """File a call and fund it; wait until people are invited and judges proposed."""
        engaged, dataset = await self.file(open_seconds)
        await say.fund(engaged, self.operator, PURSE)
        await say.until_state(self.client, "delivery", engaged.challenge_path, "open")
        await say.until_state(self.client, "matching", _panel_path(engaged), "proposed")
        return engaged, dataset


@dataclass(frozen=True)
class Call:
    """A call with the ids of everything that it has led to, by the names that paths give to them."""

    engaged: say.Engaged
    cast: Cast
    ids: Mapping[str, str]

    @property
    def public_ids(self) -> frozenset[str]:
        """Give what the public list of calls names."""
        return frozenset(self.ids[name] for name in ("challenge_id", "dataset_id"))

    @property
    def private_ids(self) -> frozenset[str]:
        cast = self.cast
        people = (cast.entrant.vendor, cast.rival.vendor, cast.judge.vendor)
        made = {value for value in self.ids.values() if value not in {NO_CODE, self.ids["number"]}}
        return frozenset(made | {str(each.tenant) for each in people}) - self.public_ids


@dataclass(frozen=True)
class Calls:
    """One call for each state that there is something to see in; `untouched` is open, and nobody is in it."""

    planned: Call
    untouched: Call
    busy: Call
    judged: Call
    awarded: Call


async def all_calls(cast: Cast) -> Calls:
    """Make them at once, since two of them wait for their deadline."""
    made = (
        planned_call(cast), untouched_call(cast), busy_call(cast), judged_call(cast), awarded_call(cast)
    )  # fmt: skip
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each) for each in made]
    return Calls(*(task.result() for task in tasks))


async def a_cast(world: World, operator: Actor, country: str, folder: Path) -> Cast:
    """Register a client and three experts who fit no other call than its own."""
    client = await say.register_client(world, operator, "Te Awa Minerals Ltd.")
    entrant, rival, judge = await say.register_team(world, operator, country, 3, **AREA)
    file = folder / "holes.csv"
    file.write_bytes(b"hole,au_g_t\nTA-1,0.4\n")
    return Cast(client, operator, entrant, rival, judge, DataFile.of(file, "text/csv"))


async def planned_call(cast: Cast) -> Call:
    """Give a call whose purse is not there yet: it is its client's alone."""
    engaged, dataset = await cast.file(LONG_SECONDS)
    return Call(engaged, cast, _ids(engaged, dataset))


async def untouched_call(cast: Cast) -> Call:
    """Give an open call that nobody has entered and nobody judges."""
    engaged, dataset = await cast.open(LONG_SECONDS)
    return Call(engaged, cast, _ids(engaged, dataset))


async def busy_call(cast: Cast, open_seconds: int = LONG_SECONDS) -> Call:
    """Give an open call with a judge, two entrants, and a submission of one of them."""
    engaged, dataset = await cast.open(open_seconds)
    await calls.appoint(engaged, str(cast.judge.vendor.person))
    await calls.enter(cast.rival.vendor, engaged)
    entry = await calls.enter(cast.entrant.vendor, engaged)
    submitted = await calls.submit(cast.entrant.vendor, entry, _items(), f"{IN_FILE}\n".encode())
    (submission,) = say.rows(submitted.body["submissions"])
    made = {"entry_id": entry, "file_id": str(submission["file_id"])}
    return Call(
        engaged, cast, _ids(engaged, dataset) | {"code": NO_CODE} | made | await _of_matching(engaged)
    )


async def judged_call(cast: Cast) -> Call:
    """Give a call whose submission the judge has before them, under its code."""
    call = await busy_call(cast, SHORT_SECONDS)
    await say.until(
        cast.client,
        "delivery",
        call.engaged.challenge_path,
        lambda body: body["state"] == "judging",
        "submissions to close",
        seconds_max=CLOSED_SECONDS_MAX,
    )
    (link,) = await calls.assigned(cast.judge.vendor, call.engaged)
    return Call(call.engaged, cast, {**call.ids, "code": link.rpartition("/")[2]})


async def awarded_call(cast: Cast) -> Call:
    """Give a call that has its winner."""
    call = await judged_call(cast)
    (link,) = await calls.assigned(cast.judge.vendor, call.engaged)
    await calls.score(cast.judge.vendor, link)
    await say.until_state(cast.client, "delivery", call.engaged.challenge_path, "awarded")
    return call


def _items() -> list[Json]:
    return [{"label": "Target 1", "values": {"why": IN_ITEMS}}]


def _ids(engaged: say.Engaged, dataset: Json) -> dict[str, str]:
    return {
        "challenge_id": str(engaged.challenge_id),
        "dataset_id": str(dataset["dataset_id"]),
        "number": "1",
    }


def _panel_path(engaged: say.Engaged) -> str:
    return f"/v1/panels/{uuid5(engaged.challenge_id, 'panel')}"


async def _of_matching(engaged: say.Engaged) -> dict[str, str]:
    """Name what matching has made of the call: its panel, and the invitation of an expert."""
    operator, challenge = engaged.client.world.actor("operator"), str(engaged.challenge_id)
    page = await operator.get("matching", "/v1/invitations?limit=200")
    sent = [row for row in say.rows(page.body["items"]) if row["challenge_id"] == challenge]
    return {"panel_id": _panel_path(engaged).rpartition("/")[2], "invitation_id": str(sent[0]["id"])}
