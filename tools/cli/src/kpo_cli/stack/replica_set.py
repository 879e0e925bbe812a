"""Three mongods as one replica set, for tests that change its primary."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

from kpo_cli.stack import members
from kpo_cli.stack.children import POLL_SECONDS
from kpo_cli.stack.errors import StackError
from kpo_cli.stack.members import Place
from kpo_cli.stack.mongod import (
    REPLICA_SET,
    START_SECONDS_MAX,
    Client,
    Mongod,
    Secrets,
    follows,
    takes_writes,
)
from kpo_cli.stack.options import Tuning
from kpo_cli.stack.state import Home

ELECTION_MILLISECONDS: Final = 2_000
"""How long members wait for a silent primary; five times as long would be usual."""

STEPPED_DOWN_SECONDS: Final = 15
"""How long a member that stepped down stays so: on a busy machine an election takes a while."""

WAIT_SECONDS_MAX: Final = 60.0


class Member(Mongod):
    """One of several: it is ready as soon as it takes writes or follows another one that does."""

    def begin(self) -> None:
        self.mark_prepared()  # What is missing in its folder it gets from the others.
        super().begin()

    def wait_listening(self) -> None:
        self._running_child().wait_for_port(self.port, START_SECONDS_MAX)

    def wait_ready(self) -> None:
        self.wait_listening()
        with self._direct_client() as client:
            _wait_until(
                lambda: takes_writes(client) or follows(client),
                "it neither takes writes nor follows who does",
            )

    def found(self, places: Sequence[Place]) -> None:
        """Make the set of those members, which hold nothing yet."""
        config = {
            "_id": REPLICA_SET,
            "members": [{"_id": id_, "host": members.address(place)} for id_, place in enumerate(places)],
            "settings": {"electionTimeoutMillis": ELECTION_MILLISECONDS},
        }
        with self._direct_client() as client:
            client.admin.command("replSetInitiate", config)

    def is_primary(self) -> bool:
        with self._direct_client() as client:
            return takes_writes(client)


@dataclass(frozen=True, slots=True)
class ReplicaSet:
    """The members, running; `url` names all of them."""

    members: Sequence[Member]
    url: str

    @classmethod
    @contextlib.contextmanager
    def start(
        cls, directory: Path, places: Sequence[Place] | None = None, tuning: Tuning | None = None
    ) -> Iterator[Self]:
        """Run the members in a new folder; they find each other at the advertised ports."""
        home = Home.open(directory)
        places = places or members.places(home, "mongod")
        secrets = Secrets(home.secret("mongo-admin"), home.secret("mongo-replica-key"))
        running = [
            _member(home, number, place.port, secrets, tuning or Tuning())
            for number, place in enumerate(places, 1)
        ]
        try:
            for member in running:
                member.begin()
            for member in running:
                member.wait_listening()
            running[0].found(places)
            replica_set = cls(running, _naming_all(running[0].admin_url, places))
            replica_set.primary().create_administrator()
            replica_set.wait_healthy()
            yield replica_set
        finally:
            for member in running:
                member.ask_to_stop()
            for member in running:
                member.stop()

    def step_down(self) -> None:
        """Let the primary hand over at once, and wait until another one has taken over."""
        before = self.primary()
        with Client(before.admin_url, directConnection=True) as client:
            client.admin.command("replSetStepDown", STEPPED_DOWN_SECONDS, force=True)
        _wait_until(lambda: self.primary() is not before, "nobody else became primary")

    def primary(self) -> Member:
        """Give the member that takes writes, and wait for the end of an election."""
        found: list[Member] = []

        def look() -> bool:
            found.extend(member for member in self.members if member.running and member.is_primary())
            return bool(found)

        _wait_until(look, "there is no primary")
        return found[-1]

    def wait_healthy(self) -> None:
        """Wait until every member takes writes or follows who does."""
        for member in self.members:
            member.wait_ready()


def _member(home: Home, number: int, port: int, secrets: Secrets, tuning: Tuning) -> Member:
    name = f"mongod-{number}"
    return Member(home.directory / name, home.logs / name, port=port, secrets=secrets, tuning=tuning)


def _naming_all(url: str, places: Sequence[Place]) -> str:
    parts = urlsplit(url)
    who = parts.netloc.rpartition("@")[0]
    return parts._replace(netloc=f"{who}@{members.addresses(places)}").geturl()


def _wait_until(is_so: Callable[[], bool], complaint: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not is_so():
        if time.monotonic() > deadline:
            raise StackError(f"after {WAIT_SECONDS_MAX:.0f} s {complaint}.")
        time.sleep(POLL_SECONDS)
