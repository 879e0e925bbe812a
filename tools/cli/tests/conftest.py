"""Real servers for the tests of this package, started once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kpo_cli.stack.options import ServerOptions, Tuning
from kpo_cli.stack.servers import LocalServers
from kpo_cli.stack.state import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home")


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServers]:
    options = ServerOptions(mongo_tuning=Tuning(cache_gigabytes=0.25, test_commands=True))
    with LocalServers.start(tmp_path_factory.mktemp("servers"), options) as running:
        yield running
