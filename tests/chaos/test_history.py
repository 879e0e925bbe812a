"""The checker itself: a history in which all is well is green, and each broken promise turns it red."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

import pytest
from pydantic import JsonValue

from kpo_events.envelope import topic_of

from .entries import Answered, Entry, Fault, Invoked, Line, Look, Outcome, Recorder, Seen
from .history import Verdict, check
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
        self, door: str, *, outcome: Outcome = "ok", body: JsonValue = None, answer: JsonValue = None
    ) -> str:
        """Let somebody send a command; give its trace."""
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
                key=f"key {number}",
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

    def look(self, what: str, key: str, **body: JsonValue) -> None:
        self.lines.append(Look(at=self._now(), what=what, id=key, body=dict(body)))


def a_story() -> Story:
    """Tell of one engagement from its brief to the end, as the log and the doors would show it."""
    story = Story()
    _until_accepted(story)
    _until_closed(story)
    _look(story)
    return story


def _until_accepted(story: Story) -> None:
    offer: Json = {"expert_id": str(EXPERT), "vendor_id": str(VENDOR)}
    submit = story.command("POST intake /v1/engagements")
    story.event("intake.engagement.submitted", ENGAGEMENT, NEEDS, trace=submit)
    story.event("billing.escrow.opened", ESCROW, cause="intake.engagement.submitted")
    story.event("matching.match.shortlisted", MATCH, cause="intake.engagement.submitted")
    to_escrow: JsonValue = {"allocation": {"to": "escrow", "id": str(ESCROW)}}
    credit: JsonValue = {"direction": "credit", "amount": eur(1000)}
    pay = story.command("POST billing /v1/bank-lines", body=credit, answer=to_escrow)
    story.event("billing.escrow.funded", ESCROW, trace=pay)
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


def _look(story: Story) -> None:
    rows: list[JsonValue] = [
        {"type": seen.type, "subject": seen.key, "number": seen.seq}
        for seen in story.lines
        if isinstance(seen, Seen)
    ]
    story.look("timeline", str(ENGAGEMENT), items=rows)
    story.look("engagement", str(ENGAGEMENT), state="closed", outcome="completed")
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


def renumber_an_invoice(story: Story) -> None:
    told: JsonValue = {"seller": {"id": str(UUID(int=6))}, "number": "INV-2026-000002"}
    changed("billing.invoice.issued", data=told)(story)


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


def refused(door: str) -> Break:
    """Let a command be answered with no."""

    def refuse(story: Story) -> None:
        asked = next(line for line in story.lines if isinstance(line, Invoked) and door in line.path)
        place = next(
            n
            for n, line in enumerate(story.lines)
            if isinstance(line, Answered) and line.number == asked.number
        )
        story.lines[place] = story.lines[place].model_copy(update={"outcome": "fail"})

    return refuse


def overbook(story: Story) -> None:
    hold: Json = {"expert_id": str(EXPERT), "vendor_id": str(VENDOR)}
    opened = seen_of(story, "delivery.workorder.opened")
    needs = NEEDS
    for name, key, data in (
        ("intake.engagement.submitted", UUID(int=8), needs),
        ("matching.match.offered", UUID(int=9), hold),
    ):
        event = story.event(name, key)
        other: Json = {"engagement_id": str(UUID(int=8)), **data}
        story.lines[-1] = event.model_copy(update={"data": other, "at": opened.at})


def poison(story: Story) -> None:
    detail: JsonValue = {"readers": ["billing"]}
    story.lines.append(Fault(at=BEGIN, name="poison", target="a key", phase="begins", detail=detail))


def poison_that_arrives(story: Story) -> None:
    poison(story)
    topic = "intake.engagement"
    story.lines.append(
        Seen(at=BEGIN, topic=topic, partition=0, offset=97, key="a key", seq=None, digest="a digest")
    )


BROKEN: list[tuple[str, Break]] = [
    ("the run did something", lambda story: story.lines.clear()),
    ("every stream is numbered 1 to n without a gap", without("matching.match.choice_opened")),
    (
        "numbers come in order, copies behind their originals",
        changed("matching.match.shortlisted", offset=98),
    ),
    ("copies are identical", again("matching.match.offered", digest="another")),
    ("a key has one partition, an event one place", again("matching.match.offered", partition=7)),
    ("causes are in the log", changed("delivery.workorder.opened", cause="nobody knows")),
    ("a cause has each of its effects once", again("billing.escrow.opened", id="second", seq=5)),
    (
        "done, refused and unanswered commands did all, nothing, all or nothing",
        lambda story: story.command("POST matching /v1/vendors"),
    ),
    ("done, refused and unanswered commands did all, nothing, all or nothing", refused("/choose")),
    ("every fact has its consequences", without("delivery.workorder.opened")),
    ("an engagement runs through each step once", again("intake.engagement.closed", id="second", seq=3)),
    ("a funded engagement is matched", without("matching.match.choice_opened", "matching.match.offered")),
    ("released + fees + refunded = funded", changed("billing.escrow.released", data=None)),
    ("the ledger is zero per currency", shown("balance", balance=eur(999))),
    ("the bank accounts hold what came in", shown("balance", balance=eur(999))),
    ("invoices are numbered without gaps", renumber_an_invoice),
    ("no expert is promised twice", overbook),
    ("experts get their hours back", shown("expert", free_hours=10)),
    ("every engagement is closed", without("intake.engagement.closed")),
    ("every escrow is empty", shown("escrow", held=eur(1))),
    ("every payout is booked", shown("payout", state="sent")),
    ("every timeline is complete", shown("timeline", items=[])),
    ("what nobody can read was set aside", poison_that_arrives),
    ("nothing is left over", shown("status", parked_events=1)),
    ("nothing is left over", shown("status", outbox_documents=1)),
]


def test_a_history_in_which_all_is_well_is_green() -> None:
    verdict = verdict_about(a_story().lines)

    assert verdict.held, verdict.text()


@pytest.mark.parametrize(("promise", "harm"), BROKEN)
def test_a_broken_promise_is_named(promise: str, harm: Break) -> None:
    story = a_story()

    harm(story)

    assert promise in verdict_about(story.lines).broken


def test_copies_of_records_are_no_fault() -> None:
    story = a_story()

    again("matching.match.shortlisted")(story)
    again("matching.match.offered", offset=100)(story)

    assert verdict_about(story.lines).held


def test_poison_that_never_reached_the_log_is_no_fault() -> None:
    story = a_story()

    poison(story)

    assert verdict_about(story.lines).held


def test_poison_that_its_readers_parked_is_no_fault() -> None:
    story = a_story()

    poison_that_arrives(story)
    story.look("parked", "billing/a key")

    assert verdict_about(story.lines).held


def test_a_command_without_an_answer_may_have_been_carried_out_or_not() -> None:
    story = a_story()

    story.command("POST matching /v1/vendors", outcome="unknown")
    made = story.command("POST matching /v1/vendors", outcome="unknown")
    onboarded = story.event("matching.vendor.onboarded", VENDOR, trace=made)
    story.lines[-1] = onboarded.model_copy(update={"data": None})

    assert verdict_about(story.lines).held


def test_the_verdict_tells_how_the_first_offending_event_came_about() -> None:
    story = a_story()
    without("delivery.workorder.completed")(story)

    told = verdict_about(story.lines).text()

    assert "VERDICT" in told
    assert "Look here first: " in told
    assert f"POST matching/v1/matches/{MATCH}/choose" not in told
    assert "billing.escrow.settled.v1 #4" in told


def test_a_recorded_file_is_judged_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    with path.open("w", encoding="utf-8") as file:
        recorder = Recorder(file)
        lines: list[Entry] = [*a_story().lines]
        for line in lines:
            recorder.write(line)

    verdict = check(path)

    assert verdict.held
    assert len(verdict.history.events) == len([line for line in lines if isinstance(line, Seen)])
