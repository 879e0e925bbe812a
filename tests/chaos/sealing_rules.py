"""Rules about what is sealed: nobody reads it too early, and what is opened is what was submitted."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from .contest_rules import OPENED, RECEIVED, moment, of_type
from .entries import Seen
from .finding import Finding
from .known import Command, History, Json, data_of

GRACE = timedelta(seconds=10)
"""How long after the deadline submissions stay sealed, as docs/challenge.md promises."""

NEVER_READ = frozenset({"rival", "client"})
"""Who reads an entry's submissions at no time, by its vendor's door."""

COMMITTED = ("challenge_id", "entry_id", "person_id", "submission", "nonce", "items")
"""What a commitment is made of, beside the file's hash: docs/challenge.md, Receipts."""


def nobody_reads_early(history: History) -> Iterator[Finding]:
    """Whoever was shown a submission had a right to it, and deadline and grace were over.

    A peek bears the time when the answer had come, so what it was shown was open even earlier.
    """
    received, opens_at = _firsts(history), _opening_times(history)
    for peek in history.peeks:
        event = received.get(f"{peek.entry}/{peek.submission}")
        where = f"submission {peek.submission} of entry {peek.entry}"
        if not peek.shown:
            continue
        if peek.role in NEVER_READ:
            yield Finding(f"a {peek.role} read {where}", event)
        elif peek.entry in opens_at and peek.at < opens_at[peek.entry]:
            early = (opens_at[peek.entry] - peek.at).total_seconds()
            yield Finding(f"the {peek.role} read {where} {early:.3f} s before it was open", event)


def _firsts(history: History) -> dict[str, Seen]:
    """Give the receipt of every submission, by entry and number."""
    return {_name(event): event for event in history.events if event.type == RECEIVED}


def _name(received: Seen) -> str:
    return f"{received.key}/{data_of(received)['submission']}"


def _opening_times(history: History) -> dict[str, datetime]:
    """Give when the submissions of an entry may be read, by the entry."""
    found: dict[str, datetime] = {}
    for events in history.engagements.values():
        for opened in of_type(events, OPENED):
            closes_at = moment(data_of(opened)["submissions_close_at"])
            found |= {str(event.key): closes_at + GRACE for event in of_type(events, RECEIVED)}
    return found


def what_was_sealed_is_opened(history: History) -> Iterator[Finding]:
    """Every receipt's submission can be read in the end: what its command said, and what it committed to."""
    shown = history.looks("submission")
    commands = {command.asked.trace: command for command in history.commands}
    for received in (event for event in history.events if event.type == RECEIVED):
        opened = shown.get(name := _name(received))
        command = commands.get(received.trace)
        if opened is None:
            yield Finding(f"submission {name} was never opened", received)
        elif _commitment(opened) != data_of(received)["commitment"]:
            yield Finding(f"submission {name} is not what its receipt committed to", received)
        elif command is not None and not _says_what_was_sent(opened, command):
            yield Finding(f"submission {name} is not what was sent", received, command)
    for name in shown.keys() - _firsts(history).keys():
        yield Finding(f"submission {name} can be read, and nobody got a receipt for it")


def _commitment(opened: Json) -> str:
    """Recompute a commitment from what was opened, by the documented recipe and not by the service's code."""
    file = opened["file"]
    told = {name: opened[name] for name in COMMITTED}
    told["file_sha256"] = file["sha256"] if isinstance(file, dict) else None
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _says_what_was_sent(opened: Json, command: Command) -> bool:
    sent, file = command.asked.body, opened["file"]
    assert isinstance(sent, dict)
    file_id = file["file_id"] if isinstance(file, dict) else None
    return (opened["items"], file_id) == (sent["items"], sent["file_id"])
