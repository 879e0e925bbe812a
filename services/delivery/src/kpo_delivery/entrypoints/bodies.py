"""What delivery's requests and answers are made of, and how a work order becomes an answer."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from kpo_chassis.http import Instant, MoneyBody, RequestBody, ResponseBody
from kpo_chassis.kernel import Caller, Stored
from kpo_chassis.money import Money
from kpo_delivery.domain.milestone import Accepted, AcceptedBy, Deliverable, Milestone, Returned, Submitted
from kpo_delivery.domain.work_order import WorkOrder, WorkOrderStatus
from kpo_delivery.domain.work_order_facts import Party

TEXT_CHARS_MAX = 500
MILESTONES_MAX = 64
DELIVERABLES_MAX = 64

Text = Annotated[str, Field(min_length=1, max_length=TEXT_CHARS_MAX)]


class NamedDeliverableBody(RequestBody):
    """A deliverable whose bytes have been uploaded."""

    deliverable_id: UUID
    name: Annotated[Text, Field(description="The file's name, for people.", examples=["report.pdf"])]


class SubmitBody(RequestBody):
    """What the vendor delivers."""

    deliverables: Annotated[
        tuple[NamedDeliverableBody, ...], Field(min_length=1, max_length=DELIVERABLES_MAX)
    ]


class ReturnBody(RequestBody):
    """Why the client wants rework."""

    reason: Annotated[Text, Field(examples=["Page 3 is missing."])]


class WaitingOnBody(ResponseBody):
    """Who must act first."""

    party: Party
    act_by: Instant | None = Field(description="When a clock acts instead; null when none runs.")


class DeliverableBody(ResponseBody):
    """Bytes that were delivered; their content is a path of its own."""

    deliverable_id: UUID
    name: str
    media_type: str = Field(examples=["application/pdf"])
    size: int = Field(description="Length in bytes.")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    content: str = Field(description="Where the bytes are.")


class SubmissionBody(ResponseBody):
    """What was delivered at one time."""

    submitted_at: Instant
    deliverables: tuple[DeliverableBody, ...]


class MilestoneBody(ResponseBody):
    """One part of the work."""

    number: int
    title: str
    amount: MoneyBody
    state: str = Field(examples=["submitted"], description="planned, submitted, returned or accepted.")
    due_at: Instant
    is_overdue: bool = Field(description="Whether the delay was announced; a new due time ends it.")
    review_by: Instant | None = Field(description="When the clock accepts, while it is submitted.")
    returns: int = Field(description="How often it was sent back.")
    return_reason: str | None
    accepted_by: AcceptedBy | None
    accepted_at: Instant | None
    submissions: tuple[SubmissionBody, ...] = Field(description="All that was delivered, oldest first.")


class WorkOrderBody(ResponseBody):
    """A contract on its way to its end."""

    id: UUID
    engagement_id: UUID
    client_id: UUID
    vendor_id: UUID
    expert_id: UUID
    state: WorkOrderStatus
    milestones: tuple[MilestoneBody, ...]
    cancel_reason: str | None = Field(description="Set once somebody wishes to cancel.")
    waiting_on: WaitingOnBody | None
    opened_at: Instant | None
    ended_at: Instant | None


def work_order_body(stored: Stored[WorkOrder], _: Caller) -> WorkOrderBody:
    """Client and vendor see the same."""
    order = stored.state
    terms, waiting_on = order.contract, order.waiting_on
    return WorkOrderBody(
        id=order.id,
        engagement_id=order.engagement_id,
        client_id=terms.client,
        vendor_id=terms.vendor,
        expert_id=terms.expert_id,
        state=order.status,
        milestones=tuple(_milestone(order, milestone) for milestone in order.milestones),
        cancel_reason=order.wish.reason if order.wish else None,
        waiting_on=WaitingOnBody(party=waiting_on.party, act_by=waiting_on.until) if waiting_on else None,
        opened_at=order.opened_at,
        ended_at=order.ended_at,
    )


def _milestone(order: WorkOrder, milestone: Milestone) -> MilestoneBody:
    progress = milestone.progress
    accepted = progress if isinstance(progress, Accepted) else None
    return MilestoneBody(
        number=milestone.number,
        title=milestone.plan.title,
        amount=_money(milestone.plan.amount),
        state=progress.kind,
        due_at=milestone.due.at,
        is_overdue=milestone.due.gives_up_at is not None,
        review_by=progress.review.ends_at if isinstance(progress, Submitted) else None,
        returns=milestone.returns,
        return_reason=progress.reason if isinstance(progress, Returned) else None,
        accepted_by=accepted.by if accepted else None,
        accepted_at=accepted.at if accepted else None,
        submissions=tuple(
            SubmissionBody(
                submitted_at=submission.at,
                deliverables=tuple(_deliverable(order, each) for each in submission.deliverables),
            )
            for submission in milestone.submissions
        ),
    )


def _deliverable(order: WorkOrder, deliverable: Deliverable) -> DeliverableBody:
    return DeliverableBody(
        deliverable_id=deliverable.id,
        name=deliverable.name,
        media_type=deliverable.media_type,
        size=deliverable.size,
        sha256=deliverable.sha256,
        content=f"/v1/work-orders/{order.id}/deliverables/{deliverable.id}/content",
    )


def _money(amount: Money) -> MoneyBody:
    return MoneyBody.of(amount.minor, amount.currency)
