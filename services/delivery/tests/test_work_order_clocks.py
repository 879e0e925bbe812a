"""The clocks of a work order in every state: one test per cell of the domain's table."""

from datetime import datetime, timedelta

import pytest

from kpo_chassis.money import Money
from kpo_delivery.domain.milestone import AcceptedBy, Planned, Policy
from kpo_delivery.domain.work_order import OVERDUE, CancelWish, WorkOrder, WorkOrderStatus
from kpo_delivery.domain.work_order_facts import (
    DeliveryOverdue,
    MilestoneAccepted,
    ReviewReminded,
    WorkOrderCancelled,
)

from .factories import (
    DAY,
    ENGAGEMENT_ID,
    HOUR,
    NOW,
    POLICY,
    an_open_work_order,
    cancelled,
    completed,
    names,
    returned,
    submitted,
    wished,
)


def run_until_past(order: WorkOrder, now: datetime) -> tuple[WorkOrder, list[str]]:
    """Run the clock as a sweep does, until nothing is due at `now`."""
    announced: list[str] = []
    while order.due_at is not None and order.due_at <= now:
        decision = order.run_clock(now, POLICY)
        order = decision.state
        announced += names(decision.facts)
    return order, announced


# review clock ---------------------------------------------------------------------------------------------


def test_review_clock_reminds_after_a_third_of_the_review_time() -> None:
    order = submitted(an_open_work_order(review_days=9), at=NOW)

    decision = order.run_clock(NOW + 3 * DAY, POLICY)

    assert order.due_at == NOW + 3 * DAY
    assert decision.facts == (ReviewReminded(decision.state.standing, 1, 1),)
    assert decision.state.due_at == NOW + 6 * DAY


def test_review_clock_reminds_again_a_third_after_the_first_reminder_really_happened() -> None:
    order = submitted(an_open_work_order(review_days=9), at=NOW).run_clock(NOW + 4 * DAY, POLICY).state

    decision = order.run_clock(NOW + 7 * DAY, POLICY)

    assert order.due_at == NOW + 7 * DAY
    assert decision.facts == (ReviewReminded(decision.state.standing, 1, 2),)


def test_review_clock_accepts_after_two_reminders() -> None:
    order = submitted(an_open_work_order(30, 60, review_days=9), 1, at=NOW)
    reminded, _ = run_until_past(order, NOW + 3 * DAY)
    reminded, _ = run_until_past(reminded, NOW + 6 * DAY)

    decision = reminded.run_clock(NOW + 9 * DAY, POLICY)

    assert reminded.due_at == NOW + 9 * DAY
    assert decision.facts == (
        MilestoneAccepted(decision.state.standing, 1, Money(50_000, "EUR"), AcceptedBy.CLOCK),
    )


def test_review_clock_that_accepts_the_last_milestone_completes() -> None:
    order = submitted(an_open_work_order(review_days=9), at=NOW)

    for days in (3, 6, 9):
        order, announced = run_until_past(order, NOW + days * DAY)

    assert order.status is WorkOrderStatus.COMPLETED
    assert announced == ["MilestoneAccepted", "WorkOrderCompleted"]


def test_review_clock_that_accepts_with_a_wish_and_nothing_else_in_hand_cancels() -> None:
    order = wished(submitted(an_open_work_order(30, 60, review_days=9), 1, at=NOW), at=NOW)

    for days in (3, 6, 9):
        order, announced = run_until_past(order, NOW + days * DAY)

    assert order.status is WorkOrderStatus.CANCELLED
    assert announced == ["MilestoneAccepted", "WorkOrderCancelled"]


def test_review_clock_after_an_outage_takes_one_step_at_a_time_from_when_the_last_happened() -> None:
    order = submitted(an_open_work_order(60, review_days=9), at=NOW)

    decision = order.run_clock(NOW + 20 * DAY, POLICY)

    assert names(decision.facts) == ["ReviewReminded"]
    assert decision.state.due_at == NOW + 23 * DAY


def test_review_steps_are_whole_milliseconds_and_end_exactly_at_the_review_time() -> None:
    order = submitted(an_open_work_order(review_days=1 / 86_400), at=NOW)

    steps = []
    while order.due_at is not None:
        steps.append(order.due_at - NOW)
        order = order.run_clock(order.due_at, POLICY).state

    assert steps == [timedelta(milliseconds=each) for each in (333, 666, 1_000)]


# due clock ------------------------------------------------------------------------------------------------


def test_due_clock_announces_the_delay_of_a_planned_milestone() -> None:
    order = an_open_work_order(30)

    decision = order.run_clock(NOW + 30 * DAY, POLICY)

    assert order.due_at == NOW + 30 * DAY
    assert decision.state.status is WorkOrderStatus.OPEN
    assert isinstance(decision.state.milestones[0].progress, Planned)
    assert decision.facts == (DeliveryOverdue(decision.state.standing, 1),)


def test_due_clock_announces_the_delay_of_a_returned_milestone() -> None:
    decision = returned(an_open_work_order(30)).run_clock(NOW + 30 * DAY, POLICY)

    assert names(decision.facts) == ["DeliveryOverdue"]


def test_due_clock_with_a_wish_and_nothing_in_hand_cancels() -> None:
    order = wished(returned(an_open_work_order(30)), at=NOW + 3 * DAY)

    decision = order.run_clock(NOW + 30 * DAY, POLICY)

    assert decision.state.status is WorkOrderStatus.CANCELLED
    assert names(decision.facts) == ["DeliveryOverdue", "WorkOrderCancelled"]


def test_due_clock_with_a_wish_and_something_in_hand_waits_for_that() -> None:
    order = wished(returned(returned(an_open_work_order(30, 60), 1), 2), at=NOW + 3 * DAY)

    decision = order.run_clock(NOW + 30 * DAY, POLICY)

    assert decision.state.status is WorkOrderStatus.OPEN
    assert names(decision.facts) == ["DeliveryOverdue"]


def test_due_clock_14_days_on_cancels_when_nothing_is_in_hand() -> None:
    overdue = an_open_work_order(30).run_clock(NOW + 30 * DAY, POLICY).state

    decision = overdue.run_clock(NOW + 44 * DAY, POLICY)

    assert overdue.due_at == NOW + 44 * DAY
    assert decision.state.status is WorkOrderStatus.CANCELLED
    assert decision.facts == (WorkOrderCancelled(decision.state.standing, OVERDUE),)


def test_due_clock_14_days_on_wishes_in_the_clients_place_when_something_is_in_hand() -> None:
    overdue, _ = run_until_past(an_open_work_order(30, 60), NOW + 30 * DAY)
    busy = submitted(overdue, 2, at=NOW + 43 * DAY)

    decision = busy.run_clock(NOW + 44 * DAY, POLICY)

    assert decision.state.status is WorkOrderStatus.OPEN
    assert decision.state.wish == CancelWish(OVERDUE)
    assert decision.facts == ()
    assert names(decision.state.accept(2, NOW + 45 * DAY).facts) == [
        "MilestoneAccepted",
        "WorkOrderCancelled",
    ]


def test_due_clock_14_days_run_from_when_the_delay_was_really_announced() -> None:
    overdue = an_open_work_order(30).run_clock(NOW + 33 * DAY, POLICY).state

    assert overdue.due_at == NOW + 47 * DAY


def test_due_clock_of_several_milestones_takes_the_earliest_first() -> None:
    order = an_open_work_order(40, 30)

    decision = order.run_clock(NOW + 50 * DAY, POLICY)

    assert order.due_at == NOW + 30 * DAY
    assert decision.facts == (DeliveryOverdue(decision.state.standing, 2),)
    assert decision.state.due_at == NOW + 40 * DAY


def test_patience_with_late_deliveries_is_policy() -> None:
    decision = an_open_work_order(30).run_clock(NOW + 30 * DAY, Policy(give_up_after=HOUR))

    assert decision.state.due_at == NOW + 30 * DAY + HOUR


def test_clock_before_anything_is_due_changes_nothing() -> None:
    order = an_open_work_order(30)

    assert order.run_clock(NOW + 29 * DAY, POLICY).state == order


@pytest.mark.parametrize("order", [WorkOrder.expect(ENGAGEMENT_ID), completed(), cancelled()])
def test_no_clock_runs_unless_the_work_order_is_open(order: WorkOrder) -> None:
    decision = order.run_clock(NOW + 999 * DAY, POLICY)

    assert order.due_at is None
    assert decision.state == order
    assert decision.facts == ()
