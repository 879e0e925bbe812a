"""What a work order announces; every fact says whom it binds and who must act from then on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from kpo_chassis.kernel import TenantId
from kpo_chassis.money import Money
from kpo_delivery.domain.milestone import AcceptedBy, Deliverable, Plan


class Party(StrEnum):
    """Who must act."""

    CLIENT = "client"
    VENDOR = "vendor"


@dataclass(frozen=True, slots=True)
class WaitingOn:
    """Who must act next, and when a clock acts instead."""

    party: Party
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the contract fixes for the whole work order."""

    client: TenantId
    vendor: TenantId
    expert_id: UUID
    review_within: timedelta
    rework_within: timedelta


@dataclass(frozen=True, slots=True)
class Standing:
    """What all facts of a work order have in common, as it stands after the change."""

    work_order_id: UUID
    engagement_id: UUID
    terms: Terms
    waiting_on: WaitingOn | None


@dataclass(frozen=True, slots=True)
class WorkOrderOpened:
    standing: Standing
    plans: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class MilestoneSubmitted:
    standing: Standing
    number: int
    deliverables: tuple[Deliverable, ...]
    review_by: datetime


@dataclass(frozen=True, slots=True)
class MilestoneReturned:
    standing: Standing
    number: int
    reason: str
    returns: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewReminded:
    standing: Standing
    number: int
    reminder: int


@dataclass(frozen=True, slots=True)
class MilestoneAccepted:
    standing: Standing
    number: int
    amount: Money
    by: AcceptedBy


@dataclass(frozen=True, slots=True)
class DeliveryOverdue:
    standing: Standing
    number: int


@dataclass(frozen=True, slots=True)
class WorkOrderCompleted:
    standing: Standing


@dataclass(frozen=True, slots=True)
class WorkOrderCancelled:
    standing: Standing
    reason: str


MilestoneFact: TypeAlias = (
    MilestoneSubmitted | MilestoneReturned | ReviewReminded | MilestoneAccepted | DeliveryOverdue
)

WorkOrderFact: TypeAlias = WorkOrderOpened | MilestoneFact | WorkOrderCompleted | WorkOrderCancelled
