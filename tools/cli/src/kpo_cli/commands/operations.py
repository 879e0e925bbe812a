"""`kpo doctor`, `topics`, `parked` and `clocks`: what waits, what there is, and what needs a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from kpo_cli.commands.stack import HOME, Directory
from kpo_cli.stack.options import SERVICES

if TYPE_CHECKING:
    from kpo_cli.story.actors import Json

# What these commands do is imported when they run: it brings the chassis along, which takes a while.

parked_app: Final = typer.Typer(
    no_args_is_help=True, help="Events that were set aside, and what to do with them."
)

clocks_app: Final = typer.Typer(
    no_args_is_help=True, help="Deadlines whose change keeps failing, and what to do with them."
)


def _known_service(name: str) -> str:
    if name not in SERVICES:
        raise typer.BadParameter(f"{name} is no service; take one of {', '.join(SERVICES)}.")
    return name


def _named_clock(name: str) -> str:
    if not all(name.partition("/")):
        raise typer.BadParameter(f"{name} is not AGGREGATE/ID; `kpo clocks list` shows which are stuck.")
    return name


Service = Annotated[
    str, typer.Option(help="Whose it is: intake, matching, delivery or billing.", callback=_known_service)
]
Clock = Annotated[
    str,
    typer.Argument(
        help="Aggregate and id as the list shows them, such as match/6f1d...", callback=_named_clock
    ),
]
ParkedId = Annotated[
    str, typer.Argument(help="The id that the list shows; <topic>/<key> means the first one of that key.")
]
Reveal = Annotated[str, typer.Option(help="Show what people wrote, and why you need to see it.")]
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
def list_parked(
    directory: Directory = HOME,
    code: Annotated[str, typer.Option(help="Only what is parked for this cause, such as bug.")] = "",
) -> None:
    """Show what every service has set aside, and why."""
    from kpo_cli import inspection  # noqa: PLC0415  # See above.

    inspection.show_parked(directory, code)


@parked_app.command()
def show(parked_id: ParkedId, service: Service, directory: Directory = HOME, reveal: Reveal = "") -> None:
    """Show one parked event with its body, texts hidden, and how many events wait behind it."""
    from kpo_cli import inspection  # noqa: PLC0415  # See above.

    inspection.show_parked_event(directory, service, parked_id, reveal=reveal)


@parked_app.command()
def retry(
    parked_id: ParkedId,
    service: Service,
    reason: Reason,
    directory: Directory = HOME,
    *,
    yes: ForReal = False,
) -> None:
    """Handle a parked event again, and what waits behind it."""
    _wish_event(directory, service, parked_id, _Wish("retry", reason, yes))


@parked_app.command()
def skip(
    parked_id: ParkedId,
    service: Service,
    reason: Reason,
    directory: Directory = HOME,
    *,
    yes: ForReal = False,
) -> None:
    """Leave a parked event out for good, so that those behind it go on."""
    _wish_event(directory, service, parked_id, _Wish("skip", reason, yes))


@parked_app.command("retry-all")
def retry_all(  # noqa: PLR0913 - each is an option of the command.
    code: Annotated[
        str, typer.Argument(help="Why they are parked: bug, unreadable, unknown_major or not_yet.")
    ],
    service: Service,
    reason: Reason,
    error: Annotated[str, typer.Option(help="Only those with this class of error.")] = "",
    directory: Directory = HOME,
    *,
    yes: ForReal = False,
) -> None:
    """Handle all events again that one cause has parked, as after a fix that is deployed."""
    from kpo_cli import inspection  # noqa: PLC0415  # See above.

    kind: Json = {"code": code, "error": error} if error else {"code": code}
    inspection.retry_all(directory, service, kind, reason=reason, for_real=yes)


@parked_app.command()
def export(
    service: Service,
    directory: Directory = HOME,
    reveal: Reveal = "",
) -> None:
    """Write parked events with their bodies to standard output, a line of JSON each, texts hidden."""
    from kpo_cli import inspection  # noqa: PLC0415  # See above.

    inspection.export(directory, service, reveal=reveal)


def audit(
    service: Service,
    directory: Directory = HOME,
    about: Annotated[str, typer.Option(help="Only this: parked/<id> or clocks/<aggregate>/<id>.")] = "",
) -> None:
    """Show what people did about parked events and stuck clocks, why, and what came of it."""
    from kpo_cli import inspection  # noqa: PLC0415  # See above.

    inspection.show_audit(directory, service, about)


@clocks_app.command("list")
def list_clocks(directory: Directory = HOME) -> None:
    """Show the clocks of every service that failed and are left out, and why."""
    from kpo_cli import inspection  # noqa: PLC0415  # See above.

    inspection.show_clocks(directory)


@clocks_app.command("retry")
def retry_clock(
    clock: Clock, service: Service, reason: Reason, directory: Directory = HOME, *, yes: ForReal = False
) -> None:
    """Carry a stuck clock out after all, with the time of now."""
    _wish_clock(directory, service, clock, _Wish("retry", reason, yes))


@clocks_app.command("skip")
def skip_clock(
    clock: Clock, service: Service, reason: Reason, directory: Directory = HOME, *, yes: ForReal = False
) -> None:
    """Leave this deadline out: only a command or an event moves the aggregate on."""
    _wish_clock(directory, service, clock, _Wish("skip", reason, yes))


@dataclass(frozen=True)
class _Wish:
    wished: str
    reason: str
    for_real: bool


def _wish_event(directory: Path, service: str, parked_id: str, wish: _Wish) -> None:
    from kpo_cli import inspection  # noqa: PLC0415  # See above.

    if wish.for_real:
        _wish(directory, service, ("parked", parked_id), wish)
    else:
        inspection.preview(directory, service, parked_id, wish.wished)


def _wish_clock(directory: Path, service: str, clock: str, wish: _Wish) -> None:
    from kpo_cli import inspection  # noqa: PLC0415  # See above.

    aggregate, _, key = clock.partition("/")
    if wish.for_real:
        _wish(directory, service, ("clocks", aggregate, key), wish)
    else:
        inspection.preview_clock(directory, service, clock, wish.wished)


def _wish(directory: Path, service: str, thing: Sequence[str], wish: _Wish) -> None:
    from kpo_cli import inspection  # noqa: PLC0415  # See above.

    inspection.wish(directory, service, thing, wished=wish.wished, reason=wish.reason)
