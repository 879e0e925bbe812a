"""mongod finds a libcurl on a system that has none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kpo_cli.stack import libraries

WHICH = "import ctypes; ctypes.CDLL('libcurl.so.4'); print(open('/proc/self/maps').read())"


def test_what_the_system_has_is_told_from_what_it_lacks() -> None:
    assert libraries.system_has("libc.so.6")
    assert not libraries.system_has("libof-no-system.so.9")


def test_the_lent_library_is_the_one_that_the_loader_takes(tmp_path: Path) -> None:
    environment = libraries.lend(tmp_path / "libraries")
    if environment is None:
        pytest.skip("pycurl, which brings the library, is not installed")

    command = [sys.executable, "-c", WHICH]
    maps = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603  # Our own script.

    assert "pycurl.libs/libcurl-" in maps


def test_lending_twice_is_harmless(tmp_path: Path) -> None:
    first = libraries.lend(tmp_path / "libraries")

    assert libraries.lend(tmp_path / "libraries") == first
