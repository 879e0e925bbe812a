"""Events that delivery announces: the work itself, milestone by milestone."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from kpo_events.intake import MilestonePlan
from kpo_events.money import Money
from kpo_events.payload import ITEMS_MAX, HeldPayload, Sha256, Stage, Text, Value


class DeliverableReference(Value):
    """Bytes that delivery keeps, by id, with their size in bytes and hash."""

    deliverable_id: UUID
    name: Text
    media_type: Text
    size: Annotated[int, Field(ge=0)]
    sha256: Sha256


class WorkOrderPayload(HeldPayload):
    """An event of the work order that a vendor's expert fulfils."""

    public: ClassVar = True
    stage: ClassVar = Stage.WORK

    work_order_id: UUID
    vendor_id: UUID
    expert_id: UUID


class WorkOrderOpenedV1(WorkOrderPayload):
    """The contract holds; the vendor works until the first milestone is due."""

    event_type: ClassVar = "delivery.workorder.opened.v1"

    milestones: Annotated[tuple[MilestonePlan, ...], Field(min_length=1, max_length=ITEMS_MAX)]


class MilestonePayload(WorkOrderPayload):
    """An event about one milestone of the work order."""

    milestone: Annotated[int, Field(ge=1, le=ITEMS_MAX)]


class MilestoneSubmittedV1(MilestonePayload):
    """The vendor delivered; the client reviews until `review_by`, or the clock accepts."""

    event_type: ClassVar = "delivery.workorder.milestone_submitted.v1"

    deliverables: Annotated[tuple[DeliverableReference, ...], Field(min_length=1, max_length=ITEMS_MAX)]
    review_by: datetime


class MilestoneReturnedV1(MilestonePayload):
    """The client asks for rework, with a reason, for the `returns`-th time."""

    event_type: ClassVar = "delivery.workorder.milestone_returned.v1"

    reason: Text
    returns: int
    due_at: datetime


class ReviewRemindedV1(MilestonePayload):
    """The client has not reviewed yet; `reminder` is 1 or 2."""

    event_type: ClassVar = "delivery.workorder.review_reminded.v1"

    reminder: int


class MilestoneAcceptedV1(MilestonePayload):
    """The milestone is done and its amount is due; `accepted_by` is client or clock."""

    event_type: ClassVar = "delivery.workorder.milestone_accepted.v1"

    amount: Money
    accepted_by: Text


class DeliveryOverdueV1(MilestonePayload):
    """The milestone is past its due time; the client may cancel."""

    event_type: ClassVar = "delivery.workorder.delivery_overdue.v1"


class WorkOrderCompletedV1(WorkOrderPayload):
    """Every milestone is accepted."""

    event_type: ClassVar = "delivery.workorder.completed.v1"


class WorkOrderCancelledV1(WorkOrderPayload):
    """The work ended early; what was accepted stays paid, the rest goes back."""

    event_type: ClassVar = "delivery.workorder.cancelled.v1"

    reason: Text
