"""A client filed an engagement: find out who could do it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, Reads, States, Stored, inner, maybe
from kpo_matching.domain.client import ClientCopy
from kpo_matching.domain.engagement import Engagement
from kpo_matching.domain.filters import WorkingDays
from kpo_matching.domain.joining import called_at_choice, engagement_submitted, settle
from kpo_matching.domain.match import Match
from kpo_matching.domain.ranking import rank
from kpo_matching.domain.references import Offsets
from kpo_matching.domain.roster import with_roster
from kpo_matching.use_cases.read_pool import read_pool


@dataclass(frozen=True, slots=True)
class ShortlistCandidates:
    engagement_id: UUID
    client_id: UUID
    engagement: Engagement


async def shortlist_candidates(
    command: ShortlistCandidates, cause: Cause, *, changes: Changes, reads: Reads, offsets: Offsets
) -> Stored[Match]:
    ref = maybe(Match, Match.id_of(command.engagement_id))
    client = inner(ClientCopy, command.client_id)
    pool = await read_pool(command.engagement.practice_area, reads)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        shortlist = rank(command.engagement, pool, states[client], WorkingDays(offsets, now))
        known = states.get(ref) or Match.expected(command.engagement_id, command.client_id)
        match = engagement_submitted(known, command.engagement, shortlist)
        return with_roster(match, called_at_choice(match), states, lambda roster: settle(match, roster, now))

    return await changes.change(cause, decide, ref, client)
