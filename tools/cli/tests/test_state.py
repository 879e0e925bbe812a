"""The folder of a checkout keeps its secrets and belongs to one process at a time."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from kpo_cli.stack.errors import StackError
from kpo_cli.stack.state import Home

HOLD = """
import sys, time
from pathlib import Path
from kpo_cli.stack.state import Home
with Home.open(Path(sys.argv[1])).held("another program"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other_holder(home: Home) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD, str(home.directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # Our own script.
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_secret_stays_the_same(home: Home) -> None:
    first = home.secret("mongo-admin")

    assert Home.open(home.directory).secret("mongo-admin") == first


def test_two_that_remember_at_once_lose_nothing(home: Home) -> None:
    names = [f"secret-{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda name: Home.open(home.directory).secret(name), names))

    assert [home.secret(name) for name in names] == made


def test_only_the_owner_may_read_the_secrets(home: Home) -> None:
    home.secret("mongo-admin")

    assert stat.S_IMODE((home.directory / "state.json").stat().st_mode) == 0o600


def test_a_folder_that_is_held_is_refused_with_who_holds_it(
    home: Home, other_holder: subprocess.Popen[str]
) -> None:
    with (
        pytest.raises(StackError, match=rf"another program already runs \(process {other_holder.pid}\)"),
        home.held("a test"),
    ):
        pass


def test_a_folder_is_free_as_soon_as_its_holder_is_killed(
    home: Home, other_holder: subprocess.Popen[str]
) -> None:
    other_holder.kill()
    other_holder.wait()

    assert home.holder() is None
    with home.held("a test"):
        holder = home.holder()
    assert holder is not None
    assert holder.pid == os.getpid()


def test_damaged_state_is_told_with_what_to_do(home: Home) -> None:
    home.write("state.json", "{")

    with pytest.raises(StackError, match="damaged; throw the local data away with `kpo stack reset`"):
        home.secret("mongo-admin")
