"""Rules about commands: what was done has its events, what was refused has none, the rest all or none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .chains import ENDS
from .finding import Finding
from .known import Command, History

Effect = tuple[str, ...]
"""Event types that one change announces, sorted."""

NOTHING: Effect = ()
ID = r"/[0-9a-f-]{36}"


@dataclass(frozen=True)
class Kind:
    """A command by its door, and every set of events that it may announce when it is done."""

    door: re.Pattern[str]
    effects: tuple[Effect, ...]


def _kind(door: str, *effects: Effect) -> Kind:
    return Kind(re.compile(door), tuple(tuple(sorted(effect)) for effect in effects))


_ESCROW = (("billing.escrow.part_funded.v1",), ("billing.escrow.funded.v1",))
_FULL = {"billing.escrow.funded.v1", *ENDS}
_BOOKED = (("billing.payout.booked.v1",),)
_DONE = "delivery.workorder.milestone_accepted.v1"
_DECLINED = "matching.match.declined.v1"

KINDS = (
    _kind(r"POST intake/v1/clients", ("intake.client.registered.v1",)),
    _kind(r"POST intake/v1/engagements", ("intake.engagement.submitted.v1",)),
    _kind(
        rf"POST intake/v1/engagements{ID}/cancel", ("intake.engagement.cancellation_requested.v1",), NOTHING
    ),
    _kind(r"POST matching/v1/vendors", ("matching.vendor.onboarded.v1",)),
    _kind(r"POST matching/v1/experts", ("matching.expert.registered.v1",)),
    _kind(
        rf"POST matching/v1/matches{ID}/choose", ("matching.match.offered.v1",), ("matching.match.ended.v1",)
    ),
    _kind(rf"POST matching/v1/matches{ID}/offers/\d+/accept", ("matching.match.accepted.v1",)),
    _kind(
        rf"POST matching/v1/matches{ID}/offers/\d+/decline",
        (_DECLINED, "matching.match.offered.v1"),
        (_DECLINED, "matching.match.ended.v1"),
    ),
    _kind(rf"PUT delivery/v1/work-orders{ID}/deliverables{ID}/content", NOTHING),
    _kind(
        rf"POST delivery/v1/work-orders{ID}/milestones/\d+/submit",
        ("delivery.workorder.milestone_submitted.v1",),
    ),
    _kind(
        rf"POST delivery/v1/work-orders{ID}/milestones/\d+/return",
        ("delivery.workorder.milestone_returned.v1",),
    ),
    _kind(
        rf"POST delivery/v1/work-orders{ID}/milestones/\d+/accept",
        (_DONE,),
        (_DONE, "delivery.workorder.completed.v1"),
        (_DONE, "delivery.workorder.cancelled.v1"),
    ),
    _kind(rf"PUT delivery/v1/datasets{ID}/content", NOTHING),
    _kind(r"POST delivery/v1/datasets", NOTHING),
    _kind(rf"POST delivery/v1/challenges{ID}/judges", ("delivery.challenge.judge_appointed.v1",)),
    _kind(rf"POST delivery/v1/challenges{ID}/enter", ("delivery.entry.entered.v1",)),
    _kind(rf"PUT delivery/v1/entries{ID}/files{ID}/content", NOTHING),
    _kind(rf"POST delivery/v1/entries{ID}/submit", ("delivery.entry.submission_received.v1",)),
    _kind(
        rf"POST delivery/v1/challenges{ID}/submissions/[0-9A-Z]+/score",
        NOTHING,
        ("delivery.challenge.round_judged.v1", "delivery.challenge.awarded.v1"),
    ),
    _kind(r"POST billing/v1/bank-lines", *_ESCROW, *_BOOKED, NOTHING),
    _kind(r"POST billing/v1/payouts", ("billing.payout.requested.v1",)),
    _kind(rf"POST billing/v1/payouts{ID}/send", ("billing.payout.sent.v1",)),
)


def effects_of(command: Command, history: History) -> tuple[Effect, ...]:
    """Give every set of events that the command may have made, if it was done."""
    door = f"{command.asked.method} {command.asked.service}{command.asked.path}"
    kind = next(kind for kind in KINDS if kind.door.fullmatch(door))
    if kind.door.pattern.endswith("bank-lines") and command.outcome == "ok":
        return _of_bank_line(command, history)
    return kind.effects


def _of_bank_line(command: Command, history: History) -> tuple[Effect, ...]:
    """Its answer says what the line was found to be for; an escrow that is full or closed takes no more."""
    answer = command.answer
    allocation = answer.body.get("allocation") if answer and isinstance(answer.body, dict) else None
    if answer is None or not isinstance(allocation, dict):
        return (NOTHING,)
    if allocation["to"] == "payout":
        return _BOOKED
    same = history.by_deed[command.deed]
    answered_at = min(each.answer.at for each in same if each.answer and each.outcome == "ok")
    before = (e for e in history.events if e.key == allocation["id"] and e.at <= answered_at)
    own = {each.asked.trace for each in same}
    others = {event.type for event in before if event.trace not in own}
    return (NOTHING,) if others & _FULL else _ESCROW


def commands_are_kept(history: History) -> Iterator[Finding]:
    """Compare what each command was told to be with what it did."""
    for command in history.commands:
        made = history.made_by(command)
        effect = tuple(sorted(event.type for event in made))
        first = made[0] if made else None
        allowed = effects_of(command, history)
        told = ", ".join(effect) or "nothing"
        match command.outcome:
            case "ok" if effect not in allowed:
                yield Finding(f"{command.title} was answered with success, and made {told}", first, command)
            case "fail" if effect:
                yield Finding(f"{command.title} was refused, and yet made {told}", first, command)
            case "unknown" if effect and effect not in allowed:
                yield Finding(f"{command.title} got no answer, and was half done: {told}", first, command)


def keys_are_honoured(history: History) -> Iterator[Finding]:
    """Of requests with one key, one has an effect at most, and all that succeed get the same answer."""
    for same in history.by_deed.values():
        title, made = same[0].title, [history.by_trace.get(each.asked.trace) for each in same]
        effects = [events for events in made if events]
        if len(effects) > 1:
            yield Finding(f"{title} was done {len(effects)} times under one key", effects[1][0], same[1])
        bodies = [each.answer.body for each in same if each.answer and each.outcome == "ok"]
        if any(body != bodies[0] for body in bodies):
            yield Finding(f"{title} got different answers under one key", command=same[1])
