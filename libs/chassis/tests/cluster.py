"""Three Kafkas as one cluster, for tests in which one of them dies; each is broker and controller."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from kpo_cli.stack import preparation
from kpo_cli.stack.kafka import Kafka
from kpo_cli.stack.state import Home

MEMBERS = 3
SETTINGS = """\
node.id={number}
controller.quorum.voters={voters}
default.replication.factor=3
min.insync.replicas=2
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
"""


@dataclass(frozen=True)
class Cluster:
    """The members, running; `bootstrap` names all of them."""

    members: list[Kafka]

    @classmethod
    @contextmanager
    def start(cls, directory: Path) -> Iterator["Cluster"]:
        home = Home.open(directory)
        controllers = {number: home.port(f"controller-{number}") for number in range(1, MEMBERS + 1)}
        voters = ",".join(f"{number}@127.0.0.1:{port}" for number, port in controllers.items())
        members = [_member(home, number, port, voters) for number, port in controllers.items()]
        try:
            for member in members:
                member.begin()
            for member in members:
                member.wait_ready()
            yield cls(members)
        finally:
            for member in members:
                member.kill()

    @property
    def bootstrap(self) -> str:
        return ",".join(member.bootstrap for member in self.members)


def _member(home: Home, number: int, controller_port: int, voters: str) -> Kafka:
    name = f"kafka-{number}"
    member = Kafka(
        home.directory / name,
        home.logs / name,
        port=home.port(name),
        controller_port=controller_port,
        jars=preparation.jars(),
        more_settings=SETTINGS.format(number=number, voters=voters),
    )
    member.finish_format()
    _number(member.data / "meta.properties", number)
    return member


def _number(meta: Path, number: int) -> None:
    """Give a folder that was formatted for the only node to one of several: no two may have one identity."""
    folder_id = urlsafe_b64encode(uuid4().bytes).decode().rstrip("=")
    own = {
        "node.id": str(number),
        "directory.id": f"A{folder_id[1:]}",
    }  # Kafka wants none that begins with -.
    kept = [line for line in meta.read_text().splitlines() if line.partition("=")[0] not in own]
    meta.write_text("\n".join([*kept, *(f"{name}={value}" for name, value in own.items()), ""]))
