"""A history of one open call made by hand: how it goes when all is well, with contents, scores and money.

What is sealed and what is exported comes from the code of the service, and the rules compute it by hand.
"""

import json
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from pydantic import JsonValue

from kpo_chassis.kernel import PersonId
from kpo_delivery.domain.challenge_plan import Criterion
from kpo_delivery.domain.ranking import Card, Contender
from kpo_delivery.domain.ranking_export import Sheet, export
from kpo_delivery.domain.sealing import Item, SealedContent

from .entries import Peek, Role
from .known import Json, data_of
from .stories import (
    BEGIN,
    ENGAGEMENT,
    ESCROW,
    MATCH,
    Break,
    Story,
    changed,
    eur,
    fund,
    look_at_the_end,
    seen_of,
)

CALL = uuid5(ENGAGEMENT, "challenge")
ENTRY, OTHER_ENTRY = UUID(int=21), UUID(int=22)
SUBMISSIONS = {ENTRY: 2, OTHER_ENTRY: 1}
CODES = {ENTRY: "7GD6AVLRCH", OTHER_ENTRY: "IYCZMVQ6H3"}
CLOSES_AT = BEGIN + timedelta(hours=1)
GRACE_SECONDS = 10
CRITERIA = (Criterion("geology", 60), Criterion("cost", 40))
SEATS = (1, 2)
PRIZES = (500, 200)
PURSE = 1000


def a_call_story() -> Story:
    """Tell of one open call: two enter, one submits twice, two judges score, two awards are paid."""
    story = Story()
    _until_open(story)
    _until_closed(story)
    _until_awarded(story)
    _until_paid(story)
    _look(story)
    return story


def _until_open(story: Story) -> None:
    submit = story.command("POST intake /v1/engagements")
    story.event("intake.engagement.submitted", ENGAGEMENT, {"mode": "challenge"}, trace=submit)
    story.event("billing.escrow.opened", ESCROW, cause="intake.engagement.submitted")
    story.event("delivery.challenge.planned", CALL, cause="intake.engagement.submitted")
    fund(story, PURSE)
    prizes: list[JsonValue] = [eur(prize) for prize in PRIZES]
    rounds: list[JsonValue] = [{"number": 1, "picks": len(PRIZES), "prizes": prizes}]
    plan: Json = {"submissions_close_at": CLOSES_AT.isoformat(), "rounds": rounds}
    story.event("delivery.challenge.opened", CALL, plan, cause="billing.escrow.funded")
    story.event("matching.panel.proposed", MATCH, cause="delivery.challenge.opened")


def sealed(entry: UUID, number: int) -> SealedContent:
    """Give what an entry submitted."""
    items = (Item(f"Target {number}", {"easting_m": str(entry.int)}),)
    return SealedContent(CALL, entry, PersonId(entry), number, "nonce", items, None)


def submitted_at(number: int) -> datetime:
    return BEGIN + timedelta(minutes=number)


def _items(content: SealedContent) -> list[JsonValue]:
    return [{"label": item.label, "values": dict(item.values)} for item in content.items]


def _until_closed(story: Story) -> None:
    for entry, submissions in SUBMISSIONS.items():
        enter = story.command(f"POST delivery /v1/challenges/{CALL}/enter")
        story.event("delivery.entry.entered", entry, trace=enter)
        for number in range(1, submissions + 1):
            content = sealed(entry, number)
            received: Json = {
                "submission": number,
                "commitment": content.commitment,
                "submitted_at": submitted_at(number).isoformat(),
            }
            body: JsonValue = {"items": _items(content), "file_id": None}
            submit = story.command(f"POST delivery /v1/entries/{entry}/submit", body=body)
            story.event("delivery.entry.submission_received", entry, received, trace=submit)
    counts: Json = {"entries": len(SUBMISSIONS), "submissions": len(SUBMISSIONS)}
    story.event("delivery.challenge.submissions_closed", CALL, counts)


def given_by(seat: int, entry: UUID, merit: int = 80) -> Card:
    """Let every seat think less of the second entry."""
    worth = merit if entry == ENTRY else 60
    return Card(seat, CODES[entry], (worth, worth - seat), "")


def a_ranking(merit: int = 80) -> Json:
    """Export the round as the service does; with another merit, as if the first had got other scores."""
    contenders = tuple(Contender(CODES[entry], submitted_at(n)) for entry, n in SUBMISSIONS.items())
    cards = tuple(given_by(seat, entry, merit) for seat in SEATS for entry in SUBMISSIONS)
    document: Json = json.loads(json.dumps(export(Sheet(CALL, 1, CRITERIA, contenders, cards))))
    return document


def _score(story: Story, seat: int, entry: UUID) -> str:
    card = given_by(seat, entry)
    names = [criterion.name for criterion in CRITERIA]
    scores: list[JsonValue] = [
        {"criterion": name, "score": score} for name, score in zip(names, card.scores, strict=True)
    ]
    door = f"POST delivery /v1/challenges/{CALL}/submissions/{card.code}/score"
    return story.command(door, body={"scores": scores}, answer={"seat": seat, "code": card.code})


def _until_awarded(story: Story) -> None:
    last = [_score(story, seat, entry) for seat in SEATS for entry in SUBMISSIONS][-1]
    judged: Json = {"round": 1, "submissions": len(SUBMISSIONS), "ranking_sha256": a_ranking()["sha256"]}
    story.event("delivery.challenge.round_judged", CALL, judged, trace=last)
    awards: list[JsonValue] = [
        {"number": rank, "rank": rank, "entry_id": str(entry), "prize": eur(prize)}
        for rank, entry, prize in zip((1, 2), SUBMISSIONS, PRIZES, strict=True)
    ]
    story.event("delivery.challenge.awarded", CALL, {"awards": awards}, trace=last)


def _until_paid(story: Story) -> None:
    awarded = "delivery.challenge.awarded"
    for number, gross in enumerate(PRIZES, 1):
        net, fee = gross * 9 // 10, gross // 10
        parts: Json = {"gross": eur(gross), "net": eur(net), "fee": eur(fee)}
        story.event("billing.escrow.released", ESCROW, {"award": number, **parts}, cause=awarded)
        for seller in (100 * number, 100 * number + 1):
            by: JsonValue = {"id": str(UUID(int=seller))}
            invoice: Json = {"award": number, "seller": by, "number": "INV-2026-000001"}
            story.event("billing.invoice.issued", UUID(int=seller), invoice, cause=awarded)
        payout: Json = {"award": number, "amount": eur(net)}
        story.event("billing.payout.requested", uuid5(CALL, str(number)), payout, cause=awarded)
    sums: Json = {"funded": eur(PURSE), "released": eur(630), "fees": eur(70), "refunded": eur(300)}
    story.event("billing.escrow.settled", ESCROW, sums, cause=awarded)
    story.event(
        "intake.engagement.closed", ENGAGEMENT, {"outcome": "awarded"}, cause="billing.escrow.settled"
    )
    story.look("escrow", str(ENGAGEMENT), held=eur(0), **sums)


def _look(story: Story) -> None:
    look_at_the_end(story, "awarded")
    for number in range(1, len(PRIZES) + 1):
        story.look("payout", str(uuid5(CALL, str(number))), state="booked")
    story.look("ranking", str(CALL), **a_ranking())
    for entry, submissions in SUBMISSIONS.items():
        contents = [sealed(entry, number) for number in range(1, submissions + 1)]
        kept: list[JsonValue] = [{"number": each.number, "commitment": each.commitment} for each in contents]
        story.look("entry", str(entry), submissions=kept)
        for content in contents:
            _look_at_submission(story, content)


def _look_at_submission(story: Story, content: SealedContent) -> None:
    story.look(
        "submission",
        content.id,
        challenge_id=str(content.challenge_id),
        entry_id=str(content.entry_id),
        person_id=str(content.person),
        submission=content.number,
        nonce=content.nonce,
        items=_items(content),
        file=None,
    )


# What can be wrong with it ----------------------------------------------------------------------------------


def peek(role: Role, *, seconds_after_deadline: float) -> Break:
    """Let somebody read what was submitted, so long after the deadline, or before it."""
    at = CLOSES_AT + timedelta(seconds=seconds_after_deadline)

    def read(story: Story) -> None:
        story.lines.append(Peek(at=at, role=role, entry=str(ENTRY), submission=1, shown=True))

    return read


def told_otherwise(name: str, **changes: JsonValue) -> Break:
    """Let the first event of a type say something else in some of its fields."""

    def change(story: Story) -> None:
        event = seen_of(story, name)
        changed(name, data={**data_of(event), **changes})(story)

    return change
