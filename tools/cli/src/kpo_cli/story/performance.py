"""Performs both stories on a system of their own: shows what happens as it happens, checks what must hold."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from kpo_cli import population
from kpo_cli.population import Population
from kpo_cli.stack.options import ServerOptions, SystemOptions
from kpo_cli.stack.preparation import prepare
from kpo_cli.stack.system import System
from kpo_cli.story import assignment, call_checks, challenge, checks, market, pages
from kpo_cli.story.actors import Actor, World
from kpo_cli.story.assignment import Tale
from kpo_cli.story.challenge import Saga, Stage
from kpo_cli.story.checks import Check
from kpo_cli.story.narrator import Narrator
from kpo_cli.story.spans import Spans, receiving_spans
from kpo_cli.story.watch import Watch, watching

SPANS_SECONDS_MAX: Final = 10.0
REST_SECONDS_MAX: Final = 15.0
LOOK_SECONDS: Final = 0.2
out: Final = Console(soft_wrap=True, highlight=False)
narrator: Final = Narrator(out)


@dataclass(frozen=True, slots=True)
class Told:
    """What the stories have left, for those who check it; `saga` is None where no call was told."""

    tale: Tale
    saga: Saga | None


def perform(directory: Path, entries: int) -> bool:
    """Start everything from nothing, tell both stories, stop everything; say whether all promises held.

    `entries` is how many experts enter the open call; without any, only the assignment is told.
    """
    started = time.monotonic()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # It complains while a new broker finds itself.
    shutil.rmtree(directory / "kafka", ignore_errors=True)
    shutil.rmtree(directory / "mongod", ignore_errors=True)
    prepare(directory, out)
    with receiving_spans() as spans, out.status("starting") as spinner:
        options = SystemOptions(servers=ServerOptions(), otlp_endpoint=spans.endpoint)
        with System.start(directory, options, spinner.update) as system:
            spinner.stop()
            out.print(f"Kafka, MongoDB and four services are up after {time.monotonic() - started:.0f} s.")
            held = asyncio.run(_tell(system, spans, directory, entries))
    out.print(f"Done after {time.monotonic() - started:.0f} s; nothing is left running.")
    return held


async def _tell(system: System, spans: Spans, directory: Path, entries: int) -> bool:
    endpoints = system.endpoints
    world, workers = World(endpoints.services, system.issuer), World(endpoints.workers, system.issuer)
    people = population.generate(experts=max(population.EXPERTS, entries + challenge.OTHERS))
    try:
        async with watching(endpoints.kafka_bootstrap, narrator.show) as watch:
            pace = await _settle_market(world, people)
            tale = await assignment.tell(
                world, narrator.say, required_skills=population.EVIDENCE_REVIEW_SKILLS
            )
            await _show_timeline(tale)
            saga = None
            if entries:
                stage = Stage(people.experts, entries, directory / "call", pace)
                saga = await challenge.tell(world, narrator.say, stage)
            await _come_to_rest(workers.actor("operator"))
            await watch.to_the_end()
            await _show_money(tale.operator)
            return _show_checks(await _check(Told(tale, saga), workers.actor("operator"), watch, spans))
    finally:
        await world.close()
        await workers.close()


async def _settle_market(world: World, people: Population) -> float:
    """Register everybody; give the requests per second that this took."""
    settled = await market.settle(world, people)
    narrator.say(
        f"{settled.experts} experts of {settled.vendors} vendors in {settled.countries} countries register."
    )
    out.print(f"   [dim]({settled.requests_per_second:.0f} requests per second)[/]")
    return settled.requests_per_second


async def _come_to_rest(operator: Actor) -> None:
    """Wait until what was announced last has been consumed everywhere."""
    deadline = time.monotonic() + REST_SECONDS_MAX
    while time.monotonic() < deadline:
        if all(check.held for check in await checks.nothing_left(operator)) and not await checks.lag(
            operator
        ):
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _check(told: Told, workers: Actor, watch: Watch, spans: Spans) -> list[Check]:
    found = [
        checks.gap_free(watch),
        *await checks.nothing_left(workers),
        await checks.ledger_is_zero(told.tale.operator),
        checks.money_is_conserved(watch),
    ]
    if told.saga:
        found += _check_call(told.saga, watch)
    return [*found, *await _traces(told.tale, watch, spans)]


def _check_call(saga: Saga, watch: Watch) -> list[Check]:
    call = saga.engaged.id
    return [
        call_checks.purse_is_shared_out(watch.events, call),
        call_checks.every_award_is_paid(watch.events, call),
        call_checks.entrants_come_from(watch.events, call, challenge.COUNTRIES),
        call_checks.evidence_stands(saga.verdicts),
    ]


async def _traces(tale: Tale, watch: Watch, spans: Spans) -> list[Check]:
    """Check the traces, once the services have had time to hand their spans in."""
    clock = watch.clock_trace("delivery.workorder.milestone_accepted.v1")
    deadline = time.monotonic() + SPANS_SECONDS_MAX
    while True:
        found = [
            checks.trace_reaches(
                spans, "POST submit", tale.traces["submit"], ("intake", "billing", "matching")
            ),
            checks.trace_reaches(
                spans,
                "POST accept of milestone 1",
                tale.traces["accept milestone 1"],
                ("delivery", "billing", "intake"),
            ),
            checks.trace_reaches(
                spans, "the clock's acceptance", clock, ("delivery", "billing", "intake", "matching")
            ),
            checks.trace_is_linked(spans, "the clock's acceptance", clock),
        ]
        if all(check.held for check in found) or time.monotonic() > deadline:
            return found
        await asyncio.sleep(LOOK_SECONDS)


async def _show_timeline(tale: Tale) -> None:
    table = Table("time", "service", "what happened", "actor", title="The engagement's timeline")
    for row in await pages.all_items(tale.client, "intake", f"{tale.engaged.path}/timeline"):
        table.add_row(
            str(row["happened_at"])[11:19], str(row["service"]), str(row["sentence"]), str(row["actor"])[:14]
        )
    out.print(table)


async def _show_money(operator: Actor) -> None:
    table = Table("account", "balance", title="The ledger")
    for row in await pages.all_items(operator, "billing", "/v1/ledger/balances"):
        balance = row["balance"]
        assert isinstance(balance, dict)
        table.add_row(str(row["account"]), f"{balance['amount']} {balance['currency']}")
    out.print(table)


def _show_checks(found: list[Check]) -> bool:
    table = Table("promise", "held", "seen", title="What must hold")
    for check in found:
        table.add_row(check.promise, "[green]yes[/]" if check.held else "[red]NO[/]", check.seen)
    out.print(table)
    return all(check.held for check in found)
