"""A round as it is judged: its assignments and scorecards, however many there are."""

from collections.abc import Iterable
from uuid import UUID

from kpo_chassis.kernel import EntryReads, Reads
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.ranking import Card
from kpo_delivery.domain.ranking_export import Sheet
from kpo_delivery.domain.round import Assignment, Deal, Round
from kpo_delivery.domain.scorecard import Scorecard

PAGE_MAX = 500


async def read_round(challenge: Challenge, number: int, entries: EntryReads) -> Round:
    """Read all assignments of a round, page by page."""
    found, where = list[Assignment](), {"round_id": str(Round.id_of(challenge.id, number))}
    while page := await entries.entries(
        Assignment, where, order=("code",), after=[found[-1].code] if found else None, limit=PAGE_MAX
    ):
        found.extend(page)
    return Round(challenge.id, number, Deal.of(challenge.call, number), tuple(found))


async def read_assignment(round_id: UUID, code: str, entries: EntryReads) -> Assignment | None:
    """Find one submission of a round by its code."""
    where = {"_id": Assignment.id_of(round_id, code)}
    return next(iter(await entries.entries(Assignment, where, order=("_id",), limit=1)), None)


async def read_cards(round_id: UUID, reads: Reads) -> tuple[Card, ...]:
    """Read all scorecards of a round, page by page."""
    found, where = list[Scorecard](), {"round_id": str(round_id)}
    while page := await reads.find(Scorecard, where, after=found[-1].id if found else None, limit=PAGE_MAX):
        found.extend(page)
    return tuple(scorecard.card for scorecard in found)


def sheet_of(round_: Round, challenge: Challenge, cards: Iterable[Card]) -> Sheet:
    contenders = tuple(each.candidate.contender for each in round_.assignments)
    return Sheet(challenge.id, round_.number, challenge.call.criteria, contenders, tuple(cards))
