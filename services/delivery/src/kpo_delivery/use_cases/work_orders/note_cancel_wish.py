"""The client wishes to cancel, perhaps before there is anything to cancel here."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, maybe
from kpo_delivery.domain.work_order import WorkOrder
from kpo_delivery.domain.work_order_facts import WorkOrderFact


@dataclass(frozen=True, slots=True)
class NoteCancelWish:
    engagement_id: UUID
    reason: str


async def note_cancel_wish(command: NoteCancelWish, cause: Cause, *, changes: Changes) -> Stored[WorkOrder]:
    order = maybe(WorkOrder, WorkOrder.id_of(command.engagement_id))

    def decide(states: States, now: datetime) -> Decision[WorkOrder, WorkOrderFact]:
        known = states.get(order) or WorkOrder.expect(command.engagement_id)
        return known.wish_cancelled(command.reason, now)

    return await changes.change(cause, decide, order)
