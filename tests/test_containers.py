"""The same servers in containers: a store and a broker that work as the local processes do."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

import docker
import pytest

from kpo_chassis.kafka import KafkaBroker
from kpo_chassis.mongo import MongoDatabase, connect
from tests import containers
from tests.tree import ROOT

pytestmark = pytest.mark.real

RUN = """
from tests import containers
with containers.contained():
    print("up", flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def engine() -> Iterator[docker.DockerClient]:
    containers.skip_without_engine()
    with closing(docker.from_env()) as client:
        yield client


async def test_containers_serve_transactions_and_topics() -> None:
    with containers.contained() as servers:
        await KafkaBroker(servers.kafka_bootstrap, "containers").create_topics(["intake.client"], 3, 1)
        client = connect(servers.mongo_admin_url)
        database = await MongoDatabase.open(client, f"containers_{uuid4().hex}")
        async with database.transaction() as tx:
            await tx.insert("rows", [{"_id": "a"}])

        assert await database.count("rows", {}, limit=2) == 1
        client.close()


def a_killed_run() -> int:
    """Start the servers in a process, end it as a power failure would, and give its number."""
    command = [sys.executable, "-c", RUN]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:  # noqa: S603  # Our own command.
        assert run.stdout is not None, "it is a pipe"
        assert run.stdout.readline() == b"up\n"
        run.kill()
    return run.pid


def test_what_a_killed_run_left_is_removed_by_the_next(engine: docker.DockerClient) -> None:
    of_the_run = {"label": f"{containers.OWNER}={containers.owner(a_killed_run())}"}
    left = engine.containers.list(filters=of_the_run)

    containers.sweep()

    assert len(left) == 2
    assert engine.containers.list(all=True, filters=of_the_run) == []
