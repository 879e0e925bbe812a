"""Real servers for every test that asks: local processes, or those that the environment names."""

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from kpo_cli.stack.servers import LocalServers

logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
"""The client logs every failed attempt while a broker is killed on purpose; tests look at results."""


@dataclass(frozen=True)
class Servers:
    """Where Kafka and MongoDB listen; `local` is there when they are our own processes."""

    kafka_bootstrap: str
    mongo_admin_url: str
    local: LocalServers | None = None


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Give servers that run until the session ends."""
    kafka, mongo = os.environ.get("KPO_TEST_KAFKA"), os.environ.get("KPO_TEST_MONGO")
    if kafka and mongo:
        yield Servers(kafka, mongo)
        return
    with LocalServers.start(tmp_path_factory.mktemp("servers")) as local:
        yield Servers(local.kafka.bootstrap, local.mongo.admin_url, local)
