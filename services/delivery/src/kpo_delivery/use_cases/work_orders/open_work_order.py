"""An offer was accepted: the work order opens with its contract."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, maybe
from kpo_delivery.domain.milestone import Plan
from kpo_delivery.domain.work_order import WorkOrder
from kpo_delivery.domain.work_order_facts import Terms, WorkOrderFact


@dataclass(frozen=True, slots=True)
class OpenWorkOrder:
    engagement_id: UUID
    terms: Terms
    plans: tuple[Plan, ...]


async def open_work_order(command: OpenWorkOrder, cause: Cause, *, changes: Changes) -> Stored[WorkOrder]:
    order = maybe(WorkOrder, WorkOrder.id_of(command.engagement_id))

    def decide(states: States, now: datetime) -> Decision[WorkOrder, WorkOrderFact]:
        known = states.get(order) or WorkOrder.expect(command.engagement_id)
        return known.open(command.terms, command.plans, now)

    return await changes.change(cause, decide, order)
