"""Histories made by hand: how one engagement goes when all is well, and what can be wrong with it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from pydantic import JsonValue

from kpo_events.envelope import topic_of

from .entries import Answered, Invoked, Line, Look, Outcome, Seen
from .history import Verdict
from .known import History, Json

BEGIN = datetime(2026, 3, 1, 9, tzinfo=UTC)
NEEDS: Json = {"assignment": {"hours_per_week": 30}}
ENGAGEMENT = UUID(int=1)
ESCROW, MATCH, ORDER = (uuid5(ENGAGEMENT, name) for name in ("escrow", "match", "workorder"))
EXPERT, OTHER_EXPERT, PAYOUT, VENDOR = (UUID(int=number) for number in (2, 3, 4, 5))


def eur(amount: int) -> JsonValue:
    return {"amount": f"{amount}.00", "currency": "EUR"}


class Story:
    """Writes a history line by line; `cause` names the event that an event follows from by its type."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._ids: dict[str, str] = {}
        self._offsets: dict[str, int] = {}
        self._numbers: dict[UUID, int] = {}
        self._seconds = 0

    def _now(self) -> datetime:
        self._seconds += 1
        return BEGIN + timedelta(seconds=self._seconds)

    def command(
        self,
        door: str,
        *,
        outcome: Outcome = "ok",
        body: JsonValue = None,
        answer: JsonValue = None,
        key: str = "",
    ) -> str:
        """Let somebody send a command, with a key of its own if none is given; give its trace."""
        method, service, path = door.split(" ")
        number = len(self.lines)
        self.lines.append(
            Invoked(
                at=self._now(),
                number=number,
                who="somebody",
                method=method,
                service=service,
                path=path,
                body=body,
                key=key or f"key {number}",
                trace=f"trace {number}",
            )
        )
        self.lines.append(Answered(at=self._now(), number=number, outcome=outcome, status=None, body=answer))
        return f"trace {number}"

    def event(
        self, name: str, key: UUID, data: Json | None = None, *, trace: str = "", cause: str | None = None
    ) -> Seen:
        event_type = f"{name}.v1"
        topic = topic_of(event_type)
        self._offsets[topic] = self._offsets.get(topic, -1) + 1
        self._numbers[key] = self._numbers.get(key, 0) + 1
        self._ids[name] = f"event {len(self.lines)}"
        seen = Seen(
            at=self._now(),
            topic=topic,
            partition=0,
            offset=self._offsets[topic],
            key=str(key),
            seq=self._numbers[key],
            id=self._ids[name],
            type=event_type,
            cause=self._ids[cause] if cause else None,
            correlation=str(ENGAGEMENT),
            trace=trace or f"clock {len(self.lines)}",
            actor="somebody",
            digest=f"digest {len(self.lines)}",
            data={"engagement_id": str(ENGAGEMENT), **(data or {})},
        )
        self.lines.append(seen)
        return seen

    def look(self, what: str, key: str, /, **body: JsonValue) -> None:
        self.lines.append(Look(at=self._now(), what=what, id=key, body=dict(body)))


def a_story() -> Story:
    """Tell of one engagement from its brief to the end, as the log and the doors would show it."""
    story = Story()
    _until_accepted(story)
    _until_closed(story)
    look_at_the_end(story, "completed")
    return story


def fund(story: Story, purse: int = 1000) -> None:
    """Let a client pay, and the escrow be funded by it."""
    to_escrow: JsonValue = {"allocation": {"to": "escrow", "id": str(ESCROW)}}
    credit: JsonValue = {"direction": "credit", "amount": eur(purse)}
    pay = story.command("POST billing /v1/bank-lines", body=credit, answer=to_escrow)
    story.event("billing.escrow.funded", ESCROW, trace=pay)


def _until_accepted(story: Story) -> None:
    offer: Json = {"expert_id": str(EXPERT), "vendor_id": str(VENDOR)}
    submit = story.command("POST intake /v1/engagements")
    story.event("intake.engagement.submitted", ENGAGEMENT, NEEDS, trace=submit)
    story.event("billing.escrow.opened", ESCROW, cause="intake.engagement.submitted")
    story.event("matching.match.shortlisted", MATCH, cause="intake.engagement.submitted")
    fund(story)
    story.event("matching.match.choice_opened", MATCH, cause="billing.escrow.funded")
    choose = story.command(f"POST matching /v1/matches/{MATCH}/choose")
    story.event("matching.match.offered", MATCH, offer, trace=choose)
    accept = story.command(f"POST matching /v1/matches/{MATCH}/offers/1/accept")
    story.event("matching.match.accepted", MATCH, offer, trace=accept)
    story.event("delivery.workorder.opened", ORDER, cause="matching.match.accepted")


def _until_closed(story: Story) -> None:
    done = "delivery.workorder.milestone_accepted"
    accept = story.command(f"POST delivery /v1/work-orders/{ORDER}/milestones/1/accept")
    story.event(done, ORDER, {"milestone": 1}, trace=accept)
    story.event("delivery.workorder.completed", ORDER, trace=accept)
    release: Json = {"milestone": 1, "net": eur(900), "fee": eur(100)}
    story.event("billing.escrow.released", ESCROW, release, cause=done)
    for number in (6, 7):
        seller: JsonValue = {"id": str(UUID(int=number))}
        invoice: Json = {"seller": seller, "number": "INV-2026-000001"}
        story.event("billing.invoice.issued", UUID(int=number), invoice, cause=done)
    story.event("billing.payout.requested", PAYOUT, {"milestone": 1}, cause=done)
    sums: Json = {"funded": eur(1000), "released": eur(900), "fees": eur(100), "refunded": eur(0)}
    story.event("billing.escrow.settled", ESCROW, sums, cause="delivery.workorder.completed")
    story.event(
        "intake.engagement.closed", ENGAGEMENT, {"outcome": "completed"}, cause="billing.escrow.settled"
    )
    story.look("escrow", str(ENGAGEMENT), held=eur(0), **sums)


def look_at_the_end(story: Story, outcome: str) -> None:
    """Show everything closed, paid and empty."""
    rows: list[JsonValue] = [
        {"type": seen.type, "subject": seen.key, "number": seen.seq}
        for seen in story.lines
        if isinstance(seen, Seen)
    ]
    story.look("timeline", str(ENGAGEMENT), items=rows)
    story.look("engagement", str(ENGAGEMENT), state="closed", outcome=outcome)
    story.look("expert", str(EXPERT), weekly_hours=40, free_hours=40, reservations=[])
    story.look("payout", str(PAYOUT), state="booked")
    story.look("balance", "bank", kind="bank", balance=eur(1000))
    story.look("balance", "fees", kind="fee_revenue", balance=eur(1000))
    story.look(
        "status", "billing", outbox_documents=0, parked_events=0, queued_records=0, lag=0, stuck_clocks=0
    )


def verdict_about(lines: Sequence[Line]) -> Verdict:
    return Verdict.about(History.of(lines))


Break = Callable[[Story], object]


def seen_of(story: Story, name: str) -> Seen:
    return next(line for line in story.lines if isinstance(line, Seen) and line.type == f"{name}.v1")


def without(*names: str) -> Break:
    """Let events be missing, as if they had never been announced."""

    def remove(story: Story) -> None:
        for name in names:
            story.lines.remove(seen_of(story, name))

    return remove


def changed(name: str, **changes: object) -> Break:
    """Let an event be otherwise than it was."""

    def change(story: Story) -> None:
        event = seen_of(story, name)
        story.lines[story.lines.index(event)] = event.model_copy(update=changes)

    return change


def again(name: str, **changes: object) -> Break:
    """Let an event be in the log once more, further down and with changes."""

    def repeat(story: Story) -> None:
        story.lines.append(seen_of(story, name).model_copy(update={"offset": 99, **changes}))

    return repeat


def shown(what: str, **changes: JsonValue) -> Break:
    """Let a door show something else."""

    def show(story: Story) -> None:
        look = next(line for line in story.lines if isinstance(line, Look) and line.what == what)
        assert isinstance(look.body, dict)
        after = look.model_copy(update={"body": {**look.body, **changes}})
        story.lines[story.lines.index(look)] = after

    return show


def refused(door: str, *, outcome: Outcome = "fail", which: int = 0) -> Break:
    """Let a command be answered with no, or not at all: the first at a door, or another one."""

    def refuse(story: Story) -> None:
        asked = [line for line in story.lines if isinstance(line, Invoked) and door in line.path][which]
        place = next(
            n
            for n, line in enumerate(story.lines)
            if isinstance(line, Answered) and line.number == asked.number
        )
        story.lines[place] = story.lines[place].model_copy(update={"outcome": outcome})

    return refuse
