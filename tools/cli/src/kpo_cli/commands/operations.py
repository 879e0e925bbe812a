"""`kpo doctor`, `kpo topics` and `kpo parked`: what waits, what there is, and what needs a person."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from kpo_cli.commands.stack import HOME, Directory

# What these commands do is imported when they run: it brings the chassis along, which takes a while.

parked_app: Final = typer.Typer(
    no_args_is_help=True, help="Events that were set aside, and what to do with them."
)

Service = Annotated[
    str, typer.Option(help="The service that parked it: intake, matching, delivery or billing.")
]
Reason = Annotated[str, typer.Option(help="Why; it is kept with the wish.")]
ForReal = Annotated[bool, typer.Option("--yes", help="Do it; without this, only show what would be done.")]


def doctor(directory: Directory = HOME) -> None:
    """Say how far consumption is behind and what needs a person; exit with 1 if anything does."""
    from kpo_cli import inspection  # noqa: PLC0415  # See above.

    if not inspection.show_health(directory):
        raise typer.Exit(1)


def topics() -> None:
    """List every event type with its topic, whether partners may see it, and its version."""
    from kpo_cli import inspection  # noqa: PLC0415  # See above.

    inspection.show_topics()


@parked_app.command("list")
def list_parked(directory: Directory = HOME) -> None:
    """Show what every service has set aside, and why."""
    from kpo_cli import inspection  # noqa: PLC0415  # See above.

    inspection.show_parked(directory)


@parked_app.command()
def retry(
    parked_id: str, service: Service, reason: Reason, directory: Directory = HOME, *, yes: ForReal = False
) -> None:
    """Handle a parked event again."""
    from kpo_cli import inspection  # noqa: PLC0415  # See above.

    if yes:
        inspection.wish(directory, service, parked_id, wished="retry", reason=reason)
    else:
        typer.echo(f"Would retry {parked_id} of {service}. Say --yes to do it.")


@parked_app.command()
def skip(
    parked_id: str, service: Service, reason: Reason, directory: Directory = HOME, *, yes: ForReal = False
) -> None:
    """Leave a parked event out for good, so that those behind it go on."""
    from kpo_cli import inspection  # noqa: PLC0415  # See above.

    if yes:
        inspection.wish(directory, service, parked_id, wished="skip", reason=reason)
    else:
        typer.echo(f"Would skip {parked_id} of {service}. Say --yes to do it.")
