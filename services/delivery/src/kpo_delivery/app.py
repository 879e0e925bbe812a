"""The table of contents: everything that delivery can be asked to do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, TypeVar

from kpo_chassis.kernel import Caller, Cause, Command, Stored
from kpo_delivery.domain.work_order import WorkOrder
from kpo_delivery.use_cases.accept_milestone import AcceptMilestone
from kpo_delivery.use_cases.admit_content import AdmitContent, Admitted
from kpo_delivery.use_cases.find_content import FindContent
from kpo_delivery.use_cases.note_cancel_wish import NoteCancelWish
from kpo_delivery.use_cases.open_work_order import OpenWorkOrder
from kpo_delivery.use_cases.return_milestone import ReturnMilestone
from kpo_delivery.use_cases.run_work_order_clock import RunWorkOrderClock
from kpo_delivery.use_cases.submit_milestone import SubmitMilestone

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

    admit_content: Callable[[AdmitContent, Caller], Awaitable[Admitted]]
    find_content: Callable[[FindContent, Caller], Awaitable[str]]
    remove_unreferenced_content: Callable[[datetime], Awaitable[int]]
