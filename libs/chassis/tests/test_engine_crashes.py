"""The engine while its servers and its own processes are killed: nothing lost, nothing twice, no gap."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from uuid import UUID, uuid4

import pytest

from kpo_chassis.kernel import Caller, Command, OverloadedError, PersonId, TenantId, TransientError
from kpo_chassis.machinery import Machinery
from kpo_chassis.store import OUTBOX, PARKED, POSITIONS
from kpo_cli.stack.server import Server
from kpo_cli.stack.servers import Servers

from .bench import Bench, a_bench, a_record
from .doomed_worker import EXIT_CODE, POINTS
from .sample import add, blueprint, counter_of

pytestmark = [pytest.mark.real, pytest.mark.trial]

ROOT = Path(__file__).parents[3]
CLIENTS = 100
NUMBERS = 40
EVENTS = CLIENTS * NUMBERS
SOME = EVENTS // 10
RECOVERY_SECONDS_MAX = 120.0
DEATH_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 20.0
COMMAND_TRIES_MAX = 50
COMMANDS = 60


@pytest.fixture
async def bench(servers: Servers) -> AsyncIterator[Bench]:
    """Give every test a group of its own: a killed member keeps its group waiting until its session ends."""
    described = replace(blueprint(), name=f"sample_{uuid4().hex[:8]}")
    async with a_bench(servers, described) as made:
        yield made


async def send_backlog(bench: Bench) -> list[UUID]:
    clients = [uuid4() for _ in range(CLIENTS)]
    for number in range(1, NUMBERS + 1):
        await bench.producer.send([a_record(client, number) for client in clients])
    return clients


async def until_in_the_middle(bench: Bench) -> None:
    """Wait until a backlog is well under way, and not yet done."""
    deadline = monotonic() + RECOVERY_SECONDS_MAX
    while (done := await bench.count("notes")) < SOME:
        assert monotonic() < deadline, "the backlog does not move"
    assert done < EVENTS, "the backlog is too small to be caught in the middle"


async def assert_exact(bench: Bench, clients: Sequence[UUID], *, each: int = NUMBERS) -> None:
    """Wait for the end, then count: states, notes and announcements all say the same."""
    await bench.until("notes", len(clients) * NUMBERS, seconds_max=RECOVERY_SECONDS_MAX)
    await bench.until(OUTBOX, 0, seconds_max=RECOVERY_SECONDS_MAX)
    counters = {row["_id"]: row for row in await bench.rows("counters")}
    assert {key: row["seq"] for key, row in counters.items()} == {counter_of(c): each for c in clients}
    assert await bench.rows(PARKED) == []
    announced = await bench.announced()
    assert {key: as_consumed(numbers) for key, numbers in announced.items()} == {
        str(counter_of(client)): each for client in clients
    }


def as_consumed(numbers: Sequence[int]) -> int:
    """Read a stream as a consumer does, who drops what it knows and must never meet a gap."""
    last = 0
    for number in numbers:
        assert number <= last + 1, f"{number} came after {last}: {numbers}"
        last = max(last, number)
    return last


def local(servers: Servers) -> tuple[Server, Server]:
    """Give broker and database as processes that may be killed."""
    if servers.local is None:
        pytest.skip("only servers of our own may be killed")
    return servers.local.kafka, servers.local.mongo


async def kill_and_start(server: Server, seconds_down: float = 1.0) -> None:
    server.kill()
    await asyncio.sleep(seconds_down)
    await asyncio.to_thread(server.start)


async def test_a_killed_broker_loses_no_event_and_doubles_none(bench: Bench, servers: Servers) -> None:
    broker, _ = local(servers)
    clients = await send_backlog(bench)

    async with bench.worker() as machinery:
        await until_in_the_middle(bench)
        await kill_and_start(broker)
        await assert_exact(bench, clients)

        assert not machinery.failed.done()


async def test_a_killed_database_loses_no_event_and_doubles_none(bench: Bench, servers: Servers) -> None:
    _, database = local(servers)
    clients = await send_backlog(bench)

    async with bench.worker() as machinery:
        await until_in_the_middle(bench)
        await kill_and_start(database)
        await assert_exact(bench, clients)

        assert not machinery.failed.done()


async def test_a_worker_stops_soon_while_the_broker_is_away(bench: Bench, servers: Servers) -> None:
    broker, _ = local(servers)
    clients = await send_backlog(bench)

    async with bench.worker():
        await until_in_the_middle(bench)
        broker.kill()
        stopping = monotonic()
    stopped = monotonic()
    await asyncio.to_thread(broker.start)

    assert stopped - stopping < STOP_SECONDS_MAX
    async with bench.worker():
        await assert_exact(bench, clients)


@asynccontextmanager
async def a_doomed_worker(bench: Bench, point: str, times: int) -> AsyncIterator[asyncio.subprocess.Process]:
    arguments = (
        bench.blueprint.name,
        bench.servers.mongo_admin_url,
        bench.name,
        bench.servers.kafka_bootstrap,
        point,
        str(times),
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "libs.chassis.tests.doomed_worker", *arguments, cwd=ROOT
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize("point", POINTS)
async def test_a_worker_that_dies_leaves_everything_to_the_next(bench: Bench, point: str) -> None:
    clients = await send_backlog(bench)
    async with a_doomed_worker(bench, point, times=2) as doomed:
        code = await asyncio.wait_for(doomed.wait(), DEATH_SECONDS_MAX)
    assert code == EXIT_CODE, "it did not die where it was told to"

    async with bench.worker():
        await assert_exact(bench, clients)

    assert await bench.count("notes") == EVENTS


async def test_workers_that_die_again_and_again_lose_nothing(bench: Bench) -> None:
    clients = await send_backlog(bench)
    for point in ("after commit", "after sending"):
        async with a_doomed_worker(bench, point, times=1) as doomed:
            await asyncio.wait_for(doomed.wait(), DEATH_SECONDS_MAX)

    async with bench.worker():
        await assert_exact(bench, clients)


async def test_two_workers_compete_and_one_leaves(bench: Bench) -> None:
    clients = await send_backlog(bench)

    async with bench.worker():
        async with bench.worker():
            await until_in_the_middle(bench)
        await assert_exact(bench, clients)

    epochs = [row["epoch"] for row in await bench.rows(POSITIONS)]
    assert max(int(str(epoch)) for epoch in epochs) > 2, "nobody took anything over"


async def test_commands_and_events_on_the_same_counters_add_up(bench: Bench) -> None:
    clients = [uuid4() for _ in range(CLIENTS)]
    await bench.producer.send([a_record(client, 1) for client in clients])
    async with bench.worker() as one, bench.worker() as other:
        await bench.until("counters", CLIENTS)
        commands = asyncio.gather(
            *(add_once(machinery, clients[n % 2]) for n in range(COMMANDS) for machinery in (one, other))
        )
        for number in range(2, NUMBERS + 1):
            await bench.producer.send([a_record(client, number) for client in clients])
        await commands
        await bench.until("notes", EVENTS, seconds_max=RECOVERY_SECONDS_MAX)
        await bench.until(OUTBOX, 0, seconds_max=RECOVERY_SECONDS_MAX)

    hot = {counter_of(client) for client in clients[:2]}
    expected = {counter_of(c): NUMBERS + (COMMANDS if counter_of(c) in hot else 0) for c in clients}
    rows = await bench.rows("counters")
    assert {row["_id"]: row["seq"] for row in rows} == expected
    announced = {key: as_consumed(numbers) for key, numbers in (await bench.announced()).items()}
    assert announced == {str(key): total for key, total in expected.items()}


async def add_once(machinery: Machinery, client: UUID) -> None:
    """Send a command until it is answered, always with the same key: it must count once."""
    caller = Caller(PersonId(uuid4()), TenantId(client), frozenset())
    cause = Command(caller, key=uuid4().hex, fingerprint="f")
    for _ in range(COMMAND_TRIES_MAX):
        try:
            await add(counter_of(client), 1, cause, changes=machinery.committer)
        except (TransientError, OverloadedError):
            await asyncio.sleep(0.1)
        else:
            return
    raise AssertionError("the command was never answered")
