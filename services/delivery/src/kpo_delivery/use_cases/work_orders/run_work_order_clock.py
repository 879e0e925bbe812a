"""A deadline of a work order ran out: remind, accept, announce a delay or give up."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, existing
from kpo_delivery.domain.milestone import Policy
from kpo_delivery.domain.work_order import WorkOrder
from kpo_delivery.domain.work_order_facts import WorkOrderFact


@dataclass(frozen=True, slots=True)
class RunWorkOrderClock:
    work_order_id: UUID


async def run_work_order_clock(
    command: RunWorkOrderClock, cause: Cause, *, changes: Changes, policy: Policy
) -> Stored[WorkOrder]:
    order = existing(WorkOrder, command.work_order_id)

    def decide(states: States, now: datetime) -> Decision[WorkOrder, WorkOrderFact]:
        return states[order].run_clock(now, policy)

    return await changes.change(cause, decide, order)
