"""The checker itself: a history in which all is well is green, and each broken promise turns it red."""

from pathlib import Path
from uuid import UUID

import pytest
from pydantic import JsonValue

from .__main__ import BEFORE, keep_the_last
from .entries import Answered, Entry, Fault, Invoked, Recorder, Seen
from .history import HISTORY, check
from .known import History, Json
from .stories import (
    BEGIN,
    EXPERT,
    MATCH,
    NEEDS,
    ORDER,
    VENDOR,
    Break,
    Story,
    a_story,
    again,
    changed,
    eur,
    refused,
    seen_of,
    shown,
    verdict_about,
    without,
)
from .streams import effects_happen_once

ONBOARD = "POST matching /v1/vendors"


def renumber_an_invoice(story: Story) -> None:
    told: JsonValue = {"seller": {"id": str(UUID(int=6))}, "number": "INV-2026-000002"}
    changed("billing.invoice.issued", data=told)(story)


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


def run_late(story: Story, *milestones: int) -> None:
    """Let one step of a clock say that these milestones are overdue, before the work is completed."""
    for milestone in milestones:
        late: Json = {"milestone": milestone}
        story.event("delivery.workorder.delivery_overdue", ORDER, late, trace="one step of a clock")


def poison(story: Story) -> None:
    detail: JsonValue = {"readers": ["billing"]}
    story.lines.append(Fault(at=BEGIN, name="poison", target="a key", phase="begins", detail=detail))


def poison_that_arrives(story: Story) -> None:
    poison(story)
    topic = "intake.engagement"
    story.lines.append(
        Seen(at=BEGIN, topic=topic, partition=0, offset=97, key="a key", seq=None, digest="a digest")
    )


def set_aside(story: Story, code: str, key: str = str(MATCH)) -> None:
    place = {"topic": "matching.match", "partition": "0", "offset": "1", "seq": "2"}
    story.look("copy of parked", "billing.parked/0/0", **place, key=key, code=code, reason="a reason")


def onboard(story: Story, vendor: UUID, *, key: str) -> None:
    made = story.command(ONBOARD, key=key)
    onboarded = story.event("matching.vendor.onboarded", vendor, trace=made)
    story.lines[-1] = onboarded.model_copy(update={"data": None})


def onboard_twice_with_one_key(story: Story) -> None:
    onboard(story, VENDOR, key="a key")
    onboard(story, EXPERT, key="a key")


def answer_twice_with_one_key(story: Story) -> None:
    onboard(story, VENDOR, key="a key")
    story.command(ONBOARD, key="a key", answer={"id": "another"})


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
    ("a cause has each of its effects once", lambda story: run_late(story, 1, 1)),
    (
        "done, refused and unanswered commands did all, nothing, all or nothing",
        lambda story: story.command(ONBOARD),
    ),
    ("requests with one key have one effect and one answer", onboard_twice_with_one_key),
    ("requests with one key have one effect and one answer", answer_twice_with_one_key),
    ("done, refused and unanswered commands did all, nothing, all or nothing", refused("/choose")),
    ("every fact has its consequences", without("delivery.workorder.opened")),
    ("an engagement runs through each step once", again("intake.engagement.closed", id="second", seq=3)),
    ("a funded engagement is matched", without("matching.match.choice_opened", "matching.match.offered")),
    ("released + fees + refunded = funded", changed("billing.escrow.released", data=None)),
    ("the ledger is zero per currency", shown("balance", balance=eur(999))),
    ("no account is overdrawn", shown("balance", balance=eur(-1))),
    ("the bank accounts hold what came in", shown("balance", balance=eur(999))),
    ("invoices are numbered without gaps", renumber_an_invoice),
    ("no expert is promised twice", overbook),
    ("experts get their hours back", shown("expert", free_hours=10)),
    (
        "who was registered is still there",
        lambda story: story.command("POST matching /v1/experts", answer={"id": str(VENDOR)}),
    ),
    ("every engagement is closed", without("intake.engagement.closed")),
    ("every escrow is empty", shown("escrow", held=eur(1))),
    ("every payout is booked", shown("payout", state="sent")),
    ("every timeline is complete", shown("timeline", items=[])),
    ("what nobody can read was set aside", poison_that_arrives),
    ("no event was set aside as a bug, even for a while", lambda story: set_aside(story, "bug")),
    ("no event was set aside as a bug, even for a while", lambda story: set_aside(story, "unreadable")),
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


def test_a_step_of_a_clock_that_was_taken_for_two_milestones_is_no_fault() -> None:
    story = a_story()
    run_late(story, 1, 2)

    assert not list(effects_happen_once(History.of(story.lines)))


def test_poison_that_never_reached_the_log_is_no_fault() -> None:
    story = a_story()

    poison(story)

    assert verdict_about(story.lines).held


def test_poison_that_its_readers_parked_is_no_fault() -> None:
    story = a_story()

    poison_that_arrives(story)
    story.look("parked", "billing/a key")
    set_aside(story, "unreadable", "a key")

    assert verdict_about(story.lines).held


@pytest.mark.parametrize("code", ["gap", "behind", "not_yet"])
def test_events_that_came_too_early_and_waited_are_no_fault(code: str) -> None:
    story = a_story()

    set_aside(story, code)

    assert verdict_about(story.lines).held


def test_a_command_without_an_answer_may_have_been_carried_out_or_not() -> None:
    story = a_story()

    story.command(ONBOARD, outcome="unknown")
    onboard(story, VENDOR, key="a key")
    refused("/v1/vendors", outcome="unknown", which=-1)(story)

    assert verdict_about(story.lines).held


def test_a_command_that_was_sent_twice_with_one_key_is_done_once() -> None:
    story = a_story()

    onboard(story, VENDOR, key="a key")
    story.command(ONBOARD, key="a key")
    story.command(ONBOARD, key="a key", outcome="unknown")

    assert verdict_about(story.lines).held


def test_money_that_was_booked_twice_with_one_key_came_in_once() -> None:
    story = a_story()
    credit: JsonValue = {"direction": "credit", "amount": eur(1000)}
    booked = next(line for line in story.lines if isinstance(line, Invoked) and "bank-lines" in line.path)
    answer = next(line for line in story.lines if isinstance(line, Answered) and line.number == booked.number)

    story.command("POST billing /v1/bank-lines", body=credit, answer=answer.body, key=booked.key)

    assert verdict_about(story.lines).held


def test_the_verdict_tells_how_the_first_offending_event_came_about() -> None:
    story = a_story()
    without("delivery.workorder.completed")(story)

    told = verdict_about(story.lines).text()

    assert "VERDICT" in told
    assert "Look here first: " in told
    assert f"POST matching/v1/matches/{MATCH}/choose" not in told
    assert "billing.escrow.settled.v1 #4" in told


def test_a_verdict_about_a_command_tells_what_its_sender_learnt() -> None:
    story = a_story()
    story.command(ONBOARD)

    told = verdict_about(story.lines).text()

    assert f"{ONBOARD.replace(' /', '/')} by somebody: ok" in told


def test_the_run_before_is_kept_under_another_name(tmp_path: Path) -> None:
    folder = tmp_path / "seed-7"
    for told in ("first", "second", "third"):
        keep_the_last(folder)
        folder.mkdir()
        (folder / HISTORY).write_text(told)

    assert (tmp_path / f"seed-7{BEFORE}" / HISTORY).read_text() == "second"


@pytest.mark.parametrize("place", [HISTORY, "."])
def test_a_recorded_history_is_judged_by_itself(tmp_path: Path, place: str) -> None:
    path = tmp_path / HISTORY
    with path.open("w", encoding="utf-8") as file:
        recorder = Recorder(file)
        lines: list[Entry] = [*a_story().lines]
        for line in lines:
            recorder.write(line)

    verdict = check(tmp_path / place)

    assert verdict.held
    assert len(verdict.history.events) == len([line for line in lines if isinstance(line, Seen)])
