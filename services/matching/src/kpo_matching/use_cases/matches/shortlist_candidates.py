"""A client filed an engagement: find out who could do it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, Reads, States, Stored, inner, maybe
from kpo_matching.domain.client import ClientCopy
from kpo_matching.domain.engagement import Engagement
from kpo_matching.domain.expert import Expert, ExpertStatus
from kpo_matching.domain.filters import WorkingDays
from kpo_matching.domain.joining import called_at_choice, engagement_submitted, settle
from kpo_matching.domain.match import Match
from kpo_matching.domain.ranking import Pool, rank
from kpo_matching.domain.references import Offsets
from kpo_matching.domain.roster import with_roster
from kpo_matching.domain.vendor import Vendor, VendorStatus

EXPERTS_RANKED_MAX = 5_000
"""How many active experts of a practice area are ranked; more need another index than a list."""

VENDORS_READ_MAX = 5_000


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
    pool = await _pool(command.engagement, reads)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        shortlist = rank(command.engagement, pool, states[client], WorkingDays(offsets, now))
        known = states.get(ref) or Match.expected(command.engagement_id, command.client_id)
        match = engagement_submitted(known, command.engagement, shortlist)
        return with_roster(match, called_at_choice(match), states, lambda roster: settle(match, roster, now))

    return await changes.change(cause, decide, ref, client)


async def _pool(engagement: Engagement, reads: Reads) -> Pool:
    """Read who might do it. What it says may be old by the time of an offer, which looks again."""
    wanted = {"status": ExpertStatus.ACTIVE, "profile.practice_areas": engagement.practice_area}
    experts = await reads.find(Expert, wanted, limit=EXPERTS_RANKED_MAX)
    vendors = await reads.find(Vendor, {"status": VendorStatus.ACTIVE}, limit=VENDORS_READ_MAX)
    return Pool(experts, {vendor.id: vendor for vendor in vendors})
