"""What the checker says of open calls: green when all is well, and red for each promise that is broken."""

import pytest
from pydantic import JsonValue

from .known import Json
from .stories import (
    BEGIN,
    ENGAGEMENT,
    ENTRY,
    Break,
    a_call_story,
    again,
    changed,
    refused,
    shown,
    verdict_about,
    without,
)

RECEIVED = "delivery.entry.submission_received"
LATE: JsonValue = BEGIN.replace(year=2027).isoformat()


OF_IT: Json = {"engagement_id": str(ENGAGEMENT)}
TAKEN_LATE: Json = {**OF_IT, "submission": 1, "commitment": f"of {ENTRY} and 1", "submitted_at": LATE}
ROUND_OF_ONE: Json = {**OF_IT, "round": 1, "submissions": 1}
CLOSED_WITH_THREE: Json = {**OF_IT, "entries": 2, "submissions": 3}

BROKEN: list[tuple[str, Break]] = [
    ("no submission is taken late", changed(RECEIVED, data=TAKEN_LATE)),
    ("every submission with a receipt is kept", shown("entry", submissions=[])),
    ("every submission with a receipt is kept", without(RECEIVED)),
    ("who submitted is judged, once", changed("delivery.challenge.round_judged", data=ROUND_OF_ONE)),
    (
        "who submitted is judged, once",
        changed("delivery.challenge.submissions_closed", data=CLOSED_WITH_THREE),
    ),
    ("every award is paid once", without("billing.payout.requested")),
    ("every award is paid once", without("billing.escrow.released")),
    ("done, refused and unanswered commands did all, nothing, all or nothing", refused("/submit")),
    ("done, refused and unanswered commands did all, nothing, all or nothing", refused("/score")),
    ("every fact has its consequences", without("matching.panel.proposed")),
    ("an engagement runs through each step once", again("delivery.challenge.awarded", id="second", seq=9)),
    ("a funded engagement is matched", without("delivery.challenge.opened", "delivery.challenge.awarded")),
]


def test_a_call_in_which_all_is_well_is_green() -> None:
    verdict = verdict_about(a_call_story().lines)

    assert verdict.held, verdict.text()


@pytest.mark.parametrize(("promise", "harm"), BROKEN)
def test_a_promise_that_a_call_breaks_is_named(promise: str, harm: Break) -> None:
    story = a_call_story()

    harm(story)

    assert promise in verdict_about(story.lines).broken
