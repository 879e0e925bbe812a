"""Kafka and MongoDB in containers, for machines where a Docker engine answers."""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import docker
from docker.errors import DockerException
from pymongo import MongoClient
from pymongo.errors import PyMongoError
from testcontainers.core.container import DockerContainer

from kpo_cli.stack import ports

KAFKA_IMAGE = "apache/kafka:4.3.1"
MONGO_IMAGE = "mongo:6.0.26"
READY_SECONDS_MAX = 90.0
LOOK_SECONDS = 0.5
ENGINE_SECONDS_MAX = 2
ENGINE_SOCKET = Path("/var/run/docker.sock")
ADMIN = "kpo_admin"


@dataclass(frozen=True, slots=True)
class Contained:
    """Where the servers listen on this machine."""

    kafka_bootstrap: str
    mongo_admin_url: str


def why_not() -> str | None:
    """Say why containers cannot be used here, or nothing when they can."""
    if "DOCKER_HOST" not in os.environ and not ENGINE_SOCKET.exists():
        return f"no Docker engine answers: there is no {ENGINE_SOCKET}, and DOCKER_HOST is not set"
    try:
        docker.from_env(timeout=ENGINE_SECONDS_MAX).ping()
    except DockerException as error:
        return f"no Docker engine answers: {error}"
    return None


@contextmanager
def contained() -> Iterator[Contained]:
    """Run both servers in containers until the block is left."""
    kafka_port, password = ports.choose(()), secrets.token_hex(16)
    mongo_port = ports.choose((kafka_port,))
    with _kafka(kafka_port), _mongo(mongo_port, password):
        url = f"mongodb://{ADMIN}:{password}@127.0.0.1:{mongo_port}/?authSource=admin"
        _until(lambda: _initiate(f"{url}&directConnection=true", mongo_port))
        yield Contained(f"127.0.0.1:{kafka_port}", f"{url}&replicaSet=rs0")


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
        "CLUSTER_ID": uuid4().hex[:22],
    }
    return DockerContainer(KAFKA_IMAGE).with_envs(**settings).with_bind_ports(port, port)


def _mongo(port: int, password: str) -> DockerContainer:
    """Run a one-node replica set with authorization, which the image's own entry point cannot make alone."""
    start = (
        "openssl rand -base64 48 > /tmp/key && chmod 400 /tmp/key && chown mongodb /tmp/key && "
        f"exec docker-entrypoint.sh mongod --port {port} --bind_ip_all --replSet rs0 --keyFile /tmp/key "
        "--setParameter transactionLifetimeLimitSeconds=5"
    )
    container = DockerContainer(MONGO_IMAGE).with_bind_ports(port, port)
    container.with_envs(MONGO_INITDB_ROOT_USERNAME=ADMIN, MONGO_INITDB_ROOT_PASSWORD=password)
    return container.with_command(["bash", "-c", start])


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
