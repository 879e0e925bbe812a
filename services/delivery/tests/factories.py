"""Work orders in every state, with readable defaults."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from kpo_chassis.kernel import TenantId
from kpo_chassis.money import Money
from kpo_delivery.domain.milestone import Deliverable, Plan, Policy
from kpo_delivery.domain.work_order import WorkOrder
from kpo_delivery.domain.work_order_facts import Terms

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

ENGAGEMENT_ID = UUID("0e000000-0000-4000-8000-000000000001")
CLIENT_ID = TenantId(UUID("0c000000-0000-4000-8000-000000000001"))
VENDOR_ID = TenantId(UUID("0d000000-0000-4000-8000-000000000001"))
EXPERT_ID = UUID("0f000000-0000-4000-8000-000000000001")
PERSON_ID = UUID("0a000000-0000-4000-8000-000000000001")
DELIVERABLE_ID = UUID("0b000000-0000-4000-8000-000000000001")

WORK_ORDER_ID = WorkOrder.id_of(ENGAGEMENT_ID)
POLICY = Policy()
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def some_terms(*, review_days: float = 9, rework_days: float = 7) -> Terms:
    return Terms(CLIENT_ID, VENDOR_ID, EXPERT_ID, timedelta(days=review_days), timedelta(days=rework_days))


def a_plan(number: int = 1, *, due_in_days: float = 30, minor: int = 50_000) -> Plan:
    return Plan(number, f"Part {number}", Money(minor, "EUR"), timedelta(days=due_in_days))


def a_deliverable(key: UUID = DELIVERABLE_ID, *, name: str = "report.pdf") -> Deliverable:
    return Deliverable(key, name, "application/pdf", 1_200, SHA256)


def an_open_work_order(*due_in_days: float, review_days: float = 9, rework_days: float = 7) -> WorkOrder:
    """Open a work order at NOW with one milestone per due time (one of 30 days unless given)."""
    plans = tuple(a_plan(n, due_in_days=days) for n, days in enumerate(due_in_days or (30,), start=1))
    terms = some_terms(review_days=review_days, rework_days=rework_days)
    return WorkOrder.expect(ENGAGEMENT_ID).open(terms, plans, NOW).state


def submitted(order: WorkOrder, number: int = 1, *, at: datetime = NOW + DAY) -> WorkOrder:
    return order.submit(number, (a_deliverable(),), at).state


def returned(
    order: WorkOrder, number: int = 1, *, at: datetime = NOW + 2 * DAY, reason: str = "Page 3 is missing."
) -> WorkOrder:
    return submitted(order, number, at=at).return_milestone(number, reason, at, POLICY).state


def accepted(order: WorkOrder, number: int = 1, *, at: datetime = NOW + 3 * DAY) -> WorkOrder:
    return submitted(order, number, at=at).accept(number, at).state


def wished(
    order: WorkOrder, *, at: datetime = NOW + 2 * DAY, reason: str = "Our plans changed."
) -> WorkOrder:
    return order.wish_cancelled(reason, at).state


def completed(order: WorkOrder | None = None) -> WorkOrder:
    return accepted(order or an_open_work_order())


def cancelled(order: WorkOrder | None = None) -> WorkOrder:
    return wished(order or an_open_work_order())


def names(facts: tuple[object, ...]) -> list[str]:
    return [type(fact).__name__ for fact in facts]
