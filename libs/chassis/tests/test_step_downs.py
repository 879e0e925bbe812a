"""The engine on three mongods whose primary changes, by itself and by SIGKILL: what is committed stays."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from kpo_cli.stack.replica_set import ReplicaSet
from kpo_cli.stack.servers import Servers

from .bench import Bench, a_bench
from .sample import blueprint
from .test_engine_crashes import assert_exact, send_backlog, until_in_the_middle

pytestmark = [pytest.mark.real, pytest.mark.trial, pytest.mark.timeout(300)]

STEP_DOWNS = 3


@pytest.fixture(scope="module")
def replica_set(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    with ReplicaSet.start(tmp_path_factory.mktemp("replica-set")) as running:
        yield running


@pytest.fixture
async def bench(servers: Servers, replica_set: ReplicaSet) -> AsyncIterator[Bench]:
    described = replace(blueprint(), name=f"sample_{uuid4().hex[:8]}")
    async with a_bench(Servers(servers.kafka_bootstrap, replica_set.url), described) as made:
        yield made


async def test_primaries_that_step_down_lose_no_event_and_double_none(
    bench: Bench, replica_set: ReplicaSet
) -> None:
    clients = await send_backlog(bench)

    async with bench.worker() as machinery:
        await until_in_the_middle(bench)
        for _ in range(STEP_DOWNS):
            await asyncio.to_thread(replica_set.step_down)
        await assert_exact(bench, clients)

        assert not machinery.failed.done()


async def test_a_killed_primary_loses_no_event_and_doubles_none(
    bench: Bench, replica_set: ReplicaSet
) -> None:
    clients = await send_backlog(bench)
    primary = replica_set.primary()

    async with bench.worker() as machinery:
        await until_in_the_middle(bench)
        primary.kill()
        await assert_exact(bench, clients)

        assert not machinery.failed.done()
    primary.begin()
    await asyncio.to_thread(replica_set.wait_healthy)
