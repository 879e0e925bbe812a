"""`kpo doctor` and `kpo parked`: what waits and what needs a person, asked at the workers' doors only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Final, TypeVar
from urllib.parse import quote

import typer
from rich.console import Console
from rich.table import Table

from kpo_chassis.operations import ParkedBody, ParkedPage, StatusBody
from kpo_cli.commands.stack import HOME, Directory
from kpo_cli.stack.endpoints import running_endpoints
from kpo_cli.stack.errors import StackError
from kpo_cli.stack.state import Home
from kpo_cli.story.actors import Actor, RefusedError, World
from kpo_cli.tokens import TokenIssuer
from kpo_events.catalogue import CATALOGUE

T = TypeVar("T")

out: Final = Console(soft_wrap=True, highlight=False)
parked_app: Final = typer.Typer(
    no_args_is_help=True, help="Events that were set aside, and what to do with them."
)

Service = Annotated[
    str, typer.Option(help="The service that parked it: intake, matching, delivery or billing.")
]
Reason = Annotated[str, typer.Option(help="Why; it is kept with the wish.")]
ForReal = Annotated[bool, typer.Option("--yes", help="Do it; without this, only show what would be done.")]


def doctor(directory: Directory = HOME) -> None:
    """Say what runs, how far consumption is behind, and what needs a person; exit with 1 if anything does."""
    statuses = _ask(directory, _statuses)
    table = Table("service", "partitions", "lag", "queued", "outbox", "parked", "stuck clocks")
    for status in statuses:
        lag = sum(lane.lag or 0 for lane in status.lanes)
        row = (len(status.lanes), lag, status.queued_records, status.outbox_documents, status.parked_events)
        table.add_row(status.service, *map(str, row), str(len(status.stuck_clocks)))
    out.print(table)
    ill = [status.service for status in statuses if status.parked_events or status.stuck_clocks]
    if ill:
        out.print(f"These need a person: {', '.join(ill)}. Look with `kpo parked list`.")
        raise typer.Exit(1)
    out.print("Nothing needs a person.")


def topics() -> None:
    """List every event type with its topic, whether partners may see it, and its version."""
    table = Table("event", "topic", "public", "version")
    for name, entry in sorted(CATALOGUE.items()):
        table.add_row(
            name, entry.topic, "yes" if entry.public else "", f"{name.rpartition('.v')[2]}.{entry.minor}"
        )
    out.print(table)


@parked_app.command("list")
def list_parked(directory: Directory = HOME) -> None:
    """Show what every service has set aside, and why."""
    table = Table("service", "id", "code", "reason", "attempts", "wish")
    for service, parked in _ask(directory, _all_parked):
        table.add_row(service, parked.id, parked.code, parked.reason, str(parked.attempts), parked.wish or "")
    out.print(table)


@parked_app.command()
def retry(
    parked_id: str, service: Service, reason: Reason, directory: Directory = HOME, *, yes: ForReal = False
) -> None:
    """Handle a parked event again."""
    _wish(directory, service, parked_id, "retry", reason, for_real=yes)


@parked_app.command()
def skip(
    parked_id: str, service: Service, reason: Reason, directory: Directory = HOME, *, yes: ForReal = False
) -> None:
    """Leave a parked event out for good, so that those behind it go on."""
    _wish(directory, service, parked_id, "skip", reason, for_real=yes)


def _wish(  # noqa: PLR0913 - one command line, spread out.
    directory: Path, service: str, parked_id: str, wish: str, reason: str, *, for_real: bool
) -> None:
    if not for_real:
        out.print(f"Would {wish} {parked_id} of {service}. Say --yes to do it.")
        return

    async def put(operator: Actor) -> None:
        path = f"/v1/operations/parked/{quote(parked_id)}/wish"
        await operator.ask("PUT", service, path, json={"wish": wish, "reason": reason})

    _ask(directory, put)
    out.print(f"{parked_id}: the worker that owns it will {wish} it within a second.")


async def _statuses(operator: Actor) -> list[StatusBody]:
    answers = [await operator.get(service, "/v1/operations/status") for service in operator.world.urls]
    return [StatusBody.model_validate(answer.body) for answer in answers]


async def _all_parked(operator: Actor) -> list[tuple[str, ParkedBody]]:
    found: list[tuple[str, ParkedBody]] = []
    for service in operator.world.urls:
        answer = await operator.get(service, "/v1/operations/parked")
        found.extend((service, item) for item in ParkedPage.model_validate(answer.body).items)
    return found


def _ask(directory: Path, question: Callable[[Actor], Awaitable[T]]) -> T:
    """Ask the workers of the running system as an operator."""
    home = Home.open(directory)
    endpoints = running_endpoints(home)
    if endpoints is None:
        raise StackError("nothing is up in this folder; start it with `make up`.")
    workers = endpoints.workers

    async def ask() -> T:
        world = World(workers, TokenIssuer.open(home))
        try:
            return await question(world.actor("operator"))
        except RefusedError as error:
            raise StackError(f"{error}.") from error
        finally:
            await world.close()

    return asyncio.run(ask())
