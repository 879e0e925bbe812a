"""Kafka and MongoDB in containers, for machines where a Docker engine answers."""

import os
import platform
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import docker
import psutil
import pytest
from docker.errors import DockerException
from pymongo import MongoClient
from pymongo.errors import PyMongoError
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

from kpo_cli.stack import ports
from kpo_cli.stack.servers import Servers

KAFKA_IMAGE = "apache/kafka:4.3.1"
MONGO_IMAGE = "mongo:6.0.26"
READY_SECONDS_MAX = 180.0
LOOK_SECONDS = 0.5
ENGINE_SECONDS_MAX = 2
ENGINE_SOCKET = Path("/var/run/docker.sock")
ADMIN = "kpo_admin"

OWNER = "kpo.tests.owner"
"""The label that says which process a container belongs to."""

testcontainers_config.ryuk_disabled = True
"""The reaper would be a third image, with the engine's socket in its hands; `sweep` does without."""


def skip_without_engine() -> None:
    """Skip the test, with the reason, where containers cannot be used."""
    if "DOCKER_HOST" not in os.environ and not ENGINE_SOCKET.exists():
        pytest.skip(f"no Docker engine answers: there is no {ENGINE_SOCKET}, and DOCKER_HOST is not set")
    try:
        docker.from_env(timeout=ENGINE_SECONDS_MAX).ping()
    except DockerException as error:
        pytest.skip(f"no Docker engine answers: {error}")


@contextmanager
def contained() -> Iterator[Servers]:
    """Run both servers in containers until the block is left; the engine must be this machine's."""
    sweep()
    kafka_port, password = ports.choose(()), secrets.token_hex(16)
    mongo_port = ports.choose((kafka_port,))
    with _mongo(mongo_port, password), _kafka(kafka_port):
        url = f"mongodb://{ADMIN}:{password}@127.0.0.1:{mongo_port}/?authSource=admin"
        _until(lambda: _initiate(f"{url}&directConnection=true", mongo_port))
        yield Servers(f"127.0.0.1:{kafka_port}", f"{url}&replicaSet=rs0")


def owner(pid: int) -> str:
    return f"{platform.node()}/{pid}"


def sweep() -> None:
    """Remove the containers of processes of this machine that ended without doing so themselves."""
    with closing(docker.from_env()) as engine:
        for container in engine.containers.list(all=True, filters={"label": OWNER}):
            machine, _, pid = container.labels[OWNER].rpartition("/")
            if machine == platform.node() and not psutil.pid_exists(int(pid)):
                container.remove(v=True, force=True)


def _kafka(port: int) -> DockerContainer:
    """Listen on the same port inside and outside, so that the advertised address is true in both places."""
    settings = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": f"PLAINTEXT://0.0.0.0:{port},CONTROLLER://localhost:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_HEAP_OPTS": "-Xmx512m",
    }
    # The engine takes connections to the port long before the broker does, so the port says nothing.
    started = LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(int(READY_SECONDS_MAX))
    return _container(KAFKA_IMAGE, port).with_envs(**settings).waiting_for(started)


def _mongo(port: int, password: str) -> DockerContainer:
    """Run a one-node replica set with authorization, which the image's own entry point cannot make alone."""
    start = (
        "openssl rand -base64 48 > /tmp/key && chmod 400 /tmp/key && chown mongodb /tmp/key && "
        f"exec docker-entrypoint.sh mongod --port {port} --bind_ip_all --replSet rs0 --keyFile /tmp/key "
        "--setParameter transactionLifetimeLimitSeconds=5"
    )
    container = _container(MONGO_IMAGE, port).with_command(["bash", "-c", start])
    return container.with_envs(MONGO_INITDB_ROOT_USERNAME=ADMIN, MONGO_INITDB_ROOT_PASSWORD=password)


def _container(image: str, port: int) -> DockerContainer:
    """Publish the port on this machine alone, and say whose container it is."""
    container = DockerContainer(image).with_kwargs(labels={OWNER: owner(os.getpid())})
    container.ports[f"{port}/tcp"] = ("127.0.0.1", port)  # type: ignore[assignment]  # Handed to the engine as it is.
    return container


def _initiate(url: str, port: int) -> bool:
    """Make the replica set if it is not there; say whether the server can be written to."""
    client: MongoClient[dict[str, object]] = MongoClient(url, serverSelectionTimeoutMS=1_000)
    try:
        if client.admin.command("hello").get("isWritablePrimary"):
            return True
        member = {"_id": 0, "host": f"127.0.0.1:{port}"}
        client.admin.command("replSetInitiate", {"_id": "rs0", "members": [member]})
    except PyMongoError:
        return False
    finally:
        client.close()
    return False


def _until(is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + READY_SECONDS_MAX
    while not is_ready():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the containers were not ready within {READY_SECONDS_MAX} s")
        time.sleep(LOOK_SECONDS)
