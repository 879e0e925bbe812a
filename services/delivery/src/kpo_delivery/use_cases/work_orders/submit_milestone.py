"""The vendor delivers a milestone: bytes first, then the change that names them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Changes, Command, Decision, Reads, States, Stored, existing
from kpo_delivery.domain.content import Content, Contents, deliverable_place, expect_stored, expect_young
from kpo_delivery.domain.milestone import Deliverable, Policy
from kpo_delivery.domain.work_order import WorkOrder
from kpo_delivery.domain.work_order_facts import WorkOrderFact


@dataclass(frozen=True, slots=True)
class NamedDeliverable:
    deliverable_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class SubmitMilestone:
    work_order_id: UUID
    number: int
    deliverables: tuple[NamedDeliverable, ...]


async def submit_milestone(  # noqa: PLR0913 - what it changes, reads, finds and goes by.
    command: SubmitMilestone,
    cause: Command,
    *,
    changes: Changes,
    reads: Reads,
    contents: Contents,
    policy: Policy,
) -> Stored[WorkOrder]:
    vendor = cause.caller.tenant
    seen = await reads.get(WorkOrder, command.work_order_id, cause.caller)
    seen.state.expect_vendor(vendor)
    found = [await _stored(command, position, contents) for position in range(len(command.deliverables))]
    deliverables = tuple(map(_deliverable, command.deliverables, found))
    order = existing(WorkOrder, command.work_order_id)

    def decide(states: States, now: datetime) -> Decision[WorkOrder, WorkOrderFact]:
        states[order].expect_vendor(vendor)
        _expect_young(states[order], deliverables, found, now)
        return states[order].submit(command.number, deliverables, now, policy)

    return await changes.change(cause, decide, order)


async def _stored(command: SubmitMilestone, position: int, contents: Contents) -> Content:
    place = deliverable_place(command.work_order_id, command.deliverables[position].deliverable_id)
    return expect_stored(await contents.find(place.key), pointer=_pointer(position))


def _deliverable(named: NamedDeliverable, found: Content) -> Deliverable:
    return Deliverable(named.deliverable_id, named.name, found.media_type, found.size, found.sha256)


def _expect_young(
    order: WorkOrder, deliverables: Sequence[Deliverable], found: Sequence[Content], now: datetime
) -> None:
    """Refuse bytes that the clean-up may remove before this submission is stored."""
    for position, (deliverable, content) in enumerate(zip(deliverables, found, strict=True)):
        if not order.holds(deliverable.id):
            expect_young(content, now, pointer=_pointer(position))


def _pointer(position: int) -> str:
    return f"/deliverables/{position}/deliverable_id"
