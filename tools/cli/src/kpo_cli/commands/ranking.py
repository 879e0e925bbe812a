"""`kpo ranking verify`: whoever holds an exported ranking recomputes it without asking us."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

app: Final = typer.Typer(no_args_is_help=True, help="Rankings of open calls, as they were exported.")

Exported = Annotated[
    Path,
    typer.Argument(
        exists=True, dir_okay=False, help="The ranking, as GET .../rounds/{n}/ranking answers it."
    ),
]


@app.callback()
def ranking() -> None:
    """Keep `verify` a command of its own while it is the only one."""


@app.command()
def verify(file: Exported) -> None:
    """Recompute ranks and hash from the scorecards in the file; exit with 1 if they differ."""
    from kpo_cli import rankings  # noqa: PLC0415  # It brings Pydantic along, which takes a while.

    if not rankings.verify(file):
        raise typer.Exit(1)
