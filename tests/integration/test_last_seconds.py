"""A crowd submits in the last ten seconds while processes die: each is in, with a receipt, or too late."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from math import ceil

import pytest

from kpo_cli import population
from kpo_cli.stack.options import Roles, SystemOptions
from kpo_cli.stack.server import Server
from kpo_cli.stack.services import ServiceProcess
from kpo_cli.stack.system import System
from kpo_cli.story import calls, challenge, market, pages
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, RefusedError, World
from kpo_cli.story.calls import Pace
from kpo_cli.story.crowd import all_at_once
from kpo_cli.story.vocabulary import Engaged

pytestmark = [pytest.mark.real, pytest.mark.trial, pytest.mark.timeout(900)]

ENTRANTS = 1_400
LAST_SECONDS = 10.0
DEATHS_BEFORE_THE_END = (7.0, 4.0)
"""When one api and then the database are killed, in seconds before submissions close."""

SURELY_IN = 100
"""How many get in on any machine: those who submit before anything dies."""

PATIENCE_SECONDS = 120.0
REQUESTS_PER_ENTRANT, MARGIN, PREPARATION_SECONDS = 2, 3, 15
JUDGE_SECONDS = 3_600
CLOSED = {"submissions_closed", "challenge_state"}


@dataclass(frozen=True)
class Entrant:
    """Somebody who has entered, and the door that they go to."""

    actor: Actor
    entry: str


@dataclass(frozen=True)
class Rush:
    """What became of everybody's last-minute submission."""

    engaged: Engaged
    received: dict[str, Json]
    refused: dict[str, str]


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Run a system of its own: its crowd would be found by the matches of other tests."""
    folder = tmp_path_factory.mktemp("last-seconds")
    with System.start(folder, SystemOptions(roles=Roles.APART)) as running:
        yield running


@pytest.fixture(scope="module")
def twin(system: System) -> Iterator[ServiceProcess]:
    """Run a second process of delivery's api beside the first."""
    second = system.services["delivery"][0].twin(system.home.port("delivery-twin"))
    second.start()
    yield second
    second.stop()


@pytest.fixture(scope="module")
async def doors(system: System, twin: ServiceProcess) -> AsyncIterator[tuple[World, World]]:
    """Give people who repeat a request until somebody answers, some at each of the two doors."""
    urls = system.endpoints.services
    first = World(urls, system.issuer, patience_seconds=PATIENCE_SECONDS)
    second = World({**urls, "delivery": twin.url}, system.issuer, patience_seconds=PATIENCE_SECONDS)
    yield first, second
    await first.close()
    await second.close()


@pytest.fixture(scope="module")
async def rush(system: System, twin: ServiceProcess, doors: tuple[World, World]) -> Rush:
    """Let everybody enter in peace, and submit when it is nearly too late."""
    people = population.generate(experts=ENTRANTS + challenge.OTHERS)
    pace = (await market.settle(doors[0], people)).requests_per_second
    open_for = PREPARATION_SECONDS + ceil(ENTRANTS * REQUESTS_PER_ENTRANT * MARGIN / pace + LAST_SECONDS)
    engaged, closes_at = await an_open_challenge(doors[0], open_for)
    chosen = challenge.from_everywhere(people.experts, ENTRANTS, frozenset())
    actors = [
        door.actor("vendor", tenant=each.vendor_id, person=each.person_id)
        for door, each in zip(cycle(doors), chosen, strict=False)
    ]
    entries = await all_at_once(calls.enter(actor, engaged) for actor in actors)
    assert datetime.now(UTC) < closes_at, "the machine is too slow: the crowd was not in before the end"

    entrants = [Entrant(actor, entry) for actor, entry in zip(actors, entries, strict=True)]
    deaths = asyncio.create_task(kill(closes_at, (twin, _database(system))))
    outcomes = await asyncio.gather(
        *(submit(each, closes_at, place / ENTRANTS) for place, each in enumerate(entrants))
    )
    await deaths
    received = {entry: told for entry, told in outcomes if isinstance(told, dict)}
    return Rush(engaged, received, {entry: told for entry, told in outcomes if isinstance(told, str)})


def _database(system: System) -> Server:
    assert system.servers.local is not None, "this system runs its own servers"
    return system.servers.local.mongo


async def an_open_challenge(world: World, open_for: int) -> tuple[Engaged, datetime]:
    operator = world.actor("operator")
    client = await say.register_client(world, operator, country="CA", currency="USD")
    engaged = await say.submit(client, calls.a_call(challenge.PRIZES, Pace(open_for, JUDGE_SECONDS), []))
    await say.fund(engaged, operator, challenge.PRIZES.purse, currency="USD")
    opened = await say.until_state(client, "delivery", engaged.challenge_path, "open")
    return engaged, datetime.fromisoformat(opened.text("submissions_close_at"))


async def kill(closes_at: datetime, victims: Sequence[Server]) -> None:
    """Kill each victim at its moment, and start it again at once."""
    for victim, before in zip(victims, DEATHS_BEFORE_THE_END, strict=True):
        await asyncio.sleep((closes_at - datetime.now(UTC)).total_seconds() - before)
        victim.kill()
        await asyncio.to_thread(victim.start)


async def submit(entrant: Entrant, closes_at: datetime, share: float) -> tuple[str, Json | str]:
    """Submit at one's own moment of the last seconds; give the answer, or the code of the refusal."""
    left = (closes_at - datetime.now(UTC)).total_seconds()
    await asyncio.sleep(left - LAST_SECONDS * (1 - share))
    answer: Json = {"items": [*calls.drill_targets(entrant.actor.person, 1)]}
    try:
        told = await entrant.actor.post("delivery", f"/v1/entries/{entrant.entry}/submit", answer)
    except RefusedError as refused:
        return entrant.entry, str(refused.problem["code"])
    return entrant.entry, told.body


async def test_everybody_is_in_with_a_receipt_or_told_that_it_is_too_late(rush: Rush) -> None:
    receipts = [row["receipt"] for told in rush.received.values() for row in say.rows(told["submissions"])]

    assert len(rush.received) + len(rush.refused) == ENTRANTS
    assert set(rush.refused.values()) <= CLOSED
    assert len(receipts) == len(set(map(str, receipts))) == len(rush.received) > SURELY_IN


async def test_what_was_answered_is_what_is_stored_and_none_of_it_is_late(
    rush: Rush, doors: tuple[World, World]
) -> None:
    entries = await pages.all_items(doors[0].actor("operator"), "delivery", "/v1/entries")
    seen = await rush.engaged.client.get("delivery", rush.engaged.challenge_path)

    submitted = {str(each["id"]): say.rows(each["submissions"]) for each in entries if each["submissions"]}
    times = [str(row["submitted_at"]) for rows in submitted.values() for row in rows]
    assert len(entries) == ENTRANTS
    assert submitted.keys() == rush.received.keys()
    assert max(times) < seen.text("submissions_close_at")


async def test_all_of_them_and_no_others_are_judged(rush: Rush) -> None:
    judging = await say.until_state(rush.engaged.client, "delivery", rush.engaged.challenge_path, "judging")

    management = judging.body["management"]
    assert isinstance(management, dict)
    assert (management["entries"], management["submissions"]) == (ENTRANTS, len(rush.received))
