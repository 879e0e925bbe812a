"""One pair of real servers for all tests that ask for it, and how tests share out over processes."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.providers import provided
from xdist.scheduler import LoadScopeScheduling

from kpo_cli.stack.servers import Servers

logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
"""The client logs every failed attempt while a broker is killed on purpose; tests look at results."""


ROOT = Path(__file__).parent
JOURNEYS = ROOT / "tests" / "integration"
OWN_SYSTEM = {"test_demo.py", "test_last_seconds.py"}
LONGEST = (
    "tests/integration",
    "tests/chaos/test_chaos.py",
    "tools/cli/tests/test_stack.py",
    "libs/chassis/tests/test_engine_crashes.py",
    "tools/cli/tests/test_servers.py",
)
"""What takes minutes begins first, so that no process of a parallel run works alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not str(item.path.relative_to(ROOT)).startswith(LONGEST))


class Sharing(LoadScopeScheduling):  # type: ignore[misc] # The base is untyped to us.
    """Keeps together, in a run of several processes, what shares one system or the fixtures of one file."""

    def _split_scope(self, nodeid: str) -> str:
        path = ROOT / nodeid.partition("::")[0]
        shares_a_system = path.parent == JOURNEYS and path.name not in OWN_SYSTEM
        return "journeys" if shares_a_system else str(path)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Sharing:
    return Sharing(config, log)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Give servers that run until the session ends."""
    with provided(tmp_path_factory.mktemp("servers")) as running:
        yield running
