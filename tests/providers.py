"""Real servers for tests: local processes, containers, or servers that run elsewhere."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kpo_cli.stack.options import ServerOptions, Tuning
from kpo_cli.stack.servers import LocalServers, Servers
from tests import containers

PROVIDERS = ("local", "containers", "external")
OPTIONS = ServerOptions(mongo_tuning=Tuning(test_commands=True))
"""Local servers take the commands that make them fail on purpose."""


@contextmanager
def provided(directory: Path) -> Iterator[Servers]:
    """Give servers until the block is left; KPO_TEST_PROVIDER says which, and `local` is the default.

    What is `external` has its addresses in KPO_TEST_KAFKA and KPO_TEST_MONGO (an administrator's URL).
    """
    match os.environ.get("KPO_TEST_PROVIDER", "local"):
        case "local":
            with LocalServers.start(directory, OPTIONS) as local:
                yield Servers.ours(local)
        case "containers":
            containers.skip_without_engine()
            with containers.contained() as servers:
                yield servers
        case "external":
            yield Servers(_address("KPO_TEST_KAFKA"), _address("KPO_TEST_MONGO"))
        case other:
            pytest.fail(f"KPO_TEST_PROVIDER is {other}; it must be one of {', '.join(PROVIDERS)}")


def _address(variable: str) -> str:
    if address := os.environ.get(variable):
        return address
    pytest.fail(f"{variable} is empty: servers that run elsewhere have their addresses in the environment")
