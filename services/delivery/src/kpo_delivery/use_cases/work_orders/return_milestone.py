"""The client sends a milestone back for rework."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Changes, Command, Decision, States, Stored, existing
from kpo_delivery.domain.milestone import Policy
from kpo_delivery.domain.work_order import WorkOrder
from kpo_delivery.domain.work_order_facts import WorkOrderFact


@dataclass(frozen=True, slots=True)
class ReturnMilestone:
    work_order_id: UUID
    number: int
    reason: str


async def return_milestone(
    command: ReturnMilestone, cause: Command, *, changes: Changes, policy: Policy
) -> Stored[WorkOrder]:
    order = existing(WorkOrder, command.work_order_id)

    def decide(states: States, now: datetime) -> Decision[WorkOrder, WorkOrderFact]:
        states[order].expect_client(cause.caller.tenant)
        return states[order].return_milestone(command.number, command.reason, now, policy)

    return await changes.change(cause, decide, order)
