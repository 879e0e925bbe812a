"""What the commands about events, what is parked and stuck clocks say without a system."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from kpo_cli.__main__ import app
from kpo_cli.stack.options import SERVICES
from kpo_events.catalogue import CATALOGUE

ABOUT_ONE = ("intake.client/1/2", "--service", "matching")
CLOCK = ("match/1", "--service", "matching")


@pytest.mark.parametrize(
    "command",
    [
        ("parked", "list"),
        ("parked", "show", *ABOUT_ONE),
        ("parked", "retry", *ABOUT_ONE, "--reason", "fixed"),
        ("parked", "skip", *ABOUT_ONE, "--reason", "test data"),
        ("audit", "--service", "matching"),
        ("clocks", "list"),
        ("clocks", "retry", *CLOCK, "--reason", "fixed"),
        ("clocks", "skip", *CLOCK, "--reason", "fixed"),
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


def test_a_clock_without_an_aggregate_is_refused() -> None:
    told = CliRunner().invoke(
        app, ["clocks", "retry", "nonsense", "--service", "matching", "--reason", "fixed"]
    )

    assert told.exit_code == 2
    assert "nonsense is not AGGREGATE/ID" in told.output
