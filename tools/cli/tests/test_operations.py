"""What the commands about parked events and stuck clocks do without a yes, and without a system."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from kpo_cli.__main__ import app
from kpo_cli.stack.options import SERVICES
from kpo_events.catalogue import CATALOGUE


@pytest.mark.parametrize(
    ("command", "thing"),
    [
        (("clocks", "retry", "match/1"), "retry clocks/match/1"),
        (("clocks", "skip", "match/1"), "skip clocks/match/1"),
    ],
)
def test_a_wish_without_a_yes_only_says_what_it_would_do(
    tmp_path: Path, command: tuple[str, ...], thing: str
) -> None:
    options = ("--service", "matching", "--reason", "fixed", "--directory", str(tmp_path))

    told = CliRunner().invoke(app, [*command, *options])

    assert told.exit_code == 0
    assert told.output == f"Would {thing} of matching. Say --yes to do it.\n"


ABOUT_ONE = ("intake.client/1/2", "--service", "matching")


@pytest.mark.parametrize(
    "command",
    [
        ("parked", "list"),
        ("parked", "show", *ABOUT_ONE),
        ("parked", "retry", *ABOUT_ONE, "--reason", "fixed"),
        ("parked", "skip", *ABOUT_ONE, "--reason", "test data"),
        ("audit", "--service", "matching"),
        ("clocks", "list"),
    ],
)
def test_whoever_asks_a_system_that_is_not_up_is_told_so(tmp_path: Path, command: tuple[str, ...]) -> None:
    told = CliRunner().invoke(app, [*command, "--directory", str(tmp_path)])

    assert told.exit_code != 0
    assert "nothing is up in this folder" in str(told.exception)


@pytest.mark.parametrize(
    "command",
    [
        ("parked", "show", "intake.client/1/2"),
        ("parked", "retry", "intake.client/1/2", "--reason", "fixed"),
        ("parked", "skip", "intake.client/1/2", "--reason", "fixed"),
        ("parked", "retry-all", "bug", "--reason", "fixed"),
        ("parked", "export"),
        ("audit",),
        ("clocks", "retry", "match/1", "--reason", "fixed"),
        ("clocks", "skip", "match/1", "--reason", "fixed"),
    ],
)
def test_a_service_that_there_is_not_is_refused_with_the_four_that_there_are(
    command: tuple[str, ...],
) -> None:
    told = CliRunner().invoke(app, [*command, "--service", "nope"])

    assert told.exit_code == 2
    assert [name for name in SERVICES if name in told.output] == list(SERVICES)


def test_the_names_of_events_are_whole_where_they_are_piped() -> None:
    told = CliRunner().invoke(app, ["topics"], env={"COLUMNS": "20"}).output

    assert [name for name in CATALOGUE if f" {name} " not in told] == []


def test_the_names_of_events_are_whole_on_a_narrow_terminal() -> None:
    terminal = {"FORCE_COLOR": "1", "COLUMNS": "60", "LINES": "24"}

    told = CliRunner().invoke(app, ["topics"], env=terminal).output

    rows = [line.split("│") for line in told.splitlines() if "│" in line]
    assert max(map(len, map("│".join, rows))) == 60
    names = "".join(row[1].strip() for row in rows)
    assert [name for name in CATALOGUE if name not in names] == []
