"""The table of contents: everything that delivery can be asked to do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, TypeVar

from kpo_chassis.kernel import Caller, Cause, Command, Stored
from kpo_delivery.domain.content import Admitted
from kpo_delivery.domain.work_order import WorkOrder
from kpo_delivery.use_cases.work_orders.accept_milestone import AcceptMilestone
from kpo_delivery.use_cases.work_orders.admit_deliverable import AdmitDeliverable
from kpo_delivery.use_cases.work_orders.find_deliverable import FindDeliverable
from kpo_delivery.use_cases.work_orders.note_cancel_wish import NoteCancelWish
from kpo_delivery.use_cases.work_orders.open_work_order import OpenWorkOrder
from kpo_delivery.use_cases.work_orders.return_milestone import ReturnMilestone
from kpo_delivery.use_cases.work_orders.run_work_order_clock import RunWorkOrderClock
from kpo_delivery.use_cases.work_orders.submit_milestone import SubmitMilestone

C = TypeVar("C")

Fact: TypeAlias = Callable[[C, Cause], Awaitable[Stored[WorkOrder]]]
"""A use case with its dependencies bound, which an event or a clock asks."""

Action: TypeAlias = Callable[[C, Command], Awaitable[Stored[WorkOrder]]]
"""A use case with its dependencies bound, which a caller asks."""


@dataclass(frozen=True, kw_only=True)
class App:
    """One field per use case."""

    open_work_order: Fact[OpenWorkOrder]
    note_cancel_wish: Fact[NoteCancelWish]
    run_work_order_clock: Fact[RunWorkOrderClock]

    submit_milestone: Action[SubmitMilestone]
    return_milestone: Action[ReturnMilestone]
    accept_milestone: Action[AcceptMilestone]

    admit_deliverable: Callable[[AdmitDeliverable, Caller], Awaitable[Admitted]]
    find_deliverable: Callable[[FindDeliverable, Caller], Awaitable[str]]
    remove_unreferenced_content: Callable[[datetime], Awaitable[int]]
