"""Asks the workers of a running system what waits and what needs a person, through their own doors."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import quote, urlencode

import httpx2
from rich.console import Console
from rich.table import Table

from kpo_chassis.audit import AuditPage
from kpo_chassis.operations import StatusBody, StuckClockBody, StuckClocksPage
from kpo_chassis.parked_desk import ParkedEventBody, ParkedPage, ParkedRecordsPage, RetriedBody
from kpo_cli.stack.endpoints import running_endpoints
from kpo_cli.stack.errors import StackError
from kpo_cli.stack.state import Home
from kpo_cli.story.actors import Actor, Json, RefusedError, World
from kpo_cli.tokens import TokenIssuer
from kpo_events.catalogue import CATALOGUE

T = TypeVar("T")

WIDTH_MAX: Final = 10_000
"""How wide a table may be where no terminal limits it."""

# What is printed may hold brackets and colons of its own.
_plain: Final = partial(Console, highlight=False, markup=False, emoji=False)
out: Final = _plain(soft_wrap=True)


def show_health(directory: Path) -> bool:
    """Show how far consumption is behind and what needs a person; say whether nothing does."""
    statuses = _ask(directory, _statuses)
    table = Table("service", "partitions", "lag", "queued", "outbox", "parked", "stuck clocks")
    for status in statuses:
        lag = sum(lane.lag or 0 for lane in status.lanes)
        row = (len(status.lanes), lag, status.queued_records, status.outbox_documents, status.parked_events)
        table.add_row(status.service, *map(str, row), str(len(status.stuck_clocks)))
    _show(table)
    ill = [status.service for status in statuses if status.parked_events or status.stuck_clocks]
    if ill:
        out.print(
            f"These need a person: {', '.join(ill)}. Look with `kpo parked list` and `kpo clocks list`."
        )
    else:
        out.print("Nothing needs a person.")
    return not ill


def show_topics() -> None:
    """List every event type with its topic, whether partners may see it, and its version."""
    table = Table("event", "topic", "public", "version")
    for name, entry in sorted(CATALOGUE.items()):
        version = f"{name.rpartition('.v')[2]}.{entry.minor}"
        table.add_row(name, entry.topic, "yes" if entry.public else "", version)
    _show(table)


def show_parked(directory: Path, code: str) -> None:
    """Show what every service has set aside, and why; only what has this code, if one is given."""
    table, hidden = Table("service", "id", "code", "reason", "attempts", "wish"), 0
    for service, page in _ask(directory, partial(_all_parked, code)):
        hidden += page.count - len(page.items)
        for parked in page.items:
            seen = (parked.id, parked.code, parked.reason, str(parked.attempts), parked.wish or "")
            table.add_row(service, *seen)
    _show(table)
    if hidden:
        out.print(f"and {hidden} more. Look for one cause with --code, or at all with `kpo parked export`.")


def show_parked_event(directory: Path, service: str, parked_id: str, *, reveal: str) -> None:
    """Show one parked event whole, with what people wrote hidden unless a reason to see it is given."""
    event = _ask(directory, partial(_parked_event, service, parked_id, reveal))
    out.print_json(event.model_dump_json())


def preview_clock(directory: Path, service: str, clock: str, wished: str) -> None:
    """Say what a wish would do to a stuck clock, which nothing has happened for yet."""
    aggregate, _, key = clock.partition("/")
    named = f"{aggregate}/{key.lower()}"
    clocks = _ask(directory, partial(_clocks, service))
    stuck = next((each for each in clocks if _clock_name(each) == named), None)
    if stuck is None:
        raise StackError(f"no clock {clock} is among the stuck ones of {service}; see `kpo clocks list`.")
    out.print(
        f"Would {wished} {_clock_name(stuck)} of {service}: due at "
        f"{stuck.due_at.isoformat(timespec='seconds')}, stuck ({stuck.reason}). Say --yes to do it."
    )


def preview(directory: Path, service: str, parked_id: str, wished: str) -> None:
    """Say what a wish would do, which nothing has happened for yet."""
    event = _ask(directory, partial(_parked_event, service, parked_id, ""))
    out.print(
        f"Would {wished} {event.id} of {service}: {event.type}, parked as {event.code} ({event.reason}); "
        f"{event.waiting_behind} wait behind it. Say --yes to do it."
    )


def show_audit(directory: Path, service: str, about: str) -> None:
    """Show what people did at a service's workers and what came of it, the youngest first."""

    async def ask(operator: Actor) -> AuditPage:
        answer = await operator.get(service, f"/v1/operations/audit?{urlencode({'about': about})}")
        return AuditPage.model_validate(answer.body)

    table = Table("at", "person", "step", "wish", "about", "reason")
    for row in _ask(directory, ask).items:
        at = row.at.isoformat(timespec="seconds")
        table.add_row(at, row.person, row.step, row.wish or "", row.about, row.reason)
    _show(table)


def show_clocks(directory: Path) -> None:
    """Show the clocks of every service that failed and are left out, and why."""
    table = Table("service", "clock", "was due", "reason", "wish")
    for service, clock in _ask(directory, _all_clocks):
        due = clock.due_at.isoformat(timespec="seconds")
        table.add_row(service, _clock_name(clock), due, clock.reason, clock.wish or "")
    _show(table)


def wish(directory: Path, service: str, thing: Sequence[str], *, wished: str, reason: str) -> None:
    """Record what shall happen with a parked event or a stuck clock, named as the workers' doors name it."""

    async def put(operator: Actor) -> None:
        path = f"/v1/operations/{'/'.join(map(_segment, thing))}/wish"
        await operator.ask("PUT", service, path, json={"wish": wished, "reason": reason})

    _ask(directory, put)
    out.print(f"{'/'.join(thing)}: a worker will {wished} it within a second.")


def retry_all(directory: Path, service: str, kind: Json, *, reason: str, for_real: bool) -> None:
    """Ask for all events that one cause has parked to be handled again, or only show which they are.

    `kind` is the code, and the class of the error where that matters.
    """

    async def put(operator: Actor) -> RetriedBody:
        body: Json = {**kind, "reason": reason, "dry_run": not for_real}
        answer = await operator.ask("PUT", service, "/v1/operations/parked-wishes", json=body)
        return RetriedBody.model_validate(answer.body)

    found = _ask(directory, put)
    for parked_id in found.ids:
        out.print(parked_id)
    if found.count > len(found.ids):
        out.print(f"and {found.count - len(found.ids)} more")
    told = (
        "will be handled again within a second" if for_real else "would be handled again. Say --yes to do it"
    )
    out.print(f"{found.count} events with the code {kind['code']} {told}.")
    if found.left:
        out.print(f"{found.left} more are left for the next time.")


def export(directory: Path, service: str, *, reveal: str) -> None:
    """Write everything that a service has parked to standard output, a line of JSON each."""

    async def pages(operator: Actor) -> AsyncIterator[ParkedRecordsPage]:
        after: str | None = ""
        while after is not None:
            asked = urlencode({"after": after, "reveal": str(bool(reveal)).lower(), "reason": reveal})
            answer = await operator.get(service, f"/v1/operations/parked-records?{asked}")
            page = ParkedRecordsPage.model_validate(answer.body)
            yield page
            after = page.next

    async def write(operator: Actor) -> None:
        async for page in pages(operator):
            for item in page.items:
                sys.stdout.write(item.model_dump_json() + "\n")

    _ask(directory, write)


def _show(table: Table) -> None:
    """Print a table with all words whole: folded on a terminal, and as wide as they are elsewhere."""
    for column in table.columns:
        column.overflow = "fold"
    console = _plain()
    if not console.is_terminal:
        console.width = WIDTH_MAX
    console.print(table)


async def _statuses(operator: Actor) -> list[StatusBody]:
    answers = [await operator.get(service, "/v1/operations/status") for service in operator.world.urls]
    return [StatusBody.model_validate(answer.body) for answer in answers]


async def _all_parked(code: str, operator: Actor) -> list[tuple[str, ParkedPage]]:
    path = "/v1/operations/parked" + (f"?{urlencode({'code': code})}" if code else "")
    answers = [(service, await operator.get(service, path)) for service in operator.world.urls]
    return [(service, ParkedPage.model_validate(answer.body)) for service, answer in answers]


async def _parked_event(service: str, parked_id: str, reveal: str, operator: Actor) -> ParkedEventBody:
    asked = urlencode({"reveal": str(bool(reveal)).lower(), "reason": reveal})
    path = f"/v1/operations/parked-records/{_segment(parked_id)}?{asked}"
    answer = await operator.get(service, path)
    return ParkedEventBody.model_validate(answer.body)


async def _all_clocks(operator: Actor) -> list[tuple[str, StuckClockBody]]:
    found: list[tuple[str, StuckClockBody]] = []
    for service in operator.world.urls:
        found.extend((service, item) for item in await _clocks(service, operator))
    return found


async def _clocks(service: str, operator: Actor) -> tuple[StuckClockBody, ...]:
    answer = await operator.get(service, "/v1/operations/clocks")
    return StuckClocksPage.model_validate(answer.body).items


def _clock_name(clock: StuckClockBody) -> str:
    return f"{clock.aggregate}/{clock.id}"


def _segment(name: str) -> str:
    """Give what a person named as one part of a path, so that it leads to no other door.

    Clients take `.` and `..` out of a path, but for those that are quoted.
    """
    quoted = quote(name, safe="")
    return quoted if quoted.strip(".") else quoted.replace(".", "%2E")


def _ask(directory: Path, question: Callable[[Actor], Awaitable[T]]) -> T:
    """Ask the workers of the running system as an operator."""
    home = Home.at(directory)
    endpoints = running_endpoints(home)
    if endpoints is None:
        raise StackError("nothing is up in this folder; start it with `make up`.")
    workers = endpoints.workers

    async def ask() -> T:
        world = World(workers, TokenIssuer.open(home))
        try:
            return await question(world.actor("operator"))
        except RefusedError as error:
            raise StackError(f"{str(error).rstrip('.')}.") from error
        except httpx2.TransportError as error:
            where = error.request.url.copy_with(query=None)
            raise StackError(f"nobody answers at {where}; see who runs with `kpo stack status`.") from error
        finally:
            await world.close()

    return asyncio.run(ask())
