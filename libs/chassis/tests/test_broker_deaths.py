"""The engine on a cluster of three brokers, of which one after the other dies: what was announced stays."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from kpo_cli.stack.kafka_cluster import KafkaCluster
from kpo_cli.stack.members import MEMBERS
from kpo_cli.stack.servers import Servers

from .bench import Bench, a_bench
from .sample import blueprint
from .test_engine_crashes import assert_exact, send_backlog, until_in_the_middle

pytestmark = [pytest.mark.real, pytest.mark.trial, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    with KafkaCluster.start(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture
async def bench(servers: Servers, cluster: KafkaCluster) -> AsyncIterator[Bench]:
    described = replace(blueprint(), name=f"sample_{uuid4().hex[:8]}")
    ours = Servers(cluster.bootstrap, servers.mongo_admin_url)
    async with a_bench(ours, described, replicas=MEMBERS) as made:
        yield made


async def test_brokers_that_die_one_after_the_other_lose_no_event_and_double_none(
    bench: Bench, cluster: KafkaCluster
) -> None:
    clients = await send_backlog(bench)

    async with bench.worker() as machinery:
        await until_in_the_middle(bench)
        for broker in cluster.brokers:
            broker.kill()
            await asyncio.to_thread(broker.start)
        await assert_exact(bench, clients)

        assert not machinery.failed.done()


async def test_two_of_three_brokers_go_on_without_the_third(bench: Bench, cluster: KafkaCluster) -> None:
    clients = await send_backlog(bench)
    third = cluster.brokers[-1]

    async with bench.worker() as machinery:
        await until_in_the_middle(bench)
        third.kill()
        await assert_exact(bench, clients)

        assert not machinery.failed.done()
    await asyncio.to_thread(third.start)
