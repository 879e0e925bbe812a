"""A mutant that is out of date would switch nothing off: its texts are where it says, once."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from .mutants import MUTANTS, Edit, mutated

EDITS = [pytest.param(edit, id=f"{name}: {edit.module}") for name in MUTANTS for edit in MUTANTS[name].edits]


@pytest.mark.parametrize("edit", EDITS)
def test_the_text_that_a_mutant_changes_is_there_once(edit: Edit) -> None:
    spec = find_spec(edit.module)
    assert spec is not None
    assert spec.origin is not None

    text = Path(spec.origin).read_text(encoding="utf-8")

    assert text.count(edit.before) == 1


def test_only_processes_that_are_started_inside_lack_the_guard() -> None:
    look = "from kpo_chassis.inbox import InboxRow; print(InboxRow('s', 2).place(1, late_start=False))"
    command = [sys.executable, "-c", look]

    with mutated("inbox number"):
        inside = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own command.
    outside = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own command.

    assert (inside.strip(), outside.strip()) == ("Place.NEXT", "Place.DUPLICATE")
    assert "CHAOS_EDITS" not in os.environ
