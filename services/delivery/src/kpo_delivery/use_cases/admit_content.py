"""The vendor wants to upload a deliverable: who may, and whether the bytes are there already."""

from dataclasses import dataclass
from uuid import UUID

from kpo_chassis.kernel import Caller, Reads
from kpo_delivery.domain.content import Content, Contents, content_key
from kpo_delivery.domain.errors import ContentDiffersError
from kpo_delivery.domain.work_order import WorkOrder


@dataclass(frozen=True, slots=True)
class AdmitContent:
    work_order_id: UUID
    deliverable_id: UUID
    sha256: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """The place for the bytes, and what a submission named there already: then nothing is written."""

    key: str
    stored: Content | None


async def admit_content(
    command: AdmitContent, caller: Caller, *, reads: Reads, contents: Contents
) -> Admitted:
    """Let the vendor of an open work order in; the same bytes may come again, others need another id.

    Bytes that no submission names yet are written again, which gives them a new day to wait for one.
    """
    seen = await reads.get(WorkOrder, command.work_order_id, caller)
    seen.state.expect_vendor(caller.tenant)
    seen.state.expect_open()
    key = content_key(command.work_order_id, command.deliverable_id)
    found = await contents.find(key)
    if found is not None and found.sha256 != command.sha256:
        raise ContentDiffersError(
            f"Other bytes are stored under {command.deliverable_id}; choose a new id for these."
        )
    return Admitted(key, found if seen.state.holds(command.deliverable_id) else None)
