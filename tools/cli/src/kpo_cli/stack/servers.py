"""Kafka and MongoDB together, for whoever needs real servers: the stack, the tests, the benchmarks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from kpo_cli.stack import preparation
from kpo_cli.stack.kafka import Kafka
from kpo_cli.stack.mongod import Mongod, Secrets
from kpo_cli.stack.options import SERVER_DEFAULTS, ServerOptions
from kpo_cli.stack.reports import Report, silence
from kpo_cli.stack.state import Home


@dataclass(frozen=True, slots=True)
class Servers:
    """Where both listen, whoever runs them; `local` is there when they are processes of ours."""

    kafka_bootstrap: str
    mongo_admin_url: str
    local: LocalServers | None = None

    @classmethod
    def ours(cls, local: LocalServers) -> Self:
        return cls(local.kafka.bootstrap, local.mongo.admin_url, local)

    def mongo_url(self, user: str, password: str, database: str) -> str:
        """Return the administrator's URL for another user, who lives in the given database."""
        parts = urlsplit(self.mongo_admin_url)
        hosts = parts.netloc.rpartition("@")[2]
        options = urlencode(dict(parse_qsl(parts.query)) | {"authSource": database})
        who = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return parts._replace(netloc=f"{who}@{hosts}", query=options).geturl()


@dataclass(frozen=True, slots=True)
class LocalServers:
    """Both servers as processes of ours, running."""

    kafka: Kafka
    mongo: Mongod

    @classmethod
    @contextlib.contextmanager
    def start(cls, directory: Path, options: ServerOptions = SERVER_DEFAULTS) -> Iterator[Self]:
        """Hold the folder, run both servers in it, and stop them at the end of the block."""
        home = Home.open(directory)
        with home.held("a pair of servers"), cls.within(home, options) as servers:
            yield servers

    @classmethod
    @contextlib.contextmanager
    def within(cls, home: Home, options: ServerOptions, report: Report = silence) -> Iterator[Self]:
        """Run both servers in a folder that the caller holds."""
        servers = cls(_kafka(home, options), _mongod(home, options))
        try:
            servers._begin(report)
            yield servers
        finally:
            servers._end()

    def _begin(self, report: Report) -> None:
        """Start both side by side: MongoDB is ready while Kafka's Java still loads its classes."""
        report("starting MongoDB and Kafka")
        self.kafka.begin_format()
        self.mongo.begin()
        self.kafka.begin()
        self.mongo.wait_ready()
        self.kafka.wait_ready()

    def _end(self) -> None:
        self.mongo.ask_to_stop()
        self.kafka.stop()
        self.mongo.stop()


def _kafka(home: Home, options: ServerOptions) -> Kafka:
    advertised = options.kafka_advertised_port
    return Kafka(
        home.directory / "kafka",
        home.logs,
        port=home.port("kafka", options.kafka_port),
        controller_port=home.port("kafka-controller"),
        jars=preparation.jars(),
        more_settings=f"advertised.listeners=PLAINTEXT://127.0.0.1:{advertised}\n" if advertised else "",
    )


def _mongod(home: Home, options: ServerOptions) -> Mongod:
    return Mongod(
        home.directory / "mongod",
        home.logs,
        port=home.port("mongod", options.mongo_port),
        secrets=Secrets(home.secret("mongo-admin"), home.secret("mongo-replica-key")),
        tuning=options.mongo_tuning,
    )
