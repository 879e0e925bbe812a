"""What must hold when the story is over; each check would fail if the engine had broken its promise."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from kpo_chassis.operations import StatusBody
from kpo_cli.story import pages
from kpo_cli.story.actors import Actor
from kpo_cli.story.spans import Spans
from kpo_cli.story.watch import Watch
from kpo_events.billing import EscrowLapsedV1, EscrowSettledV1
from kpo_events.money import Money


@dataclass(frozen=True, slots=True)
class Check:
    """One promise and whether it held, with what was seen."""

    promise: str
    held: bool
    seen: str


def gap_free(watch: Watch) -> Check:
    """Check that every stream is numbered 1, 2, 3 without a gap."""
    streams = watch.streams()
    broken = [
        f"{topic}/{key}"
        for (topic, key), numbers in streams.items()
        if numbers != list(range(1, len(numbers) + 1))
    ]
    events = sum(len(numbers) for numbers in streams.values())
    seen = f"{events:,} events in {len(streams):,} streams" if not broken else f"broken: {broken[:3]}"
    return Check("every stream is numbered 1..n without a gap", bool(streams) and not broken, seen)


async def nothing_left(workers: Actor) -> list[Check]:
    """Check that no outbox holds an event and nothing is parked; `workers` speaks to the workers' doors."""
    statuses = []
    for service in workers.world.urls:
        answer = await workers.get(service, "/v1/operations/status")
        statuses.append(StatusBody.model_validate(answer.body))
    waiting = {status.service: status.outbox_documents for status in statuses}
    parked = {status.service: status.parked_events for status in statuses}
    stuck = {status.service: len(status.stuck_clocks) for status in statuses}
    return [
        Check("every outbox is empty", not any(waiting.values()), _pairs(waiting)),
        Check("nothing is parked", not any(parked.values()), _pairs(parked)),
        Check("no clock is stuck", not any(stuck.values()), _pairs(stuck)),
    ]


async def ledger_is_zero(operator: Actor) -> Check:
    """Check that debits and credits of all accounts cancel out, in each currency."""
    totals: defaultdict[str, int] = defaultdict(int)
    for row in await pages.all_items(operator, "billing", "/v1/ledger/balances"):
        balance = Money.model_validate(row["balance"])
        totals[balance.currency] += balance.minor if row["kind"] == "bank" else -balance.minor
    held = bool(totals) and not any(totals.values())
    return Check("the ledger balances to zero per currency", held, _pairs(dict(totals)))


def money_is_conserved(watch: Watch) -> Check:
    """Check of every closed escrow that released + fees + refunded = funded, to the minor unit."""
    closed = [e.data for e in watch.events if isinstance(e.data, EscrowSettledV1 | EscrowLapsedV1)]
    wrong = [
        str(escrow.escrow_id)
        for escrow in closed
        if escrow.released.minor + escrow.fees.minor + escrow.refunded.minor != escrow.funded.minor
    ]
    seen = f"{len(closed)} escrows closed" if not wrong else f"wrong: {wrong[:3]}"
    return Check("released + fees + refunded = funded", bool(closed) and not wrong, seen)


def trace_reaches(spans: Spans, what: str, trace_id: str, services: Sequence[str]) -> Check:
    """Check that one trace has spans of all these services."""
    reached = spans.services(trace_id)
    return Check(
        f"the trace of {what} reaches {', '.join(services)}", set(services) <= reached, _names(reached)
    )


def trace_is_linked(spans: Spans, what: str, trace_id: str) -> Check:
    """Check that a trace is a new one that points at the trace which set its deadline."""
    links = {link for span in spans.of(trace_id) for link in span.links}
    return Check(
        f"{what} is a new trace, linked to where its deadline was set", bool(links), f"{len(links)} links"
    )


async def is_at_rest(workers: Actor) -> bool:
    """Say whether all that was announced has been consumed by everybody, and nothing is left over."""
    return not await lag(workers) and all(check.held for check in await nothing_left(workers))


async def lag(workers: Actor) -> int:
    """Count the records that are announced and not yet consumed by everybody."""
    total = 0
    for service in workers.world.urls:
        answer = await workers.get(service, "/v1/operations/status")
        status = StatusBody.model_validate(answer.body)
        total += status.queued_records + sum(lane.lag or 0 for lane in status.lanes)
    return total


def _pairs(values: dict[str, int]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(values.items()))


def _names(names: set[str]) -> str:
    return "reached: " + (", ".join(sorted(names)) or "nobody")
