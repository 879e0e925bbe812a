"""Rules about what must not be lost or made: money to the minor unit, numbers of invoices, hours."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from pydantic import JsonValue

from kpo_events.money import Money

from .chains import ENDS
from .entries import Seen
from .finding import Finding
from .known import History, Json, data_of

HELD_UNTIL = frozenset(
    {
        "matching.match.declined.v1",
        "matching.match.offer_expired.v1",
        "matching.match.ended.v1",
        "delivery.workorder.completed.v1",
        "delivery.workorder.cancelled.v1",
    }
)
"""What ends the hold that an offer has on its expert's hours; it is let go of somewhat later."""


def minor(value: JsonValue) -> int:
    return Money.model_validate(value).minor


def escrows_are_conserved(history: History) -> Iterator[Finding]:
    """Released + fees + refunded = funded, and each of them is the sum of what was announced before."""
    for events in history.engagements.values():
        for end in (event for event in events if event.type in ENDS):
            told = data_of(end)
            released = [data_of(e) for e in events if e.type == "billing.escrow.released.v1"]
            parts = [minor(told[name]) for name in ("released", "fees", "refunded")]
            if sum(parts) != minor(told["funded"]):
                yield Finding(f"an escrow of {minor(told['funded'])} gave out {sum(parts)}", end)
            if parts[0] != sum(minor(each["net"]) for each in released):
                yield Finding("an escrow closed with another sum than it released", end)
            if parts[1] != sum(minor(each["fee"]) for each in released):
                yield Finding("an escrow closed with other fees than it took", end)


def ledger_is_zero(history: History) -> Iterator[Finding]:
    """Debits and credits cancel out in each currency."""
    totals: defaultdict[str, int] = defaultdict(int)
    for row in history.looks("balance").values():
        balance = Money.model_validate(row["balance"])
        totals[balance.currency] += balance.minor if row["kind"] == "bank" else -balance.minor
    for currency, total in totals.items():
        if total:
            yield Finding(f"the ledger is off by {total} minor units of {currency}")


def nobody_is_overdrawn(history: History) -> Iterator[Finding]:
    for account, row in history.looks("balance").items():
        if minor(row["balance"]) < 0:
            yield Finding(f"the account {account} is overdrawn: {row['balance']}")


def bank_holds_what_came_in(history: History) -> Iterator[Finding]:
    """Compare the ledger's bank accounts with the credits that were recorded, less the debits."""
    lines = [command for command in history.deeds if command.title == "POST billing/v1/bank-lines"]
    if any(command.outcome == "unknown" for command in lines):
        return
    total = sum(_signed(command.asked.body) for command in lines if command.outcome == "ok")
    rows = [row for row in history.looks("balance").values() if row["kind"] == "bank"]
    held = sum(minor(row["balance"]) for row in rows)
    if lines and held != total:
        yield Finding(f"the statement adds up to {total}, and the ledger's bank accounts to {held}")


def _signed(body: JsonValue) -> int:
    assert isinstance(body, dict)
    amount = minor(body["amount"])
    return amount if body["direction"] == "credit" else -amount


def invoices_have_no_gaps(history: History) -> Iterator[Finding]:
    """Demand that the invoices of a seller and kind are numbered 1 to n in each year."""
    series: defaultdict[tuple[str, str], list[tuple[int, Seen]]] = defaultdict(list)
    for event in history.events:
        if event.type == "billing.invoice.issued.v1":
            told = data_of(event)
            prefix, _, number = str(told["number"]).rpartition("-")
            assert isinstance(told["seller"], dict)
            series[str(told["seller"]["id"]), prefix].append((int(number), event))
    for found in series.values():
        numbers = sorted(found, key=lambda each: each[0])
        wrong = next((event for n, (number, event) in enumerate(numbers, 1) if n != number), None)
        if wrong is not None:
            yield Finding("the numbers of a seller's invoices are not 1 to n", wrong)


def nobody_is_overbooked(history: History) -> Iterator[Finding]:
    """At no time do open offers and running work orders hold more hours of an expert than there are."""
    experts = history.looks("expert")
    changes: defaultdict[str, list[tuple[datetime, int, Seen]]] = defaultdict(list)
    for events in history.engagements.values():
        for expert, hold in _holds(events):
            changes[expert].append(hold)
    for expert, steps in changes.items():
        held = 0
        for _, hours, event in sorted(steps, key=lambda step: (step[0], step[1])):
            held += hours
            if expert in experts and held > _number(experts[expert], "weekly_hours"):
                yield Finding(f"expert {expert} was promised for {held} hours a week", event)
                break


def _holds(events: list[Seen]) -> Iterator[tuple[str, tuple[datetime, int, Seen]]]:
    """Follow one engagement: from its offer until its end, an expert is held."""
    hours, holder = 0, ""
    for event in events:
        told = data_of(event)
        if event.type == "intake.engagement.submitted.v1":
            assignment = told.get("assignment")  # A call holds nobody's hours.
            hours = _number(assignment, "hours_per_week") if isinstance(assignment, dict) else 0
        elif holder and event.type in HELD_UNTIL:
            yield holder, (event.at, -hours, event)
            holder = ""
        elif event.type == "matching.match.offered.v1":
            holder = str(told["expert_id"])
            yield holder, (event.at, hours, event)


def hours_come_back(history: History) -> Iterator[Finding]:
    """When all is over, nobody is held by anything."""
    for expert, shown in history.looks("expert").items():
        if shown["reservations"] or shown["free_hours"] != shown["weekly_hours"]:
            yield Finding(f"expert {expert} has {shown['free_hours']} of {shown['weekly_hours']} hours free")


def _number(row: Json, name: str) -> int:
    value = row[name]
    assert isinstance(value, int)
    return value
