"""Changes texts of modules while services load them: production code has no switch for any test.

The services themselves know nothing of this. Their interpreter finds `stand_ins/sitecustomize.py` first on
its path, and that file changes a module's text as it is imported. A text that is gone is an error.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final

VARIABLE: Final = "CHAOS_EDITS"
STAND_INS: Final = Path(__file__).with_name("stand_ins")


@dataclass(frozen=True)
class Edit:
    """One change of one module's text."""

    module: str
    before: str
    after: str


@contextmanager
def edited(edits: Sequence[Edit]) -> Iterator[None]:
    """Let every Python process that is started inside the block load the changed texts."""
    path = os.pathsep.join(filter(None, (str(STAND_INS), os.environ.get("PYTHONPATH"))))
    changes = {VARIABLE: repr([astuple(edit) for edit in edits]), "PYTHONPATH": path}
    with in_environment(changes if edits else {}):
        yield


@contextmanager
def in_environment(changes: Mapping[str, str]) -> Iterator[None]:
    """Set variables of our own environment, which processes inherit, until the block is left."""
    before = {variable: os.environ.get(variable) for variable in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for variable, value in before.items():
            if value is None:
                os.environ.pop(variable, None)
            else:
                os.environ[variable] = value
