"""One pair of real servers for all tests that ask for it, and how tests share out over processes."""

import gc
import logging
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from tests.providers import provided
from xdist.scheduler import LoadScopeScheduling

from kpo_cli.stack.servers import Servers

logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
"""The client logs every failed attempt while a broker is killed on purpose; tests look at results."""


ROOT = Path(__file__).parent
JOURNEYS = "tests/integration"
ABOUT_CALLS = (
    "test_challenge_ends.py",
    "test_challenge.py",
    "test_two_modes.py",
    "test_isolation_of_calls.py",
    "test_sealing.py",
)
"""Journeys that share a system about open calls, in their order; the others share one about assignments.

The whole story comes when no other server starts any more, since it waits as long as the machine seems slow;
who only looks at calls that others made comes last.
"""

TRIAL = "pytest.mark.trial"
OF_SERVERS = ("from kpo_cli.stack.servers import", "from .bench import")
"""What files of tests on the pair of servers import; trials are too long to wait for each other."""

OWN_SYSTEM = frozenset({"test_demo.py", "test_last_seconds.py", "test_operators.py", "test_restore.py"})
LONGEST = (
    "calls",
    "assignments",
    "servers",
    "libs/chassis/tests/test_engine_crashes.py",
    "tools/cli/tests/test_stack.py",
    "tools/cli/tests/test_servers.py",
    "tests/chaos/test_chaos.py",
)
"""What takes minutes begins first, so that no process of a parallel run works alone at the end."""


@cache
def shared_by(path: Path) -> str:
    """Name what tests of a file share with others: a system, the pair of servers, or the file's fixtures."""
    place = path.relative_to(ROOT)
    if str(place.parent) == JOURNEYS and place.name not in OWN_SYSTEM:
        return "calls" if place.name in ABOUT_CALLS else "assignments"
    return "servers" if uses_servers(place) else str(place)


def uses_servers(place: Path) -> bool:
    """Say whether tests of a file ask for the pair of servers, which one process then starts for all."""
    if place.parts[0] not in {"libs", "services"}:
        return False
    text = (ROOT / place).read_text()
    return TRIAL not in text and any(sign in text for sign in OF_SERVERS)


def place_in(order: Sequence[str], name: str) -> int:
    """Give the place of a name; all that are not in the order come after those that are."""
    return order.index(name) if name in order else len(order)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def turn(item: pytest.Item) -> tuple[int, int]:
        share = shared_by(item.path)
        return place_in(LONGEST, share), place_in(ABOUT_CALLS, item.path.name) if share == "calls" else 0

    items.sort(key=turn)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what lives to the end; what tests leak is found all the same."""
    gc.collect()
    gc.freeze()


class Sharing(LoadScopeScheduling):  # type: ignore[misc] # The base is untyped to us.
    """Keeps together, in a run of several processes, what shares one system or the fixtures of one file."""

    def _split_scope(self, nodeid: str) -> str:
        return shared_by(ROOT / nodeid.partition("::")[0])


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Sharing:
    return Sharing(config, log)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Give servers that run until the session ends."""
    with provided(tmp_path_factory.mktemp("servers")) as running:
        yield running
