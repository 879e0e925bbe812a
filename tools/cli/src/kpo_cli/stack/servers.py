"""Kafka and MongoDB together, for whoever needs real servers: the stack, the tests, the benchmarks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from kpo_cli.stack import artifacts
from kpo_cli.stack.kafka import Kafka
from kpo_cli.stack.mongod import Mongod, Secrets, Tuning
from kpo_cli.stack.state import Home

Report = Callable[[str], None]  # Called with what begins now, for people who wait.


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """What may differ between a demo, a test and a benchmark; a port of None is chosen and remembered."""

    kafka_port: int | None = None
    mongo_port: int | None = None
    mongo_tuning: Tuning = field(default_factory=Tuning)


@dataclass(frozen=True, slots=True)
class LocalServers:
    """Both servers, running."""

    kafka: Kafka
    mongo: Mongod

    @classmethod
    @contextlib.contextmanager
    def start(cls, directory: Path, options: ServerOptions = ServerOptions()) -> Iterator[Self]:
        """Hold the folder, run both servers in it, and stop them at the end of the block."""
        home = Home.open(directory)
        with home.held("a pair of servers"), cls.within(home, options) as servers:
            yield servers

    @classmethod
    @contextlib.contextmanager
    def within(cls, home: Home, options: ServerOptions, report: Report = lambda _: None) -> Iterator[Self]:
        """Run both servers in a folder that the caller holds."""
        servers = cls(_kafka(home, options), _mongod(home, options))
        try:
            servers._begin(report)
            yield servers
        finally:
            servers.kafka.stop()
            servers.mongo.stop()

    def _begin(self, report: Report) -> None:
        """Start both side by side: MongoDB is ready while Kafka's Java still loads its classes."""
        report("starting MongoDB and Kafka")
        self.kafka.begin_format()
        self.mongo.begin()
        self.kafka.begin()
        self.mongo.wait_ready()
        self.kafka.wait_ready()


def _kafka(home: Home, options: ServerOptions) -> Kafka:
    cache = artifacts.cache_directory()
    if absent := artifacts.missing(artifacts.read_lock(), cache):
        artifacts.fetch(absent, cache)
    return Kafka(
        home.directory / "kafka",
        home.logs,
        port=home.port("kafka", options.kafka_port),
        controller_port=home.port("kafka-controller"),
        jars=artifacts.classpath(cache),
    )


def _mongod(home: Home, options: ServerOptions) -> Mongod:
    return Mongod(
        home.directory / "mongod",
        home.logs,
        port=home.port("mongod", options.mongo_port),
        secrets=Secrets(home.secret("mongo-admin"), home.secret("mongo-replica-key")),
        tuning=options.mongo_tuning,
    )
