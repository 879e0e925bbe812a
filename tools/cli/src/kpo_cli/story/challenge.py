"""The second main job, told in acts: an open call on a mine's data, from the purse to the paid winners."""

from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from itertools import zip_longest
from math import ceil
from pathlib import Path
from typing import Final

from kpo_cli.population import Expert
from kpo_cli.story import calls, evidence, judging
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Answer, Json, RefusedError, World
from kpo_cli.story.assignment import Narrate
from kpo_cli.story.calls import Pace, Prizes, RoundPrizes
from kpo_cli.story.crowd import all_at_once
from kpo_cli.story.evidence import Verdict
from kpo_cli.story.orebody import DataFile, write_all
from kpo_cli.story.transfers import download, part_of
from kpo_cli.story.vocabulary import Engaged

COUNTRIES: Final = 51
"""From how many countries people take part, at least."""

OTHERS: Final = 100
"""How many experts there are beside the entrants: judges, spare judges, and those who stay away."""

PRIZES: Final = Prizes(
    "575000.00",
    (
        RoundPrizes(picks=23, amounts=("10000.00",) * 23),
        RoundPrizes(picks=3, amounts=("150000.00", "75000.00", "45000.00")),
    ),
)
"""As the museum of the place tells of the historical call: 23 semi-finalists, then three finalists."""

SEATED: Final = 2
"""How many judges the company appoints by name; the bench fills the other seats."""

PURSE_PARTS: Final = ("500000.00", "75000.00")
RANGE_BYTES: Final = 64 * 1024
WHOLE: Final = 10
"""How many entrants download all of the data."""

AREA: Final[Json] = {"practice_areas": ["research_and_development"]}
STAY_AWAY: Final = 4
REPLACE: Final = 10
"""One entrant of so many never submits; one of so many submits again."""

LATE: Final = 3
REQUESTS_BESIDE: Final = 600
"""What a call needs beside its entrants takes as long as so many requests: whole downloads most of all."""

REQUESTS_PER_ENTRY: Final = 5
MARGIN: Final = 2
OPEN_SECONDS_MIN: Final = 12
"""However quick a machine is, some of what happens in a call waits for events, one after the other."""

CLOSING_SECONDS_MAX: Final = 60


@dataclass(frozen=True, slots=True)
class Stage:
    """Who is there, how many of them enter, where files lie, how fast people are heard, what can be won."""

    experts: tuple[Expert, ...]
    entries: int
    folder: Path
    requests_per_second: float
    prizes: Prizes = PRIZES

    @property
    def pace(self) -> Pace:
        """Leave the entrants as much time as so many of them need, and the panel more."""
        requests = REQUESTS_BESIDE + self.entries * REQUESTS_PER_ENTRY
        asking_seconds = requests * MARGIN / self.requests_per_second
        return Pace(max(OPEN_SECONDS_MIN, ceil(asking_seconds)), CLOSING_SECONDS_MAX + self.entries)


@dataclass(frozen=True, slots=True)
class Entrant:
    """Somebody who has entered."""

    actor: Actor
    entry: str
    number: int


@dataclass
class Saga:
    """What the story has made so far, for those who check it afterwards."""

    operator: Actor
    client: Actor
    engaged: Engaged
    verdicts: list[Verdict] = field(default_factory=list)

    @property
    def path(self) -> str:
        return self.engaged.challenge_path

    async def seen(self) -> Answer:
        return await self.client.get("delivery", self.path)


async def tell(world: World, narrate: Narrate, stage: Stage) -> Saga:
    """Tell the whole story; the experts of the stage are registered already."""
    operator = world.actor("operator")
    client = await say.register_client(
        world, operator, "Lac Rouge Gold Mines Ltd.", country="CA", currency="USD"
    )
    shut_out = await _register_shut_out(world, operator, client)
    data = write_all(stage.folder / "data")
    saga = await _file(client, operator, narrate, stage, data)
    await _fund(saga, narrate)
    bench = await _seat_judges(saga, narrate)
    entrants = await _enter(saga, narrate, _actors(world, stage, bench))
    await _refuse(saga, narrate, [*shut_out, judging.judge_of(world, bench[0])])
    await _download(saga, narrate, entrants, data)
    await _submit(saga, narrate, entrants)
    await _close(saga, narrate, stage, entrants)
    await judging.judge(saga.engaged, world, narrate, rounds=len(stage.prizes.rounds))
    await judging.pay(saga.engaged, operator, narrate, prizes=stage.prizes.count)
    await _verify(saga, entrants[1], world.actor("vendor"), narrate, stage.folder / "exports")
    await say.until_closed(saga.engaged, "awarded")
    narrate("The engagement is closed: awarded.")
    return saga


async def _register_shut_out(world: World, operator: Actor, client: Actor) -> list[Actor]:
    """Register two experts who may not enter: one lives in the wrong country, one works for the client."""
    abroad = await say.register_team(world, operator, calls.EXCLUDED, 1, **AREA)
    inside = await say.register_team(world, operator, "CA", 1, employers=[str(client.tenant)], **AREA)
    return [member.vendor for member in (*abroad, *inside)]


async def _file(
    client: Actor, operator: Actor, narrate: Narrate, stage: Stage, data: tuple[DataFile, ...]
) -> Saga:
    narrate(
        f"A Canadian mining company puts USD {stage.prizes.purse} on a question: where are the next six "
        "million ounces?"
    )
    datasets = [await calls.upload_dataset(client, file) for file in data]
    megabytes = sum(file.size for file in data) / 1_000_000
    narrate(f"It uploads drill holes, a block model and a report ({megabytes:.0f} MB), then files the call.")
    engaged = await say.submit(client, calls.a_call(stage.prizes, stage.pace, datasets))
    await say.until_state(client, "delivery", engaged.challenge_path, "planned")
    return Saga(operator, client, engaged)


async def _fund(saga: Saga, narrate: Narrate) -> None:
    await say.fund(saga.engaged, saga.operator, *PURSE_PARTS, currency="USD")
    opened = await say.until_state(saga.client, "delivery", saga.path, "open")
    narrate(f"Two bank lines fund the purse: the call is open until {opened.text('submissions_close_at')}.")


async def _seat_judges(saga: Saga, narrate: Narrate) -> list[Json]:
    """Appoint two judges of those proposed; give everybody who may come to judge."""
    proposed = await say.until(
        saga.client, "delivery", saga.path, lambda body: bool(calls.bench(body)), "judges to be proposed"
    )
    bench = calls.bench(proposed.body)
    for judge in bench[:SEATED]:
        await calls.appoint(saga.engaged, str(judge["person_id"]))
    narrate(f"Matching invites experts and proposes {len(bench)} judges; the company seats {SEATED} of them.")
    return bench


def _actors(world: World, stage: Stage, bench: Iterable[Json]) -> list[Actor]:
    """Choose who enters, and give them tokens; who may come to judge stays away."""
    judges = frozenset(str(judge["person_id"]) for judge in bench)
    people = from_everywhere(stage.experts, stage.entries, judges)
    return [world.actor("vendor", tenant=each.vendor_id, person=each.person_id) for each in people]


async def _enter(saga: Saga, narrate: Narrate, actors: list[Actor]) -> list[Entrant]:
    entries = await all_at_once(calls.enter(actor, saga.engaged) for actor in actors)
    narrate(f"{len(entries):,} experts accept the licence and enter.")
    return [Entrant(actor, entry, n) for n, (actor, entry) in enumerate(zip(actors, entries, strict=True))]


def from_everywhere(experts: Iterable[Expert], count: int, taken: frozenset[str]) -> list[Expert]:
    """Choose from each country in turn, so that few people already come from many."""
    by_country: dict[str, list[Expert]] = {}
    for expert in experts:
        if str(expert.person_id) not in taken:
            by_country.setdefault(expert.country, []).append(expert)
    in_turns = (expert for turn in zip_longest(*by_country.values()) for expert in turn if expert)
    return [expert for expert, _ in zip(in_turns, range(count), strict=False)]


async def _refuse(saga: Saga, narrate: Narrate, people: list[Actor]) -> None:
    """Let those enter who may not, and show what they are told."""
    refusals = [await _refused(calls.enter(person, saga.engaged)) for person in people]
    narrate("Not everybody may enter, and is told why:\n" + "\n".join(f"   {each}" for each in refusals))


async def _refused(asked: Awaitable[object]) -> str:
    """Expect a no, and give it in words."""
    try:
        await asked
    except RefusedError as refused:
        return f"{refused.status} {refused.problem['code']}: {refused.problem['detail']}"
    raise AssertionError("nobody refused")


async def _download(
    saga: Saga, narrate: Narrate, entrants: list[Entrant], data: tuple[DataFile, ...]
) -> None:
    """Let everybody fetch a part of the data, and some all of them; every byte must be the right one."""
    contents = await _contents(saga, data)
    largest, path = max(contents, key=lambda each: each[0].size)
    part = part_of(largest.path, first=RANGE_BYTES, size=RANGE_BYTES)
    got = await all_at_once(
        download(each.actor, path, first=RANGE_BYTES, size=RANGE_BYTES) for each in entrants
    )
    assert all(each == part for each in got), "a range has other bytes"
    whole = await all_at_once(download(each.actor, path) for each in entrants[:WHOLE] for _, path in contents)
    expected = [(file.size, file.sha256) for file, _ in contents] * WHOLE
    assert [(each.size, each.sha256) for each in whole] == expected, "a download has other bytes"
    log = await calls.downloads(saga.engaged)
    narrate(
        f"Each fetches 64 KiB of the block model, {WHOLE} fetch everything; the company's log has all "
        f"{len(log):,} downloads."
    )


async def _contents(saga: Saga, data: tuple[DataFile, ...]) -> list[tuple[DataFile, str]]:
    """Say where each of the files is downloaded."""
    offered = {str(each["sha256"]): each for each in say.rows((await saga.seen()).body["datasets"])}
    return [(file, f"{saga.path}/datasets/{offered[file.sha256]['dataset_id']}/content") for file in data]


async def _submit(saga: Saga, narrate: Narrate, entrants: list[Entrant]) -> None:
    submitting = [each for each in entrants if each.number % STAY_AWAY]
    await all_at_once(_hand_in(each, 1) for each in submitting)
    replacing = [each for each in submitting if not each.number % REPLACE]
    await all_at_once(_hand_in(each, 2) for each in replacing)
    narrate(
        f"{len(submitting):,} submit drill targets with a file, {len(replacing)} of them twice; each gets a "
        "signed receipt, and nobody can read what is sealed."
    )
    await _cannot_cancel(saga, narrate)


async def _hand_in(entrant: Entrant, version: int) -> Answer:
    targets = calls.drill_targets(entrant.actor.person, version)
    return await calls.submit(entrant.actor, entrant.entry, targets, calls.as_table(targets))


async def _cannot_cancel(saga: Saga, narrate: Narrate) -> None:
    wish = await say.cancel(saga.engaged, "The gold price fell.")
    assert wish.body["state"] == "cancelling", wish.body
    await say.until_state(saga.client, "intake", saga.engaged.path, "submitted")
    narrate("The company wishes to cancel. It is too late: people have submitted, and the call goes on.")


async def _close(saga: Saga, narrate: Narrate, stage: Stage, entrants: list[Entrant]) -> None:
    """Wait for the deadline, and let some come after it."""
    seconds_max = stage.pace.open_for + CLOSING_SECONDS_MAX
    closed = await say.until(
        saga.client,
        "delivery",
        saga.path,
        lambda body: body["state"] == "judging",
        "submissions to close",
        seconds_max=seconds_max,
    )
    late = [each for each in entrants if not each.number % STAY_AWAY][:LATE]
    targets: list[Json] = calls.drill_targets(late[0].actor.person, 1)
    refusals = [await _refused(calls.submit(each.actor, each.entry, targets, b"late\n")) for each in late]
    seats = len(calls.seated(closed.body))
    narrate(f"Submissions are closed. {LATE} come too late:\n   {refusals[0]}")
    narrate(f"{seats} judges sit on the panel; all they see of an entrant is a code.")


async def _verify(saga: Saga, entrant: Entrant, stranger: Actor, narrate: Narrate, folder: Path) -> None:
    """Let somebody who took no part check what was exported: true files pass, and a forged one does not."""
    rankings = await evidence.export_rankings(saga.engaged, stranger, folder)
    receipt = await evidence.export_receipt(entrant.actor, entrant.entry, stranger, folder)
    forged = evidence.forge(rankings[-1])
    saga.verdicts = [
        await evidence.verify("receipt", receipt.submission, "--keys", str(receipt.keys)),
        *[await evidence.verify("ranking", each) for each in (*rankings, forged)],
    ]
    told = "\n".join(f"   {each.file}: {each.told}" for each in saga.verdicts)
    narrate(f"A stranger checks a receipt, the rankings and a forged one by the command line:\n{told}")
