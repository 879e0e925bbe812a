"""A judge asks what there is to score, and what of it is done."""

from dataclasses import dataclass
from uuid import UUID

from kpo_chassis.kernel import Caller, EntryReads, NotFoundError, Reads
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.round import Assignment, Round
from kpo_delivery.domain.scorecard import Scorecard
from kpo_delivery.domain.tally import Tally


@dataclass(frozen=True, slots=True)
class FindAssignments:
    """Asks for at most `limit` of them, in the order of their codes, behind the code `after`."""

    challenge_id: UUID
    after: str | None
    limit: int


@dataclass(frozen=True, slots=True)
class Assigned:
    """A submission that the caller's seat scores, with the scorecard that the seat gave it."""

    code: str
    round: int
    scorecard: Scorecard | None


async def find_assignments(
    query: FindAssignments, caller: Caller, *, reads: Reads, entries: EntryReads
) -> tuple[Assigned, ...]:
    """Give nothing to whoever does not sit on the panel, or while nothing is judged."""
    challenge = (await reads.get(Challenge, query.challenge_id, caller)).state
    if challenge.clock is None:
        return ()
    tally = (await reads.get(Tally, Round.id_of(challenge.id, challenge.clock.round))).state
    seat = tally.seat_of(caller.person)
    if seat is None:
        return ()
    where, after = {"round_id": str(tally.id), "seats": seat}, [query.after] if query.after else None
    page = await entries.entries(Assignment, where, order=("code",), after=after, limit=query.limit)
    return tuple([await _assigned(tally, seat, each, reads) for each in page])


async def _assigned(tally: Tally, seat: int, assignment: Assignment, reads: Reads) -> Assigned:
    key = Scorecard.id_of(tally.id, seat, assignment.candidate.entry_id)
    try:
        scorecard = (await reads.get(Scorecard, key)).state
    except NotFoundError:
        scorecard = None
    return Assigned(assignment.code, tally.number, scorecard)
