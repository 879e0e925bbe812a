"""The only file that knows both delivery's domain and the events: facts go out, events become commands."""

from datetime import timedelta
from typing import TypedDict, assert_never
from uuid import UUID

from kpo_chassis import money
from kpo_chassis.kernel import TenantId
from kpo_delivery.domain import work_order_facts as facts
from kpo_delivery.domain.milestone import MILLISECOND, Deliverable, Plan
from kpo_delivery.domain.work_order_facts import WorkOrderFact
from kpo_delivery.use_cases.work_orders.note_cancel_wish import NoteCancelWish
from kpo_delivery.use_cases.work_orders.open_work_order import OpenWorkOrder
from kpo_events import delivery
from kpo_events.intake import EngagementCancellationRequestedV1, MilestonePlan
from kpo_events.matching import MatchAcceptedV1
from kpo_events.money import Money
from kpo_events.payload import Payload, WaitingOn

# Out ------------------------------------------------------------------------------------------------------


def outgoing(fact: object) -> Payload:
    """Give the payload that announces a fact."""
    assert isinstance(fact, WorkOrderFact), f"{fact!r} is no fact of delivery"
    about = _about(fact.standing)
    match fact:
        case facts.WorkOrderOpened(plans=plans):
            return delivery.WorkOrderOpenedV1(**about, milestones=tuple(map(_plan, plans)))
        case facts.WorkOrderCompleted():
            return delivery.WorkOrderCompletedV1(**about)
        case facts.WorkOrderCancelled(reason=reason):
            return delivery.WorkOrderCancelledV1(**about, reason=reason)
        case _:
            return _of_milestone(fact, about)


def _of_milestone(fact: facts.MilestoneFact, about: "_About") -> Payload:
    number = fact.number
    match fact:
        case facts.MilestoneSubmitted(deliverables=deliverables, review_by=review_by):
            references = tuple(map(_reference, deliverables))
            return delivery.MilestoneSubmittedV1(
                **about, milestone=number, deliverables=references, review_by=review_by
            )
        case facts.MilestoneReturned(reason=reason, returns=returns, due_at=due_at):
            return delivery.MilestoneReturnedV1(
                **about, milestone=number, reason=reason, returns=returns, due_at=due_at
            )
        case facts.ReviewReminded(reminder=reminder):
            return delivery.ReviewRemindedV1(**about, milestone=number, reminder=reminder)
        case facts.MilestoneAccepted(amount=amount, by=by):
            return delivery.MilestoneAcceptedV1(
                **about, milestone=number, amount=_money(amount), accepted_by=by
            )
        case facts.DeliveryOverdue():
            return delivery.DeliveryOverdueV1(**about, milestone=number)
        case _:
            assert_never(fact)


class _About(TypedDict):
    """What every payload of a work order says first."""

    engagement_id: UUID
    client_id: UUID
    waiting_on: WaitingOn | None
    work_order_id: UUID
    vendor_id: UUID
    expert_id: UUID


def _about(standing: facts.Standing) -> _About:
    waiting_on = standing.waiting_on
    return _About(
        engagement_id=standing.engagement_id,
        client_id=standing.terms.client,
        waiting_on=WaitingOn(party=waiting_on.party, until=waiting_on.until) if waiting_on else None,
        work_order_id=standing.work_order_id,
        vendor_id=standing.terms.vendor,
        expert_id=standing.terms.expert_id,
    )


def _plan(plan: Plan) -> MilestonePlan:
    return MilestonePlan(
        number=plan.number, title=plan.title, amount=_money(plan.amount), due_within=plan.due_within
    )


def _reference(deliverable: Deliverable) -> delivery.DeliverableReference:
    return delivery.DeliverableReference(
        deliverable_id=deliverable.id,
        name=deliverable.name,
        media_type=deliverable.media_type,
        size=deliverable.size,
        sha256=deliverable.sha256,
    )


def _money(amount: money.Money) -> Money:
    return Money.of(amount.minor, amount.currency)


# In -------------------------------------------------------------------------------------------------------


def open_work_order(data: MatchAcceptedV1) -> OpenWorkOrder:
    contract = data.contract
    terms = facts.Terms(
        client=TenantId(data.client_id),
        vendor=TenantId(data.vendor_id),
        expert_id=data.expert_id,
        review_within=_milliseconds(contract.review_within),
        rework_within=_milliseconds(contract.rework_within),
    )
    plans = (
        Plan(plan.number, plan.title, _amount(plan.amount), _milliseconds(plan.due_within))
        for plan in contract.milestones
    )
    return OpenWorkOrder(data.engagement_id, terms, tuple(plans))


def note_cancel_wish(data: EngagementCancellationRequestedV1) -> NoteCancelWish:
    return NoteCancelWish(data.engagement_id, data.reason)


def _amount(amount: Money) -> money.Money:
    return money.Money(amount.minor, amount.currency)


def _milliseconds(duration: timedelta) -> timedelta:
    """Cut to what the database keeps of an instant: a finer deadline would never equal its stored self."""
    return duration // MILLISECOND * MILLISECOND
