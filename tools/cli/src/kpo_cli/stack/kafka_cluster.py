"""Three Kafkas as one cluster, for tests in which one of them dies; each is broker and controller."""

from __future__ import annotations

import contextlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from uuid import uuid4

from kpo_cli.stack import members, preparation
from kpo_cli.stack.kafka import Kafka
from kpo_cli.stack.members import MEMBERS, Place
from kpo_cli.stack.state import Home

SETTINGS: Final = """\
node.id={number}
controller.quorum.voters={voters}
advertised.listeners=PLAINTEXT://{address}
default.replication.factor=3
min.insync.replicas=2
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
"""


@dataclass(frozen=True, slots=True)
class KafkaCluster:
    """The brokers, running; `bootstrap` names all of them."""

    brokers: Sequence[Kafka]
    bootstrap: str

    @classmethod
    @contextlib.contextmanager
    def start(cls, directory: Path, places: Sequence[Place] | None = None) -> Iterator[Self]:
        """Run the brokers in a new folder; what they tell each other goes to the advertised ports, too."""
        home = Home.open(directory)
        places = places or members.places(home, "kafka")
        controllers = {number: home.port(f"controller-{number}") for number in range(1, MEMBERS + 1)}
        brokers = [_broker(home, number, place, controllers) for number, place in enumerate(places, 1)]
        try:
            for broker in brokers:
                broker.begin()
            for broker in brokers:
                broker.wait_ready()
            yield cls(brokers, members.addresses(places))
        finally:
            for broker in brokers:
                if broker.running:  # One after the other they would wait for a leader that has gone.
                    broker.kill()


def _broker(home: Home, number: int, place: Place, controllers: dict[int, int]) -> Kafka:
    name = f"kafka-{number}"
    voters = ",".join(f"{each}@127.0.0.1:{port}" for each, port in controllers.items())
    broker = Kafka(
        home.directory / name,
        home.logs / name,
        port=place.port,
        controller_port=controllers[number],
        jars=preparation.jars(),
        more_settings=SETTINGS.format(number=number, voters=voters, address=members.address(place)),
    )
    broker.finish_format()
    _number(broker.data / "meta.properties", number)
    return broker


def _number(meta: Path, number: int) -> None:
    """Give a folder that was formatted for the only node to one of several: no two may have one identity."""
    drawn = urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")
    folder_id = f"A{drawn[1:]}"  # Kafka wants none that begins with -.
    own = {"node.id": str(number), "directory.id": folder_id}
    kept = [line for line in meta.read_text().splitlines() if line.partition("=")[0] not in own]
    meta.write_text("\n".join([*kept, *(f"{name}={value}" for name, value in own.items()), ""]))
