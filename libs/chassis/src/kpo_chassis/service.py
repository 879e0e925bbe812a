"""Runs one service: reads its environment, opens its servers, carries its roles, closes in reverse order."""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import version
from typing import TypeVar

import uvicorn
import uvloop

from kpo_chassis.announcement import parked_topic
from kpo_chassis.auth import Verifier
from kpo_chassis.committer import SystemClock
from kpo_chassis.cursors import Cursors
from kpo_chassis.doors import Blueprint
from kpo_chassis.edge import Edge
from kpo_chassis.garbage import calm_collector
from kpo_chassis.http import create_app
from kpo_chassis.kafka import KafkaBroker, KafkaSecurity
from kpo_chassis.keys import keys_at
from kpo_chassis.logs import configure_logs
from kpo_chassis.machinery import Machinery, Ports
from kpo_chassis.mongo import Collection, GridBlobs, MongoDatabase, Preparation, connect, prepare
from kpo_chassis.operations import operations_router
from kpo_chassis.requests import REQUEST_DAYS_KEPT
from kpo_chassis.settings import Settings, SettingsError
from kpo_chassis.telemetry import start_telemetry
from kpo_events.catalogue import TOPICS

log = logging.getLogger("kpo.service")

ROLES = frozenset({"api", "worker", "init"})
PARTITIONS = 12
"""How many partitions a topic gets, for life: growing it would move keys."""

DRAIN_SECONDS_MAX = 10
KEEP_ALIVE_SECONDS = 75
"""Longer than clients and proxies keep an idle connection, so that none is closed under a request."""

T = TypeVar("T", bound=Settings)


def main(settings: type[T], blueprint: Callable[[T], Blueprint]) -> None:
    """Run what the command line names: `api`, `worker`, `api worker` or `init`."""
    roles = frozenset(sys.argv[1:])
    if not roles or not roles <= ROLES or ("init" in roles and len(roles) > 1):
        sys.exit("Say which roles to run: api, worker, api worker, or init alone.")
    try:
        loaded = settings.load()
    except SettingsError as error:
        sys.exit(str(error))
    described = blueprint(loaded)
    configure_logs(described.name, loaded.log_level)
    work = initialise(loaded, described) if "init" in roles else serve(loaded, described, roles)
    uvloop.run(work)


async def initialise(settings: Settings, blueprint: Blueprint) -> None:
    """Make all that the service needs in MongoDB and Kafka; doing it again changes nothing."""
    if settings.mongo_admin_url is None:
        sys.exit("Set KPO_MONGO_ADMIN_URL: init makes collections, roles and users.")
    client = connect(settings.mongo_admin_url)
    try:
        await prepare(client, preparation_of(settings.mongo_database, blueprint), settings.mongo_url)
    finally:
        client.close()
    broker = _broker(settings, f"kpo-{blueprint.name}-init")
    await broker.create_topics([*TOPICS, parked_topic(blueprint.name)], PARTITIONS, settings.topic_replicas)
    log.info("initialised", extra={"service": blueprint.name})


def _broker(settings: Settings, client_id: str) -> KafkaBroker:
    security = KafkaSecurity(
        protocol=settings.kafka_security_protocol,
        mechanism=settings.kafka_sasl_mechanism,
        user=settings.kafka_user,
        password=settings.kafka_password,
        ca_file=settings.kafka_ca_file,
    )
    return KafkaBroker(settings.kafka_bootstrap, client_id, security)


def preparation_of(database: str, blueprint: Blueprint) -> Preparation:
    """List the collections that a blueprint's documents and entries live in."""
    aggregates = (
        Collection(
            name=documents.collection,
            indexes=(
                (("parties", 1), ("created_at", -1), ("_id", -1)),
                (("created_at", -1), ("_id", -1)),
                (("tasks.tenant", 1),),
                (("due_at", 1),),
                *documents.indexes,
            ),
            validator=documents.validator,
        )
        for documents in blueprint.documents
    )
    entries = (
        Collection(
            name=entries.collection,
            indexes=entries.indexes,
            validator=entries.validator,
            append_only=entries.append_only,
        )
        for entries in blueprint.entries
    )
    return Preparation(
        database=database, collections=(*aggregates, *entries), request_days_kept=REQUEST_DAYS_KEPT
    )


async def serve(settings: Settings, blueprint: Blueprint, roles: frozenset[str]) -> None:
    """Carry api, worker or both until a signal asks to stop; what is under way is finished first."""
    stop = asyncio.Event()
    for number in (
        signal.SIGTERM,
        signal.SIGINT,
    ):  # First of all: a process may be told to stop while it starts.
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    name = f"kpo-{blueprint.name}"
    telemetry = start_telemetry(
        name, version("kpo-chassis"), endpoint=settings.otlp_endpoint, traced_share=settings.traced_share
    )
    try:
        async with _machinery(settings, blueprint) as machinery:
            calm_collector()
            server = _Server(_uvicorn(settings, machinery, roles))
            async with machinery.running(worker="worker" in roles):
                await _until_stopped(server, machinery, stop)
    finally:
        await asyncio.to_thread(telemetry.close)
    log.info("stopped", extra={"service": blueprint.name})


@asynccontextmanager
async def _machinery(settings: Settings, blueprint: Blueprint) -> AsyncIterator[Machinery]:
    client, clock = connect(settings.mongo_url), SystemClock()
    try:
        ports = Ports(
            database=await MongoDatabase.open(client, settings.mongo_database),
            broker=_broker(settings, f"kpo-{blueprint.name}"),
            blobs=GridBlobs(client, settings.mongo_database, clock.now),
            clock=clock,
        )
        yield Machinery(blueprint, ports)
    finally:
        client.close()


def _uvicorn(settings: Settings, machinery: Machinery, roles: frozenset[str]) -> uvicorn.Config:
    blueprint = machinery.blueprint
    edge = Edge(
        name=blueprint.name,
        description=blueprint.description,
        version=version("kpo-chassis"),
        verifier=Verifier(keys_at(settings.auth_jwks), settings.auth_issuer, settings.auth_audience),
        cursors=Cursors(settings.cursor_key.encode()),
        listings=machinery.reads if "api" in roles else None,
        checks=machinery.checks,
        under_way=machinery.committer.under_way,
        request_timeout_seconds=settings.request_timeout_seconds,
    )
    routers = [machinery.doors.router] if "api" in roles else []
    if "worker" in roles:
        routers.append(operations_router(machinery.operations, machinery.parked_desk))
    return uvicorn.Config(
        create_app(edge, routers),
        host=settings.http_host,
        port=settings.http_port,
        log_config=None,
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS_MAX,
    )


class _Server(uvicorn.Server):
    """A server that leaves signals to its process, which has more to close than HTTP."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _until_stopped(server: _Server, machinery: Machinery, stop: asyncio.Event) -> None:
    """Serve until the process is told to stop, or until a loop of the engine fails for good."""
    serving = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((serving, stopping, machinery.failed), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    server.should_exit = True
    await serving
    if machinery.failed.done():
        await machinery.failed
