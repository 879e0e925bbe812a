"""Whatever process, broker or database dies in mid-story: the story ends as if nothing had happened."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from kpo_cli.stack.server import Server
from kpo_cli.stack.servers import LocalServers
from kpo_cli.stack.system import System
from kpo_cli.story import assignment, checks
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, World
from kpo_cli.story.watch import Watch

from .conftest import at_rest

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]

PATIENCE_SECONDS = 60.0


@pytest.fixture
def local(system: System) -> LocalServers:
    """Give broker and database as processes that may be killed."""
    if system.servers.local is None:
        pytest.skip("only servers of our own may be killed")
    return system.servers.local


@pytest.fixture
async def patient_world(system: System) -> AsyncIterator[World]:
    """People who repeat a request with the same key until somebody answers."""
    world = World(system.endpoints.services, system.issuer, patience_seconds=PATIENCE_SECONDS)
    yield world
    await world.close()


class Killer:
    """Kills the next victim each time the story reaches a new act, and starts it again."""

    def __init__(self, victims: Iterator[Server]) -> None:
        self._victims = victims
        self._restarts: list[asyncio.Task[None]] = []

    def act(self, _: str) -> None:
        victim = next(self._victims, None)
        if victim is not None:
            victim.kill()
            self._restarts.append(asyncio.create_task(asyncio.to_thread(victim.start)))

    async def all_back(self) -> int:
        await asyncio.gather(*self._restarts)
        return len(self._restarts)


async def test_the_story_survives_the_death_of_every_kind_of_process(  # noqa: PLR0917 - fixtures.
    system: System,
    local: LocalServers,
    patient_world: World,
    operator: Actor,
    workers: Actor,
    watch: Watch,
    a_country: Callable[[], str],
) -> None:
    country = a_country()
    await say.register_team(patient_world, operator, country, 3)
    victims = [
        system.services["billing"][1],
        system.services["matching"][1],
        local.kafka,
        system.services["delivery"][0],
        local.mongo,
        system.services["intake"][1],
    ]
    killer = Killer(iter(victims))
    skill: Json = {"skill": say.CLINICAL_SCIENCE, "level": 3}

    tale = await assignment.tell(
        patient_world, killer.act, required_skills=[skill], jurisdictions=[country], offer_valid_for="PT40S"
    )
    killed = await killer.all_back()
    await at_rest(workers)
    await watch.to_the_end()

    escrow = await tale.client.get("billing", tale.engaged.escrow_path)
    told = {name: escrow.body[name] for name in ("funded", "released", "fees", "refunded")}
    assert killed == len(victims)
    assert told == {
        "funded": say.money("48000.00"),
        "released": say.money("43200.00"),
        "fees": say.money("4800.00"),
        "refunded": say.money("0.00"),
    }
    for check in (
        checks.gap_free(watch),
        checks.money_is_conserved(watch),
        await checks.ledger_is_zero(operator),
    ):
        assert check.held, f"{check.promise}: {check.seen}"
