"""Real servers for every test that asks: local processes, containers, or servers that run elsewhere."""

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests import containers

from kpo_cli.stack.servers import LocalServers

logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
"""The client logs every failed attempt while a broker is killed on purpose; tests look at results."""


ROOT = Path(__file__).parent
JOURNEYS = ROOT / "tests" / "integration"
LONGEST = (
    "tests/integration",
    "tests/chaos/test_chaos.py",
    "tools/cli/tests/test_stack.py",
    "libs/chassis/tests/test_engine_crashes.py",
    "tools/cli/tests/test_servers.py",
)
"""What takes minutes begins first, so that no process of a parallel run works alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together, in a run of several processes, what shares one system or the fixtures of one file."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item.path)))
    items.sort(key=lambda item: not str(item.path.relative_to(ROOT)).startswith(LONGEST))


def _group(path: Path) -> str:
    has_own_system = path.name == "test_demo.py"
    return "journeys" if path.parent == JOURNEYS and not has_own_system else str(path.relative_to(ROOT))


@dataclass(frozen=True)
class Servers:
    """Where Kafka and MongoDB listen; `local` is there when they are our own processes."""

    kafka_bootstrap: str
    mongo_admin_url: str
    local: LocalServers | None = None


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Give servers that run until the session ends.

    KPO_TEST_PROVIDER says which: `local` (the default), `containers`, or `external`, whose addresses are
    then in KPO_TEST_KAFKA and KPO_TEST_MONGO (an administrator's URL).
    """
    match os.environ.get("KPO_TEST_PROVIDER", "local"):
        case "external":
            yield Servers(os.environ["KPO_TEST_KAFKA"], os.environ["KPO_TEST_MONGO"])
        case "containers":
            with containers.contained() as made:
                yield Servers(made.kafka_bootstrap, made.mongo_admin_url)
        case _:
            with LocalServers.start(tmp_path_factory.mktemp("servers")) as local:
                yield Servers(local.kafka.bootstrap, local.mongo.admin_url, local)
