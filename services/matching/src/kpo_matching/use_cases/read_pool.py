"""Reads who might do a piece of work; the read side, so what it says may be old by the time of a decision."""

from kpo_chassis.kernel import Reads
from kpo_matching.domain.abilities import PracticeArea
from kpo_matching.domain.expert import Expert, ExpertStatus
from kpo_matching.domain.ranking import Pool
from kpo_matching.domain.vendor import Vendor

EXPERTS_RANKED_MAX = 5_000
"""How many active experts of a practice area are ranked; more need another index than a list."""


async def read_pool(practice_area: PracticeArea, reads: Reads) -> Pool:
    """Give the active experts of a practice area, and the vendors of all of them."""
    wanted = {"status": ExpertStatus.ACTIVE, "profile.practice_areas": practice_area}
    experts = await reads.find(Expert, wanted, limit=EXPERTS_RANKED_MAX)
    vendors = await reads.several(Vendor, {expert.vendor_id for expert in experts})
    return Pool(experts, {vendor.id: vendor for vendor in vendors})
