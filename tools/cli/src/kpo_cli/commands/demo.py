"""`kpo demo`: the product's two main jobs, told on a system of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from kpo_cli.commands.stack import HOME

ENTRIES: Final = 60
ENTRIES_MIN: Final = 51
"""One for each country that the story promises."""

ENTRIES_MAX: Final = 5_000


def demo(
    directory: Annotated[Path, typer.Option(help="Folder for the demo's data, made anew each time.")] = HOME
    / "demo",
    entries: Annotated[
        int,
        typer.Option(
            max=ENTRIES_MAX,
            help=f"How many experts enter the open call, at least {ENTRIES_MIN}; 0 leaves the call out.",
        ),
    ] = ENTRIES,
) -> None:
    """Tell an assignment and an open call from brief to paid experts, check what must hold, leave nothing."""
    if entries != 0 and entries < ENTRIES_MIN:
        raise typer.BadParameter(
            f"The call needs {ENTRIES_MIN} entries or more, one for each country; 0 leaves it out."
        )
    from kpo_cli.story import performance  # noqa: PLC0415  # It imports the services; other commands need not.

    if not performance.perform(directory, entries):
        raise typer.Exit(1)
