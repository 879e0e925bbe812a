"""Client or vendor want to download a deliverable."""

from dataclasses import dataclass
from uuid import UUID

from kpo_chassis.kernel import Caller, Reads
from kpo_delivery.domain.content import deliverable_place
from kpo_delivery.domain.errors import DeliverableUnknownError
from kpo_delivery.domain.work_order import WorkOrder


@dataclass(frozen=True, slots=True)
class FindDeliverable:
    work_order_id: UUID
    deliverable_id: UUID


async def find_deliverable(query: FindDeliverable, caller: Caller, *, reads: Reads) -> str:
    """Give the place of the bytes; what was never submitted is the vendor's own draft."""
    seen = await reads.get(WorkOrder, query.work_order_id, caller)
    if not seen.state.may_read(query.deliverable_id, caller.tenant):
        raise DeliverableUnknownError(f"The work order has no deliverable {query.deliverable_id}.")
    return deliverable_place(query.work_order_id, query.deliverable_id).key
