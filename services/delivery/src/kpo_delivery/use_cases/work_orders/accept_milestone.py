"""The client accepts a milestone, whose amount is then released."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Changes, Command, Decision, States, Stored, existing
from kpo_delivery.domain.work_order import WorkOrder
from kpo_delivery.domain.work_order_facts import WorkOrderFact


@dataclass(frozen=True, slots=True)
class AcceptMilestone:
    work_order_id: UUID
    number: int


async def accept_milestone(
    command: AcceptMilestone, cause: Command, *, changes: Changes
) -> Stored[WorkOrder]:
    order = existing(WorkOrder, command.work_order_id)

    def decide(states: States, now: datetime) -> Decision[WorkOrder, WorkOrderFact]:
        states[order].expect_client(cause.caller.tenant)
        return states[order].accept(command.number, now)

    return await changes.change(cause, decide, order)
