"""A folder in which nothing runs: whoever only looks makes nothing there, and a file is no folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from kpo_cli.__main__ import app
from kpo_cli.stack.errors import StackError

ABOUT = ("--service", "billing")
LOOKS = [
    ("doctor",),
    ("stack", "status"),
    ("parked", "list"),
    ("parked", "show", "intake.client/1/2", *ABOUT),
    ("parked", "export", *ABOUT),
    ("clocks", "list"),
    ("audit", *ABOUT),
]
CHANGES = [("stack", "up"), ("stack", "down"), ("stack", "reset"), ("token",)]


def kpo(*words: str) -> tuple[int, str]:
    """Return the exit code, and all that a person reads; fail where that would be a traceback."""
    told = CliRunner().invoke(app, words)
    assert told.exception is None or isinstance(told.exception, StackError | SystemExit), told.exc_info
    return told.exit_code, told.output or str(told.exception)


@pytest.mark.parametrize("command", LOOKS)
def test_whoever_looks_where_nothing_runs_is_told_so_and_makes_nothing(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    code, told = kpo(*command, "--directory", str(tmp_path / "no" / "folder"))

    assert code == 1
    assert "nothing is up" in told.lower()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "said"), [("down", "Nothing was running."), ("reset", "the next start begins anew.")]
)
def test_what_is_not_there_is_ended_without_being_made(tmp_path: Path, command: str, said: str) -> None:
    code, told = kpo("stack", command, "--directory", str(tmp_path / "no" / "folder"))

    assert code == 0
    assert said in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [*LOOKS, *CHANGES])
def test_a_file_in_place_of_the_folder_is_told_in_one_sentence(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    file = tmp_path / "passwords"
    file.touch()

    code, told = kpo(*command, "--directory", str(file))

    assert code == 1
    assert told == f"{file} is no folder; name another one with --directory."


def test_a_folder_that_would_lie_in_a_file_is_told_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "passwords"
    file.touch()

    code, told = kpo("token", "--directory", str(file / "below"))

    assert code == 1
    assert told == f"{file / 'below'} is no folder; name another one with --directory."


def test_a_start_with_a_wrong_port_makes_nothing(tmp_path: Path) -> None:
    code, told = kpo("stack", "up", "--port", "kafka=x", "--directory", str(tmp_path / "folder"))

    assert code == 1
    assert told.startswith("--port kafka=x is not NAME=NUMBER with one of the names kafka, mongod, intake,")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("port", ["0", "65536", "99999999", "9" * 5000])
def test_a_number_that_is_no_port_is_told_which_are(tmp_path: Path, port: str) -> None:
    code, told = kpo("stack", "up", "--port", f"kafka={port}", "--directory", str(tmp_path / "folder"))

    assert code == 1
    assert told == f"--port kafka={port}: a port is a number from 1 to 65535."


def test_a_reset_removes_nothing_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("Three years of work.")

    code, told = kpo("stack", "reset", "--directory", str(tmp_path))

    assert (code, (tmp_path / "thesis.txt").exists()) == (1, True)
    assert "holds no system of ours" in told
