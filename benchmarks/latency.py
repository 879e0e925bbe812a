"""Measures how soon a change in one service is visible in the next, at a steady load, on real servers.

Two services in a chain, a process each: the first consumes what is sent at a fixed pace and announces its own
event for each, the second consumes that. Measured from the first one's commit to the second one's commit.
"""

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import StringIO
from multiprocessing import get_context
from pathlib import Path
from statistics import quantiles
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import uvloop
from benchmarks import backlog, tally
from benchmarks.plan import Plan

from kpo_chassis.committer import SystemClock
from kpo_chassis.garbage import calm_collector
from kpo_chassis.kafka import KafkaBroker
from kpo_chassis.machinery import Machinery, Ports
from kpo_chassis.mongo import MongoDatabase, connect, prepare
from kpo_chassis.mongo.database import MongoTransaction
from kpo_chassis.service import preparation_of
from kpo_chassis.store import Document, Id
from kpo_chassis.testing.blobs import MemoryBlobs
from kpo_cli.stack.servers import LocalServers

PACE = 100
SECONDS = 60
WARM_SECONDS = 10
AGGREGATES = 1_000
PARTITIONS = 12
LATE_SECONDS = 5.0
PICTURE = Path(__file__).parents[1] / "docs" / "latency.svg"
SHOWN_MS_MAX = 120
TARGET_P50_MS, TARGET_P99_MS = 30, 100

Place = tuple[UUID, int]
"""An aggregate, and how many events it has taken: the same in both services, since the keys are the same."""

Times = dict[Place, float]


class Transaction(MongoTransaction):
    """Remembers which aggregates it has brought how far."""

    def __init__(self, database: Any, session: Any) -> None:
        super().__init__(database, session)
        self.places: list[Place] = []

    async def save(self, collection: str, documents: Sequence[Document], new: frozenset[Id]) -> None:
        if collection == tally.COLLECTION:
            for document in documents:
                state = document["state"]
                key = document["_id"]
                assert isinstance(state, dict)
                assert isinstance(key, UUID)
                self.places.append((key, state["count"]))
        await super().save(collection, documents, new)


class Database(MongoDatabase):
    """Notes when each commit was answered, on the machine's one monotonic clock."""

    times: Times

    @asynccontextmanager
    async def _transaction(self, session: Any) -> AsyncIterator[MongoTransaction]:
        async with super()._transaction(session):
            yield (transaction := Transaction(self._database, session))
        at = monotonic()
        for place in transaction.places:
            self.times.setdefault(place, at)


@dataclass(frozen=True)
class Role:
    """One of the two services."""

    name: str
    plan: Plan
    seconds: float
    is_first: bool


def _serve(role: Role) -> Times:
    return uvloop.run(_run(role))


async def _run(role: Role) -> Times:
    """Be a worker for a while, and give the times of all commits."""
    client = connect(role.plan.mongo_url)
    without_user = "mongodb://" + role.plan.mongo_url.rpartition("@")[2]
    blueprint = tally.blueprint(role.name) if role.is_first else tally.next_blueprint(role.name)
    await prepare(client, preparation_of(role.name, blueprint), without_user)
    database = await Database.open(client, role.name)
    database.times = {}
    ports = Ports(database, KafkaBroker(role.plan.kafka, role.name), MemoryBlobs(), SystemClock())
    machinery = Machinery(blueprint, ports)
    calm_collector()
    async with machinery.running(worker=True):
        await asyncio.sleep(role.seconds)
    client.close()
    return database.times


async def _send(plan: Plan, options: argparse.Namespace) -> None:
    """Send events at a fixed pace, whatever becomes of them."""
    producer = await KafkaBroker(plan.kafka, "latency").producer()
    numbers = dict.fromkeys([uuid4() for _ in range(AGGREGATES)], 0)
    keys = list(numbers)
    began = monotonic()
    for number in range(options.seconds * options.pace):
        await asyncio.sleep(max(0.0, began + number / options.pace - monotonic()))
        key = keys[number % AGGREGATES]
        numbers[key] += 1
        await producer.send([backlog.an_event(key, numbers[key])])
    await producer.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pace", type=int, default=PACE, help="events per second")
    parser.add_argument("--seconds", type=int, default=SECONDS)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="kpo-bench-") as folder,
        LocalServers.start(Path(folder)) as servers,
    ):
        plan = Plan(
            loop="latency",
            name="latency",
            events=options.pace * options.seconds,
            mongo_url=servers.mongo.admin_url,
            kafka=servers.kafka.bootstrap,
            mongod_pid=servers.mongo.pid,
            broker_pid=servers.kafka.pid,
        )
        delays = _measure(plan, options)
    _print(delays, options)


def _measure(plan: Plan, options: argparse.Namespace) -> list[float]:
    """Give all delays in milliseconds, without those of the first seconds."""
    topics = KafkaBroker(plan.kafka, "latency").create_topics([tally.SOURCE, tally.TARGET], PARTITIONS, 1)
    asyncio.run(topics)
    seconds = WARM_SECONDS + options.seconds + LATE_SECONDS
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found: list[Future[Times]] = [
            pool.submit(_serve, Role(f"latency_{number}", plan, seconds, is_first=number == 1))
            for number in (1, 2)
        ]
        asyncio.run(asyncio.sleep(WARM_SECONDS))
        asyncio.run(_send(plan, options))
        first, second = (each.result() for each in found)
    missing = first.keys() - second.keys()
    assert not missing, f"{len(missing)} of {len(first)} events never arrived"
    assert len(first) == plan.events, f"{len(first)} of {plan.events} events were taken"
    counted = sorted(first, key=lambda place: first[place])[options.pace * WARM_SECONDS :]
    return [1000 * (second[place] - first[place]) for place in counted]


def _print(delays: list[float], options: argparse.Namespace) -> None:
    cuts = quantiles(delays, n=100)
    print(
        f"{len(delays):,} events at {options.pace} a second, commit to visible in the next service:"
        f" p50 {cuts[49]:.0f} ms, p90 {cuts[89]:.0f} ms, p99 {cuts[98]:.0f} ms, longest {max(delays):.0f} ms"
        f" (target: p50 {TARGET_P50_MS}, p99 {TARGET_P99_MS})"
    )
    _draw(delays, options.pace, cuts)


def _draw(delays: list[float], pace: int, cuts: list[float]) -> None:
    """Draw the distribution for the documents."""
    from matplotlib import pyplot as plt  # noqa: PLC0415 - heavy, and nothing else here needs it.

    figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
    shown = [min(delay, SHOWN_MS_MAX) for delay in delays]
    axes.hist(shown, bins=range(0, SHOWN_MS_MAX + 2, 2), color="#4878a8")
    for name, cut in (("p50", cuts[49]), ("p99", cuts[98])):
        axes.axvline(min(cut, SHOWN_MS_MAX), color="#a83232", linewidth=1)
        axes.annotate(f" {name}: {cut:.0f} ms", (min(cut, SHOWN_MS_MAX), axes.get_ylim()[1] * 0.9))
    axes.set_xlabel(f"milliseconds from commit to visible in the next service, at {pace} events a second")
    axes.set_ylabel("events")
    drawn = StringIO()
    figure.savefig(drawn, format="svg")
    PICTURE.write_text("".join(f"{line.rstrip()}\n" for line in drawn.getvalue().splitlines()))
    print(f"drawn: {PICTURE}")


if __name__ == "__main__":
    main()
