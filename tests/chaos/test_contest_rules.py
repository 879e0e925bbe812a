"""What the checker says of open calls: green when all is well, and red for each promise that is broken."""

import pytest
from pydantic import JsonValue

from .call_stories import (
    CALL,
    CLOSES_AT,
    CODES,
    ENTRY,
    GRACE_SECONDS,
    OTHER_ENTRY,
    a_call_story,
    a_ranking,
    peek,
    sealed,
    submitted_at,
    told_otherwise,
)
from .entries import Role
from .panel_rules import rows
from .stories import Break, Story, again, eur, refused, shown, verdict_about, without

RECEIVED = "delivery.entry.submission_received"
JUDGED = "delivery.challenge.round_judged"
AWARDED = "delivery.challenge.awarded"
RELEASED = "billing.escrow.released"
LATE: JsonValue = CLOSES_AT.replace(year=2027).isoformat()
ALL_OR_NOTHING = "done, refused and unanswered commands did all, nothing, all or nothing"
NOT_EARLY = "nobody reads a submission before deadline and grace"
OPENED_AS_SEALED = "what was sealed is what is opened"
LATEST = "the latest submissions are ranked, each once"
SCORECARDS = "every scorecard counts once, as it was given"
RANKINGS = "rankings follow from their scorecards"
BEST = "the best get the prizes that were promised"
PAID = "every award is paid once"
PURSE = "purse = awards (net) + fees + returned"

SWAPPED: list[JsonValue] = [
    {"number": 1, "rank": 1, "entry_id": str(OTHER_ENTRY), "prize": eur(500)},
    {"number": 2, "rank": 2, "entry_id": str(ENTRY), "prize": eur(200)},
]
SECOND_TO_NOBODY: list[JsonValue] = [SWAPPED[0]]
OTHER_ITEMS: JsonValue = [{"label": "Target 9", "values": {}}]


def other_scores(story: Story) -> None:
    """Let a ranking be whole in itself, announced as it is, and made of other scorecards than were given."""
    ranking = a_ranking(merit=90)
    shown("ranking", **ranking)(story)
    told_otherwise(JUDGED, ranking_sha256=ranking["sha256"])(story)


def a_card_more(story: Story) -> None:
    """Let one seat count twice for one submission."""
    cards = rows(a_ranking()["scorecards"])
    shown("ranking", scorecards=[*cards, cards[0]])(story)


def a_scorecard_less(story: Story) -> None:
    cards: list[JsonValue] = [*rows(a_ranking()["scorecards"])[1:]]
    shown("ranking", scorecards=cards)(story)


def upside_down(story: Story) -> None:
    """Let the ranking be announced as it is, and be another than its scorecards give."""
    order: list[JsonValue] = [*rows(a_ranking()["ranking"])[::-1]]
    shown("ranking", ranking=order)(story)


def the_replaced_is_ranked(story: Story) -> None:
    """Let what somebody replaced be ranked, and not what they replaced it by."""
    ranked: list[JsonValue] = [
        {"code": row["code"], "submitted_at": submitted_at(1).isoformat()}
        for row in rows(a_ranking()["submissions"])
    ]
    shown("ranking", submissions=ranked)(story)


def unsealed(story: Story) -> None:
    """Let there be contents for which nobody got a receipt."""
    story.look("submission", f"{ENTRY}/7")


def swap_contents(story: Story) -> None:
    """Let an entry hold what another had submitted: true to its own commitment, and not what was sent."""
    other = sealed(OTHER_ENTRY, 1)
    shown("submission", entry_id=str(OTHER_ENTRY), person_id=str(other.person))(story)
    told_otherwise(RECEIVED, commitment=other.commitment)(story)


BROKEN: list[tuple[str, Break]] = [
    ("no submission is taken late", told_otherwise(RECEIVED, submitted_at=LATE)),
    ("every submission with a receipt is kept", shown("entry", submissions=[])),
    ("every submission with a receipt is kept", without(RECEIVED)),
    (NOT_EARLY, peek("operator", seconds_after_deadline=GRACE_SECONDS - 0.001)),
    (NOT_EARLY, peek("entrant", seconds_after_deadline=-60)),
    (NOT_EARLY, peek("rival", seconds_after_deadline=60)),
    (NOT_EARLY, peek("client", seconds_after_deadline=60)),
    (OPENED_AS_SEALED, shown("submission", items=OTHER_ITEMS)),
    (OPENED_AS_SEALED, shown("submission", nonce="another")),
    (OPENED_AS_SEALED, told_otherwise(RECEIVED, commitment="another")),
    (OPENED_AS_SEALED, told_otherwise(RECEIVED, submission=9)),
    (OPENED_AS_SEALED, swap_contents),
    (OPENED_AS_SEALED, unsealed),
    ("who submitted is judged, once", told_otherwise(JUDGED, submissions=1)),
    (
        "who submitted is judged, once",
        told_otherwise("delivery.challenge.submissions_closed", submissions=3),
    ),
    (LATEST, shown("ranking", submissions=[])),
    (LATEST, the_replaced_is_ranked),
    (SCORECARDS, other_scores),
    (SCORECARDS, a_card_more),
    (SCORECARDS, a_scorecard_less),
    (RANKINGS, told_otherwise(JUDGED, ranking_sha256="another")),
    (RANKINGS, upside_down),
    (BEST, told_otherwise(AWARDED, awards=SWAPPED)),
    (BEST, told_otherwise(AWARDED, awards=SECOND_TO_NOBODY)),
    (PAID, without("billing.payout.requested")),
    (PAID, without(RELEASED)),
    (PAID, again("billing.payout.requested", id="second", seq=2)),
    (PURSE, told_otherwise("billing.escrow.settled", refunded=eur(299))),
    (PURSE, told_otherwise("billing.payout.requested", amount=eur(451))),
    (PURSE, told_otherwise(RELEASED, fee=eur(49))),
    (ALL_OR_NOTHING, refused("/submit")),
    (ALL_OR_NOTHING, refused(f"{CODES[OTHER_ENTRY]}/score", which=-1)),
    ("every fact has its consequences", without("matching.panel.proposed")),
    ("an engagement runs through each step once", again(AWARDED, id="second", seq=9)),
    ("a funded engagement is matched", without("delivery.challenge.opened", AWARDED)),
]


def test_a_call_in_which_all_is_well_is_green() -> None:
    verdict = verdict_about(a_call_story().lines)

    assert verdict.held, verdict.text()


@pytest.mark.parametrize(("promise", "harm"), BROKEN)
def test_a_promise_that_a_call_breaks_is_named(promise: str, harm: Break) -> None:
    story = a_call_story()

    harm(story)

    assert promise in verdict_about(story.lines).broken


@pytest.mark.parametrize("role", ["entrant", "operator"])
def test_after_deadline_and_grace_those_with_a_right_to_it_may_read(role: Role) -> None:
    story = a_call_story()

    peek(role, seconds_after_deadline=GRACE_SECONDS)(story)

    assert verdict_about(story.lines).held


def test_a_scorecard_without_an_answer_may_count() -> None:
    story = a_call_story()

    refused(f"{CODES[ENTRY]}/score", outcome="unknown")(story)

    assert verdict_about(story.lines).held


def test_a_ranking_that_was_changed_with_its_hash_is_not_the_announced_one() -> None:
    story = a_call_story()

    shown("ranking", **a_ranking(merit=90))(story)

    assert {RANKINGS, SCORECARDS} <= verdict_about(story.lines).broken
    assert str(CALL) in verdict_about(story.lines).text()
