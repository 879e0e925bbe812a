"""The `kpo` command: a table of commands and command groups, each in a module of its own."""

from __future__ import annotations

import errno
import sys
from typing import Final

import typer
from rich.console import Console
from rich.markup import escape

from kpo_cli.commands import demo, operations, ranking, receipt, stack, token
from kpo_cli.stack.errors import StackError

REMEDIES: Final = {
    errno.ENOSPC: "free some space and start again",
    errno.EACCES: "start again as its owner, or name another folder",
    errno.EROFS: "name a folder that can be written",
}

app: Final = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, help="Work with a local kpo system."
)
app.add_typer(stack.app, name="stack")
app.add_typer(operations.parked_app, name="parked")
app.add_typer(operations.clocks_app, name="clocks")
app.add_typer(ranking.app, name="ranking")
app.add_typer(receipt.app, name="receipt")
app.command()(operations.audit)
app.command()(demo.demo)
app.command()(operations.doctor)
app.command()(operations.topics)
app.command()(token.token)


def main() -> None:
    """Run one command; what a person can mend is told in one sentence instead of a traceback."""
    try:
        app()
    except StackError as error:
        _tell(str(error))
    except OSError as error:
        remedy = REMEDIES.get(error.errno or 0)
        if remedy is None:
            raise
        _tell(f"{error.filename or 'a file'}: {error.strerror}; {remedy}.")


def _tell(sentence: str) -> None:
    Console(stderr=True, soft_wrap=True).print(f"[red]kpo:[/] {escape(sentence)}", highlight=False)
    sys.exit(1)


if __name__ == "__main__":
    main()
