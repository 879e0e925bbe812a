"""Every fact and command of a work order in every state: one test per cell of the domain's table."""

import pytest

from kpo_chassis.kernel import Task
from kpo_chassis.money import Money
from kpo_delivery.domain.errors import (
    CancelWishedError,
    MilestoneStateError,
    MilestoneUnknownError,
    MisplacedFactError,
    NotYourWorkOrderError,
    ReturnsExhaustedError,
    WorkOrderEndedError,
)
from kpo_delivery.domain.milestone import Accepted, AcceptedBy, Policy, Returned, Submitted
from kpo_delivery.domain.work_order import CancelWish, WorkOrder, WorkOrderStatus
from kpo_delivery.domain.work_order_facts import (
    MilestoneAccepted,
    MilestoneReturned,
    MilestoneSubmitted,
    Party,
    WaitingOn,
    WorkOrderCancelled,
    WorkOrderCompleted,
    WorkOrderOpened,
)

from .factories import (
    CLIENT_ID,
    DAY,
    ENGAGEMENT_ID,
    HOUR,
    NOW,
    POLICY,
    VENDOR_ID,
    WORK_ORDER_ID,
    a_deliverable,
    a_plan,
    accepted,
    an_open_work_order,
    cancelled,
    completed,
    names,
    returned,
    some_terms,
    submitted,
    wished,
)

# match.accepted -------------------------------------------------------------------------------------------


def test_match_accepted_opens_a_work_order() -> None:
    plans = (a_plan(1, due_in_days=10), a_plan(2, due_in_days=20))

    decision = WorkOrder.expect(ENGAGEMENT_ID).open(some_terms(), plans, NOW)

    assert decision.state.status is WorkOrderStatus.OPEN
    assert [milestone.due.at for milestone in decision.state.milestones] == [NOW + 10 * DAY, NOW + 20 * DAY]
    assert decision.facts == (WorkOrderOpened(decision.state.standing, plans),)


def test_match_accepted_meets_a_remembered_wish_opened_and_cancelled_in_one_change() -> None:
    expected = wished(WorkOrder.expect(ENGAGEMENT_ID))

    decision = expected.open(some_terms(), (a_plan(),), NOW)

    assert decision.state.status is WorkOrderStatus.CANCELLED
    assert names(decision.facts) == ["WorkOrderOpened", "WorkOrderCancelled"]


@pytest.mark.parametrize("order", [an_open_work_order(), completed(), cancelled()])
def test_match_accepted_twice_is_a_bug(order: WorkOrder) -> None:
    with pytest.raises(MisplacedFactError):
        order.open(some_terms(), (a_plan(),), NOW)


# cancel wish ----------------------------------------------------------------------------------------------


def test_wish_before_the_contract_is_remembered() -> None:
    decision = WorkOrder.expect(ENGAGEMENT_ID).wish_cancelled("Too late.", NOW)

    assert decision.state.status is WorkOrderStatus.EXPECTED
    assert decision.state.wish == CancelWish("Too late.")
    assert decision.facts == ()


def test_wish_with_nothing_in_hand_cancels() -> None:
    decision = an_open_work_order().wish_cancelled("Our plans changed.", NOW + DAY)

    assert decision.state.status is WorkOrderStatus.CANCELLED
    assert decision.facts == (WorkOrderCancelled(decision.state.standing, "Our plans changed."),)


def test_wish_with_a_submitted_milestone_is_remembered() -> None:
    decision = submitted(an_open_work_order()).wish_cancelled("Our plans changed.", NOW + 2 * DAY)

    assert decision.state.status is WorkOrderStatus.OPEN
    assert decision.state.wish == CancelWish("Our plans changed.")
    assert decision.facts == ()


def test_wish_with_a_returned_milestone_before_its_due_is_remembered() -> None:
    decision = returned(an_open_work_order(30)).wish_cancelled("Enough.", NOW + 30 * DAY - HOUR)

    assert decision.state.status is WorkOrderStatus.OPEN


def test_wish_with_a_returned_milestone_past_its_due_cancels() -> None:
    decision = returned(an_open_work_order(30)).wish_cancelled("Enough.", NOW + 30 * DAY)

    assert decision.state.status is WorkOrderStatus.CANCELLED


def test_a_second_wish_changes_nothing() -> None:
    order = wished(submitted(an_open_work_order()), reason="First.")

    assert order.wish_cancelled("Second.", NOW + 2 * DAY).state == order


@pytest.mark.parametrize("order", [completed(), cancelled()])
def test_wish_after_the_end_changes_nothing(order: WorkOrder) -> None:
    decision = order.wish_cancelled("Too late.", NOW + 9 * DAY)

    assert decision.state == order
    assert decision.facts == ()


# submit ---------------------------------------------------------------------------------------------------


def test_submit_of_a_planned_milestone_begins_its_review() -> None:
    decision = an_open_work_order(review_days=9).submit(1, (a_deliverable(),), NOW + DAY, POLICY)

    assert isinstance(decision.state.milestones[0].progress, Submitted)
    assert decision.facts == (
        MilestoneSubmitted(decision.state.standing, 1, (a_deliverable(),), NOW + 10 * DAY),
    )


def test_submit_of_a_planned_milestone_is_refused_once_the_client_wishes_to_cancel() -> None:
    order = wished(submitted(an_open_work_order(30, 60), 1))

    with pytest.raises(CancelWishedError):
        order.submit(2, (a_deliverable(),), NOW + 3 * DAY, POLICY)


def test_submit_of_a_returned_milestone_begins_a_new_review_and_keeps_the_old_submission() -> None:
    decision = returned(an_open_work_order()).submit(1, (a_deliverable(),), NOW + 4 * DAY, POLICY)

    milestone = decision.state.milestones[0]
    assert isinstance(milestone.progress, Submitted)
    assert [submission.at for submission in milestone.submissions] == [NOW + 2 * DAY, NOW + 4 * DAY]


def test_submit_of_a_returned_milestone_is_welcome_even_with_a_wish() -> None:
    order = wished(returned(an_open_work_order(30)), at=NOW + 3 * DAY)

    decision = order.submit(1, (a_deliverable(),), NOW + 4 * DAY, POLICY)

    assert isinstance(decision.state.milestones[0].progress, Submitted)


def test_submit_of_an_overdue_milestone_is_still_welcome() -> None:
    late = an_open_work_order(30).run_clock(NOW + 30 * DAY, POLICY).state

    decision = late.submit(1, (a_deliverable(),), NOW + 31 * DAY, POLICY)

    assert names(decision.facts) == ["MilestoneSubmitted"]


def test_submit_of_a_submitted_milestone_is_refused_with_what_is_allowed() -> None:
    with pytest.raises(MilestoneStateError) as refused:
        submitted(an_open_work_order()).submit(1, (a_deliverable(),), NOW + 2 * DAY, POLICY)

    assert refused.value.allowed == ("accept", "return")


def test_submit_of_a_milestone_that_was_returned_to_the_limit_does_not_allow_to_return_it() -> None:
    order = submitted(returned(returned(returned(an_open_work_order()))))

    with pytest.raises(MilestoneStateError) as refused:
        order.submit(1, (a_deliverable(),), NOW + 3 * DAY, POLICY)

    assert refused.value.allowed == ("accept",)


def test_submit_of_an_accepted_milestone_is_refused() -> None:
    with pytest.raises(MilestoneStateError) as refused:
        accepted(an_open_work_order(30, 60), 1).submit(1, (a_deliverable(),), NOW + 4 * DAY, POLICY)

    assert refused.value.allowed == ()


@pytest.mark.parametrize("order", [completed(), cancelled()])
def test_submit_after_the_end_is_refused(order: WorkOrder) -> None:
    with pytest.raises(WorkOrderEndedError):
        order.submit(1, (a_deliverable(),), NOW + 4 * DAY, POLICY)


def test_submit_of_a_milestone_that_is_not_in_the_contract_is_not_found() -> None:
    with pytest.raises(MilestoneUnknownError):
        an_open_work_order().submit(2, (a_deliverable(),), NOW + DAY, POLICY)


# accept ---------------------------------------------------------------------------------------------------


def test_accept_of_one_of_several_milestones_leaves_the_work_order_open() -> None:
    decision = submitted(an_open_work_order(30, 60), 1).accept(1, NOW + 2 * DAY)

    assert decision.state.status is WorkOrderStatus.OPEN
    assert decision.state.milestones[0].progress == Accepted(AcceptedBy.CLIENT, NOW + 2 * DAY)
    assert decision.facts == (
        MilestoneAccepted(decision.state.standing, 1, Money(50_000, "EUR"), AcceptedBy.CLIENT),
    )


def test_accept_of_the_last_milestone_completes() -> None:
    decision = submitted(accepted(an_open_work_order(30, 60), 2), 1).accept(1, NOW + 4 * DAY)

    assert decision.state.status is WorkOrderStatus.COMPLETED
    assert names(decision.facts) == ["MilestoneAccepted", "WorkOrderCompleted"]


def test_accept_of_the_last_milestone_completes_even_with_a_wish() -> None:
    decision = wished(submitted(an_open_work_order())).accept(1, NOW + 3 * DAY)

    assert names(decision.facts) == ["MilestoneAccepted", "WorkOrderCompleted"]


def test_accept_with_a_wish_and_nothing_else_in_hand_cancels_in_the_same_change() -> None:
    decision = wished(submitted(an_open_work_order(30, 60), 1)).accept(1, NOW + 3 * DAY)

    assert decision.state.status is WorkOrderStatus.CANCELLED
    assert names(decision.facts) == ["MilestoneAccepted", "WorkOrderCancelled"]


def test_accept_with_a_wish_and_something_else_in_hand_waits_for_that() -> None:
    both = submitted(submitted(an_open_work_order(30, 60), 1), 2)

    decision = wished(both).accept(1, NOW + 3 * DAY)

    assert decision.state.status is WorkOrderStatus.OPEN
    assert names(decision.facts) == ["MilestoneAccepted"]


@pytest.mark.parametrize("order", [an_open_work_order(), returned(an_open_work_order())])
def test_accept_of_a_milestone_that_is_not_submitted_is_refused(order: WorkOrder) -> None:
    with pytest.raises(MilestoneStateError) as refused:
        order.accept(1, NOW + 3 * DAY)

    assert refused.value.allowed == ("submit",)


def test_accept_of_an_accepted_milestone_is_refused() -> None:
    with pytest.raises(MilestoneStateError):
        accepted(an_open_work_order(30, 60), 1).accept(1, NOW + 4 * DAY)


@pytest.mark.parametrize("order", [completed(), cancelled()])
def test_accept_after_the_end_is_refused(order: WorkOrder) -> None:
    with pytest.raises(WorkOrderEndedError):
        order.accept(1, NOW + 4 * DAY)


# return ---------------------------------------------------------------------------------------------------


def test_return_gives_the_rework_time_when_that_is_later_than_the_due() -> None:
    late = submitted(an_open_work_order(5, rework_days=7), at=NOW + 4 * DAY)

    decision = late.return_milestone(1, "Page 3 is missing.", NOW + 4 * DAY, POLICY)

    assert decision.state.milestones[0].progress == Returned("Page 3 is missing.")
    assert decision.facts == (
        MilestoneReturned(decision.state.standing, 1, "Page 3 is missing.", 1, NOW + 11 * DAY),
    )


def test_return_keeps_the_due_when_that_is_later_than_the_rework_time() -> None:
    order = returned(an_open_work_order(30, rework_days=7))

    assert order.milestones[0].due.at == NOW + 30 * DAY


def test_return_of_an_overdue_milestone_starts_its_due_clock_anew() -> None:
    late = an_open_work_order(5, rework_days=7).run_clock(NOW + 5 * DAY, POLICY).state

    order = returned(late, at=NOW + 6 * DAY)

    assert order.due_at == NOW + 13 * DAY
    assert names(order.run_clock(NOW + 13 * DAY, POLICY).facts) == ["DeliveryOverdue"]


def test_return_at_the_limit_is_refused() -> None:
    order = returned(returned(returned(an_open_work_order())))

    with pytest.raises(ReturnsExhaustedError) as refused:
        submitted(order).return_milestone(1, "Again.", NOW + 3 * DAY, POLICY)

    assert refused.value.allowed == ("accept",)


def test_return_limit_is_policy() -> None:
    with pytest.raises(ReturnsExhaustedError):
        submitted(an_open_work_order()).return_milestone(1, "No.", NOW + 3 * DAY, Policy(returns_max=0))


@pytest.mark.parametrize("order", [an_open_work_order(), returned(an_open_work_order())])
def test_return_of_a_milestone_that_is_not_submitted_is_refused(order: WorkOrder) -> None:
    with pytest.raises(MilestoneStateError):
        order.return_milestone(1, "Again.", NOW + 3 * DAY, POLICY)


def test_return_of_an_accepted_milestone_is_refused() -> None:
    with pytest.raises(MilestoneStateError):
        accepted(an_open_work_order(30, 60), 1).return_milestone(1, "Again.", NOW + 4 * DAY, POLICY)


@pytest.mark.parametrize("order", [completed(), cancelled()])
def test_return_after_the_end_is_refused(order: WorkOrder) -> None:
    with pytest.raises(WorkOrderEndedError):
        order.return_milestone(1, "Again.", NOW + 4 * DAY, POLICY)


# what others may know -------------------------------------------------------------------------------------


def test_client_and_vendor_know_the_work_order_once_it_is_open() -> None:
    assert an_open_work_order().parties == {CLIENT_ID, VENDOR_ID}
    assert WorkOrder.expect(ENGAGEMENT_ID).parties == frozenset()


def test_only_the_vendor_delivers() -> None:
    an_open_work_order().expect_vendor(VENDOR_ID)

    with pytest.raises(NotYourWorkOrderError):
        an_open_work_order().expect_vendor(CLIENT_ID)


def test_only_the_client_reviews() -> None:
    an_open_work_order().expect_client(CLIENT_ID)

    with pytest.raises(NotYourWorkOrderError):
        an_open_work_order().expect_client(VENDOR_ID)


def test_the_vendors_task_is_to_submit_by_the_due() -> None:
    path = f"/v1/work-orders/{WORK_ORDER_ID}/milestones/1/submit"

    assert an_open_work_order(30).tasks == (Task(VENDOR_ID, "submit", path, NOW + 30 * DAY),)


def test_the_clients_task_is_to_review_by_the_end_of_the_review() -> None:
    order = submitted(an_open_work_order(review_days=9), at=NOW)
    path = f"/v1/work-orders/{WORK_ORDER_ID}/milestones/1/accept"

    assert order.tasks == (Task(CLIENT_ID, "accept", path, NOW + 9 * DAY),)


def test_a_planned_milestone_is_nobodys_task_once_the_client_wishes_to_cancel() -> None:
    order = wished(submitted(an_open_work_order(30, 60), 1))

    assert [task.action for task in order.tasks] == ["accept"]


@pytest.mark.parametrize("order", [completed(), cancelled()])
def test_nobody_has_a_task_after_the_end(order: WorkOrder) -> None:
    assert order.tasks == ()
    assert order.waiting_on is None


def test_facts_say_who_must_act_first() -> None:
    order = submitted(an_open_work_order(30, 5, review_days=9), 1, at=NOW)

    assert order.standing.waiting_on == WaitingOn(Party.VENDOR, NOW + 5 * DAY)


def test_a_reminder_says_until_when_the_client_may_review() -> None:
    order = submitted(an_open_work_order(30, review_days=9), at=NOW).run_clock(NOW + 4 * DAY, POLICY).state

    assert order.standing.waiting_on == WaitingOn(Party.CLIENT, NOW + 10 * DAY)


def test_the_last_fact_waits_on_nobody() -> None:
    decision = submitted(an_open_work_order()).accept(1, NOW + 2 * DAY)

    assert decision.facts[-1] == WorkOrderCompleted(decision.state.standing)
    assert decision.state.standing.waiting_on is None
