"""`kpo receipt verify`: whoever holds a receipt checks it against what was opened after the deadline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

app: Final = typer.Typer(no_args_is_help=True, help="Receipts of what was submitted to open calls.")

Opened = Annotated[
    Path,
    typer.Argument(
        exists=True,
        dir_okay=False,
        help="The submission, as GET /v1/entries/{id}/submissions/{n} answers it.",
    ),
]
Keys = Annotated[
    Path,
    typer.Option(
        exists=True, dir_okay=False, help="The platform's keys, as GET /v1/receipt-keys answers them."
    ),
]


@app.callback()
def receipt() -> None:
    """Keep `verify` a command of its own while it is the only one."""


@app.command()
def verify(file: Opened, keys: Keys) -> None:
    """Check the receipt's signature, and that it was given for this very content; exit with 1 if not."""
    from kpo_cli import receipts  # noqa: PLC0415  # It brings Pydantic along, which takes a while.

    if not receipts.verify(file, keys):
        raise typer.Exit(1)
