"""Somebody wants to see, and recompute, how a round was ranked."""

from dataclasses import dataclass
from uuid import UUID

from kpo_chassis.kernel import Caller, EntryReads, NotFoundError, Reads
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.entry import Entry
from kpo_delivery.domain.judging_errors import RankingUnknownError
from kpo_delivery.domain.ranking_export import Sheet
from kpo_delivery.use_cases.rounds.read_round import read_cards, read_round, sheet_of


@dataclass(frozen=True, slots=True)
class FindRanking:
    challenge_id: UUID
    number: int


async def find_ranking(query: FindRanking, caller: Caller, *, reads: Reads, entries: EntryReads) -> Sheet:
    """Give what the ranking is made of: to those who take part once it is judged, to all after the end."""
    challenge = (await reads.get(Challenge, query.challenge_id, caller)).state
    is_judged = any(round_.number == query.number for round_ in challenge.judged)
    if not is_judged or not await _may_see(challenge, caller, reads):
        raise RankingUnknownError(f"There is no ranking of round {query.number} that you may see now.")
    round_ = await read_round(challenge, query.number, entries)
    return sheet_of(round_, challenge, await read_cards(round_.id, reads))


async def _may_see(challenge: Challenge, caller: Caller, reads: Reads) -> bool:
    if challenge.has_ended or caller.is_operator or caller.tenant == challenge.client:
        return True
    if challenge.panel.seat_of(caller.person) is not None:
        return True
    try:
        await reads.get(Entry, Entry.id_of(challenge.id, caller.person), caller)
    except NotFoundError:
        return False
    return True
