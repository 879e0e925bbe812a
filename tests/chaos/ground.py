"""What the services of a run stand on: Kafka and mongod, one of each or three, at the end of wires."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kpo_cli.stack.kafka import Kafka
from kpo_cli.stack.kafka_cluster import KafkaCluster
from kpo_cli.stack.members import MEMBERS, Place
from kpo_cli.stack.mongod import REPLICA_SET, Mongod
from kpo_cli.stack.options import ServerOptions, Tuning
from kpo_cli.stack.replica_set import ReplicaSet
from kpo_cli.stack.servers import LocalServers, Servers

from .wires import HOST, Wire, a_free_port, stretched

DISTURBED: Final = Tuning(test_commands=True)


@dataclass(frozen=True)
class Ground:
    """Servers, running, each at the end of a wire; `reached` says where their clients find them."""

    brokers: Sequence[Kafka]
    databases: Sequence[Mongod]
    wires: Sequence[Wire]
    reached: Servers
    knobs: Mapping[str, str] = field(default_factory=dict)
    """What services must be told about it."""

    @property
    def processes(self) -> Mapping[str, Kafka | Mongod]:
        """Return every server by its name."""
        return _named("kafka", self.brokers) | _named("mongod", self.databases)


def _named(kind: str, servers: Sequence[Kafka | Mongod]) -> dict[str, Kafka | Mongod]:
    if len(servers) == 1:
        return {kind: servers[0]}
    return {f"{kind}-{number}": server for number, server in enumerate(servers, 1)}


@contextmanager
def one_of_each(folder: Path) -> Iterator[Ground]:
    to_kafka, to_mongo = a_free_port(), a_free_port()
    with LocalServers.start(
        folder, ServerOptions(kafka_advertised_port=to_kafka, mongo_tuning=DISTURBED)
    ) as local:
        ends = (("to kafka", to_kafka, local.kafka.port), ("to mongod", to_mongo, local.mongo.port))
        with stretched(*ends) as wires:
            reached = Servers(f"{HOST}:{to_kafka}", _by_way_of(to_mongo, local.mongo))
            yield Ground([local.kafka], [local.mongo], wires, reached)


def _by_way_of(port: int, mongo: Mongod) -> str:
    """Give the administrator's URL for a port that leads to the server, which names its own to clients."""
    url = mongo.admin_url.replace(f":{mongo.port}/", f":{port}/")
    return url.replace(f"replicaSet={REPLICA_SET}", "directConnection=true")


@contextmanager
def three_of_each(folder: Path) -> Iterator[Ground]:
    """Run a cluster and a replica set whose members, too, reach each other only through the wires."""
    kafkas, mongods = _places(), _places()
    ends = [
        (f"to {kind}-{number}", place.advertised, place.port)
        for kind, places in (("kafka", kafkas), ("mongod", mongods))
        for number, place in enumerate(places, 1)
    ]
    with (
        stretched(*ends) as wires,
        ReplicaSet.start(folder, mongods, DISTURBED) as replica_set,
        KafkaCluster.start(folder, kafkas) as cluster,
    ):
        reached = Servers(cluster.bootstrap, replica_set.url)
        knobs = {"KPO_TOPIC_REPLICAS": str(MEMBERS)}
        yield Ground(cluster.brokers, replica_set.members, wires, reached, knobs)


def _places() -> list[Place]:
    return [Place(port=a_free_port(), advertised=a_free_port()) for _ in range(MEMBERS)]
