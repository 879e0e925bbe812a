"""A database is put back to an older copy: its service consumes the rest again, and others notice nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from bson.raw_bson import RawBSONDocument
from pydantic import JsonValue
from pymongo import MongoClient

from kpo_cli.stack.options import Roles, SystemOptions
from kpo_cli.stack.system import System
from kpo_cli.story import assignment, checks
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, World
from kpo_cli.story.assignment import Tale
from kpo_cli.story.watch import Watch, watching

from .conftest import at_rest
from .test_duplicates import read_all

pytestmark = [pytest.mark.real, pytest.mark.trial, pytest.mark.timeout(900)]

COUNTRY = "NL"
CONSUMERS = ("billing", "delivery", "matching")
"""Who had nothing but events from the submission to the shortlist: what people said there is not lost."""

SHORTLISTED = "experts fit"
TWICE = 2


Backup = Mapping[str, Sequence[RawBSONDocument]]


@dataclass(frozen=True)
class Backups:
    """Copies of services' databases, made and put back while their processes stand still."""

    system: System
    client: MongoClient[RawBSONDocument]

    def make(self, service: str) -> Backup:
        database = self.client[f"kpo_{service}"]
        with self._stopped(service):
            return {name: list(database[name].find()) for name in database.list_collection_names()}

    def put_back(self, service: str, backup: Backup) -> None:
        database = self.client[f"kpo_{service}"]
        with self._stopped(service):
            for name in database.list_collection_names():
                database[name].delete_many({})
                if rows := backup.get(name):
                    database[name].insert_many(rows)

    @contextmanager
    def _stopped(self, service: str) -> Iterator[None]:
        processes = self.system.services[service]
        for process in processes:
            process.stop()
        yield
        for process in processes:
            process.start()


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Run a system of its own: a database that is put back has forgotten what other tests asked for."""
    with System.start(tmp_path_factory.mktemp("restore"), SystemOptions(roles=Roles.APART)) as running:
        yield running


@pytest.fixture(scope="module")
async def watch(system: System) -> AsyncIterator[Watch]:
    async with watching(system.endpoints.kafka_bootstrap) as watching_all:
        yield watching_all


@pytest.fixture(scope="module")
async def world(system: System) -> AsyncIterator[World]:
    """Give people who ask again while a service stands still."""
    opened = World(system.endpoints.services, system.issuer, patience_seconds=60.0)
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
async def workers(system: System) -> AsyncIterator[Actor]:
    opened = World(system.endpoints.workers, system.issuer)
    yield opened.actor("operator")
    await opened.close()


@pytest.fixture(scope="module")
def backups(system: System) -> Iterator[Backups]:
    with MongoClient[RawBSONDocument](
        system.servers.mongo_admin_url, document_class=RawBSONDocument
    ) as client:
        yield Backups(system, client)


@dataclass
class Forgetting:
    """Puts services back to before an engagement as soon as its shortlist is there; its people go on."""

    backups: Backups
    before: Mapping[str, Backup]
    submitted: Backup = field(default_factory=dict)

    def act(self, sentence: str) -> None:
        if SHORTLISTED in sentence:
            self.submitted = self.backups.make("intake")
            for service, backup in self.before.items():
                self.backups.put_back(service, backup)


@pytest.fixture(scope="module")
async def forgetting(world: World, workers: Actor, backups: Backups) -> Forgetting:
    await say.register_team(world, world.actor("operator"), COUNTRY, 3)
    await at_rest(workers)
    return Forgetting(backups, {service: backups.make(service) for service in CONSUMERS})


@pytest.fixture(scope="module")
async def tale(world: World, workers: Actor, forgetting: Forgetting, watch: Watch) -> Tale:
    """Tell a whole story in which three services forget how it began, to somebody who watches from there."""
    assert not watch.events, "who begins to watch later has not seen the beginning"
    skill: Json = {"skill": say.CLINICAL_SCIENCE, "level": 3}
    told = await assignment.tell(world, forgetting.act, required_skills=[skill], jurisdictions=[COUNTRY])
    await at_rest(workers)
    return told


async def test_an_engagement_that_three_services_had_forgotten_comes_to_its_end(
    tale: Tale, watch: Watch, workers: Actor
) -> None:
    escrow = await tale.client.get("billing", tale.engaged.escrow_path)
    await watch.to_the_end()

    told = {name: escrow.body[name] for name in ("funded", "released", "fees", "refunded")}
    assert told == {
        "funded": say.money("48000.00"),
        "released": say.money("43200.00"),
        "fees": say.money("4800.00"),
        "refunded": say.money("0.00"),
    }
    held = [checks.gap_free(watch), checks.money_is_conserved(watch), *await checks.nothing_left(workers)]
    assert [check.seen for check in held if not check.held] == []


async def test_what_is_announced_again_has_the_number_that_it_had(tale: Tale, system: System) -> None:
    escrow = tale.engaged.escrow_path.rpartition("/")[2]
    numbers: list[int | None] = []

    async with asyncio.timeout(say.WAIT_SECONDS_MAX):
        while len(numbers) < TWICE:
            announced = [record for record in await read_all(system) if record.key == escrow]
            numbers = [each.seq for each in announced if each.type == "billing.escrow.opened.v1"]

    assert numbers == [1, 1]


async def test_a_service_that_forgot_all_but_the_beginning_knows_the_rest_again(
    tale: Tale, forgetting: Forgetting, backups: Backups, workers: Actor
) -> None:
    before = await known_of(tale)

    backups.put_back("intake", forgetting.submitted)
    await at_rest(workers)

    assert before == await known_of(tale)


async def known_of(tale: Tale) -> set[tuple[JsonValue, ...]]:
    """Give every step of an engagement that intake knows; the last is its own, and is taken anew."""
    closed = await say.until_closed(tale.engaged, "completed")
    timeline = await tale.client.get("intake", f"{tale.engaged.path}/timeline?limit=200")
    steps = say.rows(timeline.body["items"])
    told = {(step["service"], step["type"], step["subject"], step["number"]) for step in steps}
    return told | {("intake", closed.body["outcome"])}
