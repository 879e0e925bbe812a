"""Rules about open calls: what was submitted in time is judged once, nothing else is; winners are paid."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from pydantic import JsonValue

from .entries import Seen
from .finding import Finding
from .known import History, Json, data_of
from .money import minor

OPENED = "delivery.challenge.opened.v1"
ENTERED = "delivery.entry.entered.v1"
RECEIVED = "delivery.entry.submission_received.v1"
CLOSED = "delivery.challenge.submissions_closed.v1"
JUDGED = "delivery.challenge.round_judged.v1"
AWARDED = "delivery.challenge.awarded.v1"
RELEASED = "billing.escrow.released.v1"
REQUESTED = "billing.payout.requested.v1"
SETTLED = "billing.escrow.settled.v1"
PAID = ((RELEASED, 1), ("billing.invoice.issued.v1", 2), (REQUESTED, 1))
"""What each award leads to, and how often: of the two invoices, one is the platform's, for its fee."""


def nothing_is_taken_late(history: History) -> Iterator[Finding]:
    """No submission bears a time behind the deadline of its call."""
    for events in history.engagements.values():
        for opened in of_type(events, OPENED):
            deadline = moment(data_of(opened)["submissions_close_at"])
            for received in of_type(events, RECEIVED):
                if moment(data_of(received)["submitted_at"]) > deadline:
                    yield Finding("a submission was taken behind the deadline", received)


def submissions_are_kept(history: History) -> Iterator[Finding]:
    """Compare what was announced of an entry with what its vendor is shown: numbers and commitments."""
    shown = history.looks("entry")
    for events in history.engagements.values():
        for entered in of_type(events, ENTERED):
            entry = str(entered.key)
            received = [e for e in of_type(events, RECEIVED) if e.key == entered.key]
            announced = sorted(_numbered(data_of(each), "submission") for each in received)
            if entry not in shown:
                yield Finding(f"entry {entry} is not at its vendor's door", entered)
            elif announced != (kept := _kept(shown[entry])):
                yield Finding(
                    f"entry {entry} has {len(kept)} submissions, and {len(announced)} receipts", entered
                )


def _kept(entry: Json) -> list[tuple[int, JsonValue]]:
    rows = entry["submissions"]
    assert isinstance(rows, list)
    return sorted(_numbered(row, "number") for row in rows if isinstance(row, dict))


def _numbered(row: Json, name: str) -> tuple[int, str]:
    number = row[name]
    assert isinstance(number, int)
    return number, str(row["commitment"])


def everybody_in_time_is_judged(history: History) -> Iterator[Finding]:
    """Of those who entered and submitted, the panel counts and ranks each once, and nobody else."""
    for events in history.engagements.values():
        entries = len({event.key for event in of_type(events, ENTERED)})
        submissions = len({event.key for event in of_type(events, RECEIVED)})
        for closed in of_type(events, CLOSED):
            if (data_of(closed)["entries"], data_of(closed)["submissions"]) != (entries, submissions):
                told = f"{data_of(closed)['submissions']} of {data_of(closed)['entries']}"
                yield Finding(f"{submissions} of {entries} submitted, and {told} were counted", closed)
        for judged in of_type(events, JUDGED):
            if data_of(judged)["round"] == 1 and data_of(judged)["submissions"] != submissions:
                yield Finding(
                    f"{submissions} submitted, and {data_of(judged)['submissions']} were ranked", judged
                )


def awards_are_paid(history: History) -> Iterator[Finding]:
    """Each award is one entry's, of those who submitted, and is released, billed and paid out once."""
    for events in history.engagements.values():
        submitted = {str(event.key) for event in of_type(events, RECEIVED)}
        for awarded in of_type(events, AWARDED):
            awards = awards_of(awarded)
            winners = [str(award["entry_id"]) for award in awards]
            if len(set(winners)) != len(winners) or not submitted.issuperset(winners):
                yield Finding("an award went to somebody who won already, or has submitted nothing", awarded)
            yield from _payments(history, awarded, awards)


def _payments(history: History, awarded: Seen, awards: list[Json]) -> Iterator[Finding]:
    effects = history.by_cause.get(awarded.id, [])
    for name, times in PAID:
        paid = Counter(data_of(event)["award"] for event in of_type(effects, name))
        if paid != Counter({award["number"]: times for award in awards}):
            yield Finding(f"{len(awards)} awards led to {paid.total()} of {name}", awarded)
    released = sum(minor(data_of(event)["gross"]) for event in of_type(effects, RELEASED))
    if released != sum(minor(award["prize"]) for award in awards):
        yield Finding(f"the awards are another sum than the {released} that left the purse", awarded)


def purses_are_shared_out(history: History) -> Iterator[Finding]:
    """Split a purse into what winners got, what the platform kept of it, and what went back: all of it."""
    for events in history.engagements.values():
        if not of_type(events, OPENED):
            continue
        awards = [award for awarded in of_type(events, AWARDED) for award in awards_of(awarded)]
        prizes = sum(minor(award["prize"]) for award in awards)
        yield from _parts_of_awards(events)
        for end in of_type(events, SETTLED):
            told = data_of(end)
            released, fees, refunded = (minor(told[name]) for name in ("released", "fees", "refunded"))
            if (released + fees, refunded) != (prizes, minor(told["funded"]) - prizes):
                told_parts = f"{released} net, {fees} fees and {refunded} returned"
                yield Finding(f"of a purse of {minor(told['funded'])}, {prizes} was won: {told_parts}", end)


def _parts_of_awards(events: list[Seen]) -> Iterator[Finding]:
    """Compare what is released for an award: gross = net + fee, and the net is what is paid out."""
    payouts = {data_of(event)["award"]: event for event in of_type(events, REQUESTED)}
    for event in of_type(events, RELEASED):
        told = data_of(event)
        gross, net, fee = (minor(told[name]) for name in ("gross", "net", "fee"))
        payout = payouts.get(told["award"])
        if gross != net + fee:
            yield Finding(f"an award of {gross} was split into {net} and {fee}", event)
        if payout is not None and minor(data_of(payout)["amount"]) != net:
            yield Finding(f"an award of {net} net was paid out as {data_of(payout)['amount']}", payout)


def awards_of(awarded: Seen) -> list[Json]:
    awards = data_of(awarded)["awards"]
    assert isinstance(awards, list)
    return [award for award in awards if isinstance(award, dict)]


def of_type(events: list[Seen], name: str) -> list[Seen]:
    """Give those events of an engagement that are of one type, in their order."""
    return [event for event in events if event.type == name]


def moment(value: JsonValue) -> datetime:
    return datetime.fromisoformat(str(value))
