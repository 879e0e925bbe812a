"""The payout answers every command and bank line in every state."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from kpo_billing.domain.account import client_cash, payout_transit, vendor_payable
from kpo_billing.domain.errors import PayoutStateError
from kpo_billing.domain.payout import PAYOUT_DAYS_MAX, Payout, PayoutStatus
from kpo_billing.domain.payout_facts import (
    Payee,
    PayeeKind,
    PayoutBooked,
    PayoutFailed,
    PayoutRequested,
    PayoutReturned,
    PayoutSent,
)

from .factories import CLIENT, NOW, OPERATOR, VENDOR, a_payout, moved

REQUESTED, SENT, BOOKED = PayoutStatus.REQUESTED, PayoutStatus.SENT, PayoutStatus.BOOKED
FAILED, RETURNED = PayoutStatus.FAILED, PayoutStatus.RETURNED

PAYABLE = str(vendor_payable(VENDOR, "EUR"))


def transit_of(payout: Payout) -> str:
    return str(payout_transit(payout.id, payout.order.payee.id, "EUR"))


def test_request_sets_the_money_aside() -> None:
    order = a_payout().order

    requested = Payout.request(order, OPERATOR, NOW)

    assert requested.facts == (PayoutRequested(order),)
    assert moved(requested) == {PAYABLE: 36_000, transit_of(requested.state): -36_000}


def test_a_clients_payout_is_taken_from_its_cash() -> None:
    order = a_payout(payee=Payee(PayeeKind.CLIENT, CLIENT)).order

    requested = Payout.request(order, OPERATOR, NOW)

    assert moved(requested)[str(client_cash(CLIENT, "EUR"))] == 36_000


def test_send_from_requested_is_the_first_attempt_and_moves_nothing() -> None:
    payout = a_payout(REQUESTED)

    sent = payout.send(NOW)

    assert sent.state.status is SENT
    assert sent.facts == (PayoutSent(payout.order, 1, sent.state.reference or ""),)
    assert not sent.transactions


@pytest.mark.parametrize("status", [FAILED, RETURNED])
def test_send_after_a_known_bad_outcome_is_the_next_attempt_with_its_own_reference(
    status: PayoutStatus,
) -> None:
    payout = a_payout(status, attempt=1)

    sent = payout.send(NOW)

    assert sent.state.attempt == 2
    assert sent.state.reference != payout.reference
    assert moved(sent) == {PAYABLE: 36_000, transit_of(payout): -36_000}


@pytest.mark.parametrize(("status", "allowed"), [(SENT, ("fail",)), (BOOKED, ())])
def test_send_is_refused_while_the_outcome_is_unknown_or_good(
    status: PayoutStatus, allowed: tuple[str, ...]
) -> None:
    payout = a_payout(status)

    with pytest.raises(PayoutStateError) as refused:
        payout.send(NOW)

    assert refused.value.allowed == allowed


def test_fail_restores_the_payable() -> None:
    payout = a_payout(SENT)

    failed = payout.fail("account closed", NOW)

    assert failed.state.status is FAILED
    assert failed.facts == (PayoutFailed(payout.order, 1, "account closed"),)
    assert moved(failed) == {transit_of(payout): 36_000, PAYABLE: -36_000}


@pytest.mark.parametrize("status", [REQUESTED, BOOKED, FAILED, RETURNED])
def test_fail_is_refused_unless_sent(status: PayoutStatus) -> None:
    payout = a_payout(status)

    with pytest.raises(PayoutStateError) as refused:
        payout.fail("account closed", NOW)

    assert refused.value.allowed == payout.allowed


def test_book_ends_the_payout() -> None:
    payout = a_payout(SENT)

    booked = payout.book()

    assert booked.state.status is BOOKED
    assert booked.state.due_at is None
    assert booked.facts == (PayoutBooked(payout.order, 1, payout.reference or ""),)


def test_money_that_comes_back_can_be_sent_again() -> None:
    payout = a_payout(BOOKED)

    returned = payout.take_back("returned by the bank", NOW)

    assert returned.state.status is RETURNED
    assert returned.state.allowed == ("send",)
    assert returned.facts == (PayoutReturned(payout.order, 1, "returned by the bank"),)


@pytest.mark.parametrize(
    "ended_badly",
    [
        pytest.param(lambda: a_payout(SENT).fail("account closed", NOW).state, id="failed"),
        pytest.param(lambda: a_payout(BOOKED).take_back("returned by the bank", NOW).state, id="returned"),
    ],
)
def test_a_bad_outcome_waits_five_days_to_be_sent_again(ended_badly: Callable[[], Payout]) -> None:
    payout = ended_badly()

    due_at = NOW + timedelta(days=PAYOUT_DAYS_MAX)

    assert payout.due_at == due_at
    assert [(task.action, task.until) for task in payout.tasks] == [("send", due_at)]


@pytest.mark.parametrize("status", [REQUESTED, SENT, FAILED, RETURNED])
def test_five_days_without_an_end_leave_a_task_for_the_operator(status: PayoutStatus) -> None:
    payout = a_payout(status)

    overdue = payout.pass_deadline().state

    assert overdue.overdue
    assert overdue.due_at is None
    assert [task.tenant for task in overdue.tasks] == [OPERATOR]


def test_a_deadline_after_the_end_does_nothing() -> None:
    payout = a_payout(BOOKED)

    passed = payout.pass_deadline()

    assert passed.state == payout


def test_sending_starts_a_new_clock_and_forgets_that_it_was_overdue() -> None:
    overdue = a_payout(REQUESTED).pass_deadline().state

    sent = overdue.send(NOW).state

    assert not sent.overdue
    assert sent.due_at == NOW + timedelta(days=PAYOUT_DAYS_MAX)


def test_the_payee_is_the_only_party() -> None:
    assert a_payout().parties == {VENDOR}
