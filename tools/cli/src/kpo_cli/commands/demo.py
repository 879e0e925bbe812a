"""`kpo demo`: the product's main job, told on a system of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kpo_cli.commands.stack import HOME


def demo(
    directory: Annotated[Path, typer.Option(help="Folder for the demo's data, made anew each time.")] = HOME
    / "demo",
) -> None:
    """Tell an engagement from brief to paid expert, check what must hold, and leave nothing running."""
    from kpo_cli.story import performance  # noqa: PLC0415  # It imports the services; other commands need not.

    if not performance.perform(directory):
        raise typer.Exit(1)
