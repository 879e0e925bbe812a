"""Rules about what has to follow: every fact has its consequences, each of them once."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .entries import Seen
from .finding import Finding
from .known import History, data_of


@dataclass(frozen=True)
class Consequence:
    """So many events of these types follow from each event of a type, in engagements of a mode or of both."""

    of: str
    types: tuple[str, ...]
    least: int = 1
    most: int = 1
    mode: str | None = None

    def is_due(self, event: Seen) -> bool:
        return event.type == self.of and self.mode in (None, data_of(event).get("mode"))


ENDS = ("billing.escrow.settled.v1", "billing.escrow.lapsed.v1")

CALL_ENDS = (
    "delivery.challenge.awarded.v1",
    "delivery.challenge.voided.v1",
    "delivery.challenge.cancelled.v1",
    "delivery.challenge.withdrawn.v1",
)

CONSEQUENCES = (
    Consequence("intake.engagement.submitted.v1", ("billing.escrow.opened.v1",)),
    Consequence(
        "intake.engagement.submitted.v1",
        (
            "matching.match.shortlisted.v1",
            "matching.match.choice_opened.v1",
            "matching.match.offered.v1",
            "matching.match.ended.v1",
            "matching.match.withdrawn.v1",
        ),
        most=3,
        mode="assignment",
    ),
    Consequence(
        "intake.engagement.submitted.v1",
        ("delivery.challenge.planned.v1", "delivery.challenge.withdrawn.v1"),  # The end may be known first.
        mode="challenge",
    ),
    Consequence("delivery.challenge.opened.v1", ("matching.panel.proposed.v1",)),
    Consequence("delivery.challenge.awarded.v1", ("billing.escrow.settled.v1",)),
    Consequence("delivery.challenge.voided.v1", ("billing.escrow.settled.v1",)),
    Consequence("delivery.challenge.cancelled.v1", ("billing.escrow.settled.v1",)),
    Consequence("matching.match.accepted.v1", ("delivery.workorder.opened.v1",)),
    Consequence("delivery.workorder.milestone_accepted.v1", ("billing.escrow.released.v1",)),
    Consequence("delivery.workorder.milestone_accepted.v1", ("billing.invoice.issued.v1",), 2, 2),
    Consequence("delivery.workorder.milestone_accepted.v1", ("billing.payout.requested.v1",)),
    Consequence("delivery.workorder.completed.v1", ("billing.escrow.settled.v1",)),
    Consequence("delivery.workorder.cancelled.v1", ("billing.escrow.settled.v1",)),
    Consequence("billing.escrow.settled.v1", ("intake.engagement.closed.v1",)),
    Consequence("billing.escrow.lapsed.v1", ("intake.engagement.closed.v1",)),
)
"""By causation: the consequence names the event that it follows from."""

ONCE = (
    ("intake.engagement.submitted.v1",),
    ("billing.escrow.opened.v1",),
    ("billing.escrow.funded.v1",),
    ("matching.match.shortlisted.v1",),
    ("matching.match.choice_opened.v1",),
    ("matching.match.accepted.v1", "matching.match.ended.v1", "matching.match.withdrawn.v1"),
    ("delivery.workorder.opened.v1",),
    ("delivery.workorder.completed.v1", "delivery.workorder.cancelled.v1"),
    ("delivery.challenge.planned.v1",),
    ("delivery.challenge.opened.v1",),
    ("matching.panel.proposed.v1",),
    ("delivery.challenge.submissions_closed.v1",),
    CALL_ENDS,
    ENDS,
    ("intake.engagement.closed.v1",),
)
"""Of each of these, an engagement has one event at most."""

ONCE_PER_PAYMENT = (
    "delivery.workorder.milestone_accepted.v1",
    "billing.escrow.released.v1",
    "billing.payout.requested.v1",
)


def consequences_follow(history: History) -> Iterator[Finding]:
    for event in history.events:
        followed = Counter(effect.type for effect in history.by_cause.get(event.id, ()))
        for due in (each for each in CONSEQUENCES if each.is_due(event)):
            count = sum(followed[name] for name in due.types)
            if not due.least <= count <= due.most:
                yield Finding(f"{event.type} was followed by {count} of {' or '.join(due.types)}", event)


def engagements_run_once(history: History) -> Iterator[Finding]:
    for engagement, events in history.engagements.items():
        for types in ONCE:
            yield from _at_most_one([e for e in events if e.type in types], engagement)
        for name in ONCE_PER_PAYMENT:
            of_type = [event for event in events if event.type == name]
            for payment in {_payment(event) for event in of_type}:
                same = [event for event in of_type if _payment(event) == payment]
                yield from _at_most_one(same, engagement)


def _payment(event: Seen) -> tuple[str, str]:
    """Name the milestone or the award that it is about."""
    told = data_of(event)
    return str(told.get("milestone")), str(told.get("award"))


def _at_most_one(events: list[Seen], engagement: str) -> Iterator[Finding]:
    if len(events) > 1:
        names = ", ".join(event.type for event in events)
        yield Finding(f"engagement {engagement} has {names}, and may have one of them", events[-1])


def funded_engagements_are_matched(history: History) -> Iterator[Finding]:
    """Money opens the choice or the call, or brings the first offer, or finds that all has ended already."""
    answers = {"matching.match.choice_opened.v1", "matching.match.offered.v1", "matching.match.ended.v1"}
    answers |= {"delivery.challenge.opened.v1", *CALL_ENDS}
    for engagement, events in history.engagements.items():
        funded = next((event for event in events if event.type == "billing.escrow.funded.v1"), None)
        if funded and not answers & {event.type for event in events}:
            yield Finding(f"engagement {engagement} was funded, and nobody looked for experts", funded)
