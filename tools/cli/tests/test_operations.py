"""What the commands about parked events and stuck clocks do before anybody has said yes."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from kpo_cli.__main__ import app


@pytest.mark.parametrize(
    ("command", "thing"),
    [
        (("parked", "retry", "intake.client/1/2"), "retry parked/intake.client/1/2"),
        (("parked", "skip", "intake.client/1/2"), "skip parked/intake.client/1/2"),
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


@pytest.mark.parametrize("group", ["parked", "clocks"])
def test_a_list_of_a_system_that_is_not_up_says_so(tmp_path: Path, group: str) -> None:
    told = CliRunner().invoke(app, [group, "list", "--directory", str(tmp_path)])

    assert told.exit_code != 0
    assert "nothing is up in this folder" in str(told.exception)
