"""One running system for all journeys: started once, spoken to over HTTP and Kafka only."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from kpo_cli.stack.options import Roles, SystemOptions
from kpo_cli.stack.servers import Servers
from kpo_cli.stack.system import System
from kpo_cli.story import assignment, checks
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, World
from kpo_cli.story.assignment import Tale
from kpo_cli.story.patience import pauses
from kpo_cli.story.spans import Spans, receiving_spans
from kpo_cli.story.watch import Watch, watching
from kpo_events.catalogue import TOPICS
from tests.providers import provided

from .call_scene import Calls, a_cast, all_calls
from .strangers import with_every_scope

COUNTRIES = (
    "AD", "AG", "AL", "AM", "AO", "AW", "AZ", "BA", "BB", "BD", "BF", "BH", "BI", "BJ", "BM", "BN",
    "BO", "BS", "BT", "BW", "BY", "BZ", "CD", "CF", "CG", "CI", "CK", "CM", "CR", "CU", "CV", "DJ",
    "DM", "DO", "DZ", "EC", "EG", "ER", "ET", "FJ", "FM", "GA", "GD", "GE", "GH", "GM", "GN", "GQ",
    "GT", "GW", "GY", "HN", "HT", "ID", "IL", "IQ", "IR", "IS", "JM", "JO", "KE", "KG", "KH", "KI",
    "KM", "KN", "KP", "KW", "KZ", "LA", "LB", "LC",
)  # fmt: skip
"""Small jurisdictions, one for each test: its experts are found by no other test."""

IMPATIENT = {"KPO_GIVE_UP_AFTER_SECONDS": "3", "KPO_JUDGING_GIVEN_UP_AFTER_SECONDS": "6"}
"""How long the platform waits for late vendors and late panels: days elsewhere, seconds here."""


@pytest.fixture(scope="package")
def spans() -> Iterator[Spans]:
    """Receive what the services tell about their traces."""
    with receiving_spans() as received:
        yield received


@pytest.fixture(scope="package")
async def fresh_servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Servers]:
    """Give servers of its own to the system: its journeys account for every event that there is."""
    with provided(tmp_path_factory.mktemp("servers")) as servers:
        used = await topics(servers.kafka_bootstrap) & set(TOPICS)
        if used:
            pytest.fail(
                f"other tests used these servers, name fresh ones: they hold {', '.join(sorted(used))}"
            )
        yield servers


@pytest.fixture(scope="package")
def system(
    tmp_path_factory: pytest.TempPathFactory, spans: Spans, fresh_servers: Servers
) -> Iterator[System]:
    """Run the four services, api and worker of each as processes of their own."""
    options = SystemOptions(roles=Roles.APART, otlp_endpoint=spans.endpoint, knobs=IMPATIENT)
    with System.start(tmp_path_factory.mktemp("system"), options, servers=fresh_servers) as running:
        yield running


@pytest.fixture(scope="package")
async def world(system: System) -> AsyncIterator[World]:
    """Give access to the apis."""
    opened = World(system.endpoints.services, system.issuer)
    yield opened
    await opened.close()


@pytest.fixture(scope="package")
async def workers(system: System) -> AsyncIterator[Actor]:
    """Give an operator at the workers' doors."""
    opened = World(system.endpoints.workers, system.issuer)
    yield opened.actor("operator")
    await opened.close()


@pytest.fixture(scope="package")
async def watch(system: System) -> AsyncIterator[Watch]:
    """Watch every event of every service from the beginning."""
    async with watching(system.endpoints.kafka_bootstrap) as watching_all:
        yield watching_all


@pytest.fixture(scope="package")
def operator(world: World) -> Actor:
    return world.actor("operator")


@pytest.fixture(scope="package")
def a_country() -> Callable[[], str]:
    """Give a jurisdiction that no other test uses."""
    left = list(COUNTRIES)
    return left.pop


@pytest.fixture(scope="package")
async def tale(world: World, operator: Actor, a_country: Callable[[], str]) -> Tale:
    """Tell the whole story once; tests look at what it left."""
    country = a_country()
    await say.register_team(world, operator, country, 3)
    skill: Json = {"skill": say.CLINICAL_SCIENCE, "level": 3}
    return await assignment.tell(world, lambda _: None, required_skills=[skill], jurisdictions=[country])


@pytest.fixture(scope="package")
async def strangers(world: World, operator: Actor, a_country: Callable[[], str]) -> list[Actor]:
    """Give another client, another vendor, and a tenant whose token holds every scope but the operator's."""
    client = await say.register_client(world, operator, "Stranger B.V.")
    (member,) = await say.register_team(world, operator, a_country(), 1)
    return [client, member.vendor, with_every_scope(world)]


@pytest.fixture(scope="package")
async def calls_begun(
    world: World, workers: Actor, a_country: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[asyncio.Task[Calls]]:
    """Begin to make calls: two of them wait for their deadline, and other stories may be told meanwhile."""
    cast = await a_cast(world, world.actor("operator"), a_country(), tmp_path_factory.mktemp("calls"))
    await at_rest(workers)
    making = asyncio.create_task(all_calls(cast))
    yield making
    making.cancel()
    with suppress(asyncio.CancelledError):
        await making


@pytest.fixture(scope="package")
async def open_calls(calls_begun: asyncio.Task[Calls]) -> Calls:
    """Wait for the calls; tests look at what strangers, and those who take part, may see of them."""
    return await calls_begun


async def topics(bootstrap: str) -> set[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    try:
        await admin.start()
        return set(await admin.list_topics())
    finally:
        await admin.close()


async def at_rest(workers: Actor) -> None:
    """Wait until all that was announced has been consumed by everybody."""
    pause = pauses()
    async with asyncio.timeout(say.WAIT_SECONDS_MAX):
        while not await checks.is_at_rest(workers):  # noqa: ASYNC110 - another process sends no event.
            await asyncio.sleep(next(pause))
