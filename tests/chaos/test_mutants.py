"""An edit that is out of date would change nothing: its text is where it says, once."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from .edits import VARIABLE, Edit, edited
from .mutants import MUTANTS
from .points import EDITS

OF_POINTS = [pytest.param(edit, id=f"point: {edit.module}: {edit.before[:30]}") for edit in EDITS]
OF_MUTANTS = [
    pytest.param(edit, id=f"{name}: {edit.module}") for name in MUTANTS for edit in MUTANTS[name].edits
]


def text_of(module: str) -> str:
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).read_text(encoding="utf-8")


@pytest.mark.parametrize("edit", [*OF_MUTANTS, *OF_POINTS])
def test_the_text_that_is_changed_is_there_once(edit: Edit) -> None:
    assert text_of(edit.module).count(edit.before) == 1


@pytest.mark.parametrize("name", MUTANTS)
def test_the_edits_of_a_mutant_and_all_points_go_together(name: str) -> None:
    edits = [*MUTANTS[name].edits, *EDITS]
    texts = {edit.module: text_of(edit.module) for edit in edits}

    for edit in edits:
        assert texts[edit.module].count(edit.before) == 1
        texts[edit.module] = texts[edit.module].replace(edit.before, edit.after)

    for module, text in texts.items():
        compile(text, module, "exec")


def test_only_processes_that_are_started_inside_lack_the_guard() -> None:
    look = "from kpo_chassis.inbox import InboxRow; print(InboxRow('s', 2).place(1, late_start=False))"
    command = [sys.executable, "-c", look]

    with edited(MUTANTS["inbox number"].edits):
        inside = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own command.
    outside = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own command.

    assert (inside.strip(), outside.strip()) == ("Place.NEXT", "Place.DUPLICATE")
    assert VARIABLE not in os.environ
