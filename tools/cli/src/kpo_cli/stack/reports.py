"""How long work tells a person what begins now."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Report: TypeAlias = Callable[[str], None]


def silence(_what: str) -> None:
    """Tell nobody."""
