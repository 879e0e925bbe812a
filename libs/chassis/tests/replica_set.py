"""Three mongods as one replica set, for tests that change its primary."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, PyMongoError

from kpo_cli.stack.mongod import Mongod, Secrets
from kpo_cli.stack.options import Tuning
from kpo_cli.stack.state import Home

MEMBERS = 3
ELECTION_MILLISECONDS = 2_000
"""How long members wait for a silent primary; five times as long would be usual."""

STEPPED_DOWN_SECONDS = 15
"""How long a member that stepped down stays so: on a busy machine an election takes a while."""

LOOK_SECONDS = 0.1
WAIT_SECONDS_MAX = 60.0
HEALTHY = {"PRIMARY", "SECONDARY"}


@dataclass(frozen=True)
class ReplicaSet:
    """The members, running; `url` names all of them."""

    members: list[Mongod]

    @classmethod
    @contextmanager
    def start(cls, directory: Path) -> Iterator["ReplicaSet"]:
        home = Home.open(directory)
        secrets = Secrets(home.secret("mongo-admin"), home.secret("mongo-replica-key"))
        members = [_member(home, secrets, number) for number in range(MEMBERS)]
        found = cls(members)
        try:
            for member in members:
                member.begin()
            members[0].wait_ready()
            found._extend()
            found.wait_healthy()
            yield found
        finally:
            for member in members:
                member.ask_to_stop()
            for member in members:
                member.stop()

    @property
    def url(self) -> str:
        parts = urlsplit(self.members[0].admin_url)
        who = parts.netloc.rpartition("@")[0]
        hosts = ",".join(f"127.0.0.1:{member.port}" for member in self.members)
        return parts._replace(netloc=f"{who}@{hosts}").geturl()

    def step_down(self) -> None:
        """Let the primary hand over at once, and wait until another one has taken over."""
        before = self.primary().port
        with self._client() as client, suppress(AutoReconnect):  # Connections may close before the answer.
            client.admin.command("replSetStepDown", STEPPED_DOWN_SECONDS, force=True)
        deadline = monotonic() + WAIT_SECONDS_MAX
        while self.primary().port == before:
            assert monotonic() < deadline, "nobody else became primary"
            sleep(LOOK_SECONDS)

    def primary(self) -> Mongod:
        """Give the member that takes writes, and wait for the end of an election."""
        deadline = monotonic() + WAIT_SECONDS_MAX
        with self._client() as client:
            while client.primary is None:
                assert monotonic() < deadline, "there is no primary"
                sleep(LOOK_SECONDS)
            _, port = client.primary
        return next(member for member in self.members if member.port == port)

    def wait_healthy(self) -> None:
        """Wait until every member is the primary or follows it, and each of them knows that all have a vote.

        A member that joins gets its vote some seconds after its copy is whole. A primary that dies before
        leaves too few voters to elect another one, and the set waits for ever.
        """
        deadline = monotonic() + WAIT_SECONDS_MAX
        while unwell := [why for member in self.members if (why := _unwell(member))]:
            assert monotonic() < deadline, f"members are unwell: {unwell}"
            sleep(LOOK_SECONDS)

    def _extend(self) -> None:
        with self._client(self.members[0].admin_url) as client:
            for number in range(1, MEMBERS):  # One at a time, as the server demands.
                config = client.admin.command("replSetGetConfig")["config"]
                config["version"] += 1
                config["settings"]["electionTimeoutMillis"] = ELECTION_MILLISECONDS
                config["members"].append({"_id": number, "host": f"127.0.0.1:{self.members[number].port}"})
                client.admin.command("replSetReconfig", config)

    def _client(self, url: str | None = None) -> MongoClient[dict[str, object]]:
        return MongoClient(url or self.url)


def _member(home: Home, secrets: Secrets, number: int) -> Mongod:
    name = f"mongod-{number}"
    return Mongod(
        home.directory / name, home.logs / name, port=home.port(name), secrets=secrets, tuning=Tuning()
    )


def _unwell(member: Mongod) -> str | None:
    """Say what this member still misses."""
    with MongoClient[dict[str, object]](member.admin_url, directConnection=True) as client:
        try:
            status = client.admin.command("replSetGetStatus")
        except PyMongoError as error:  # It has no copy of the users yet, or an election closed connections.
            return str(error)
    states = {other["stateStr"] for other in status["members"]}
    voters = status["votingMembersCount"]
    return None if states <= HEALTHY and voters == MEMBERS else f"states {states}, {voters} voters"
