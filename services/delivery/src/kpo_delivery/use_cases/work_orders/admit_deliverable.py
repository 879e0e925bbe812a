"""The vendor wants to upload a deliverable: who may, and whether the bytes are there already."""

from dataclasses import dataclass
from uuid import UUID

from kpo_chassis.kernel import Caller, Reads
from kpo_delivery.domain.content import Admitted, Contents, admit, deliverable_place
from kpo_delivery.domain.work_order import WorkOrder


@dataclass(frozen=True, slots=True)
class AdmitDeliverable:
    work_order_id: UUID
    deliverable_id: UUID
    sha256: str


async def admit_deliverable(
    command: AdmitDeliverable, caller: Caller, *, reads: Reads, contents: Contents
) -> Admitted:
    """Let the vendor of an open work order in."""
    seen = await reads.get(WorkOrder, command.work_order_id, caller)
    seen.state.expect_vendor(caller.tenant)
    seen.state.expect_open()
    place = deliverable_place(command.work_order_id, command.deliverable_id)
    found = await contents.find(place.key)
    return admit(place, found, command.sha256, is_named=seen.state.holds(command.deliverable_id))
