"""A bank line goes where its reference points, or waits for finance with a reason."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from kpo_billing.domain.account import client_cash, escrow_money, payout_transit, vendor_payable
from kpo_billing.domain.allocating import Target, allocate, record
from kpo_billing.domain.bank_line import (
    ALLOCATION_DAYS_MAX,
    Allocation,
    BankLine,
    BankLineStatus,
    Direction,
    Reason,
    Statement,
    TargetKind,
    recorded,
)
from kpo_billing.domain.errors import AllocationMisfitError, BankLineDiffersError, BankLineSettledError
from kpo_billing.domain.escrow import Escrow, EscrowStatus
from kpo_billing.domain.ledger import Booked
from kpo_billing.domain.payout import PayoutStatus
from kpo_chassis.kernel import Aggregate
from kpo_chassis.money import Money

from .factories import (
    CLIENT,
    NOW,
    OPERATOR,
    VENDOR,
    a_bank_line,
    a_client,
    a_payout,
    a_statement,
    an_engagement,
    an_escrow,
    eur,
    moved,
)

BANK = "bank:NL91ABNA0417164300:EUR"
UNALLOCATED = "unallocated:EUR"
CASH = str(client_cash(CLIENT, "EUR"))
PAYABLE = str(vendor_payable(VENDOR, "EUR"))
CREDIT, DEBIT = Direction.CREDIT, Direction.DEBIT
TOLD = a_statement(amount=eur(5), bank_reference="N1")


def a_new(direction: Direction, amount: Money) -> BankLine:
    return recorded(a_statement(direction, amount), OPERATOR)


def line_of(everything: tuple[Booked[Aggregate], ...]) -> BankLine:
    line = everything[0].state
    assert isinstance(line, BankLine)
    return line


# Recording ------------------------------------------------------------------------------------------------


def test_credit_for_an_escrow_goes_through_the_clients_cash() -> None:
    line, escrow = a_new(CREDIT, eur(100_000)), an_escrow()

    everything = record(line, escrow, NOW)

    assert line_of(everything).allocation == Allocation(TargetKind.ESCROW, escrow.id)
    assert moved(*everything) == {BANK: 100_000, str(escrow_money(escrow.id, CLIENT, "EUR")): -100_000}
    assert [t.rule for each in everything for t in each.transactions] == ["received", "funded"]


def test_credit_for_a_closed_escrow_stays_in_the_clients_cash() -> None:
    everything = record(a_new(CREDIT, eur(5)), an_escrow(EscrowStatus.LAPSED), NOW)

    assert moved(*everything) == {BANK: 5, CASH: -5}


def test_credit_in_another_currency_waits_for_finance() -> None:
    line = a_new(CREDIT, Money(5, "USD"))

    everything = record(line, an_escrow(), NOW)

    assert len(everything) == 1
    assert line_of(everything).reason is Reason.WRONG_CURRENCY
    assert moved(*everything) == {"bank:NL91ABNA0417164300:USD": 5, "unallocated:USD": -5}


@pytest.mark.parametrize("reason", [Reason.NO_REFERENCE, Reason.UNKNOWN_REFERENCE, Reason.SEVERAL_REFERENCES])
def test_credit_that_points_nowhere_waits_for_finance_with_a_reason_and_a_deadline(reason: Reason) -> None:
    everything = record(a_new(CREDIT, eur(5)), reason, NOW)

    line = line_of(everything)
    assert line.status is BankLineStatus.UNALLOCATED
    assert line.reason is reason
    assert line.due_at == NOW + timedelta(days=ALLOCATION_DAYS_MAX)
    assert moved(*everything) == {BANK: 5, UNALLOCATED: -5}


def test_debit_with_reference_and_amount_books_a_sent_payout() -> None:
    payout = a_payout(PayoutStatus.SENT)

    everything = record(a_new(DEBIT, eur(36_000)), payout, NOW)

    assert moved(*everything) == {str(payout_transit(payout.id, VENDOR, "EUR")): 36_000, BANK: -36_000}
    assert len(everything) == 2


def test_debit_with_another_amount_waits_for_finance() -> None:
    everything = record(a_new(DEBIT, eur(35_999)), a_payout(PayoutStatus.SENT), NOW)

    assert line_of(everything).reason is Reason.WRONG_AMOUNT
    assert moved(*everything) == {UNALLOCATED: 35_999, BANK: -35_999}


@pytest.mark.parametrize(
    "status", [PayoutStatus.REQUESTED, PayoutStatus.BOOKED, PayoutStatus.FAILED, PayoutStatus.RETURNED]
)
def test_debit_for_a_payout_that_is_not_sent_waits_for_finance(status: PayoutStatus) -> None:
    everything = record(a_new(DEBIT, eur(36_000)), a_payout(status), NOW)

    assert len(everything) == 1
    assert line_of(everything).reason is Reason.NOT_AWAITED


def test_debit_for_an_escrow_waits_for_finance() -> None:
    everything = record(a_new(DEBIT, eur(5)), an_escrow(), NOW)

    assert line_of(everything).reason is Reason.WRONG_DIRECTION


def test_credit_with_the_reference_of_a_booked_payout_makes_it_payable_again() -> None:
    everything = record(a_new(CREDIT, eur(36_000)), a_payout(PayoutStatus.BOOKED), NOW)

    assert moved(*everything) == {BANK: 36_000, PAYABLE: -36_000}
    assert len(everything) == 2


@pytest.mark.parametrize(
    "status", [PayoutStatus.REQUESTED, PayoutStatus.SENT, PayoutStatus.FAILED, PayoutStatus.RETURNED]
)
def test_credit_for_a_payout_that_was_not_booked_waits_for_finance(status: PayoutStatus) -> None:
    everything = record(a_new(CREDIT, eur(36_000)), a_payout(status), NOW)

    assert len(everything) == 1
    assert line_of(everything).reason is Reason.NOT_AWAITED


# Repeating ------------------------------------------------------------------------------------------------


def test_the_same_line_again_changes_nothing() -> None:
    line = a_bank_line()

    repeated = line.repeat(line.statement)

    assert repeated.state == line
    assert not repeated.transactions


def test_the_same_reference_with_other_content_is_refused() -> None:
    line = a_bank_line(statement=a_statement(amount=eur(5), bank_reference="N1"))

    with pytest.raises(BankLineDiffersError):
        line.repeat(a_statement(amount=eur(6), bank_reference="N1"))


@pytest.mark.parametrize(
    ("other", "named", "pointer"),
    [
        (replace(TOLD, direction=DEBIT), "another direction;", "/direction"),
        (replace(TOLD, amount=eur(6)), "another amount;", "/amount"),
        (replace(TOLD, amount=Money(5, "USD")), "another amount;", "/amount"),
        (replace(TOLD, remittance="Thanks."), "another remittance;", "/remittance"),
        (replace(TOLD, booked_at=NOW + timedelta(days=1)), "another booked_at;", "/booked_at"),
        (replace(TOLD, amount=eur(6), remittance="Thanks."), "another amount, remittance;", "/amount"),
    ],
)
def test_a_repeated_line_that_differs_is_told_in_what(other: Statement, named: str, pointer: str) -> None:
    with pytest.raises(BankLineDiffersError, match=named) as refused:
        a_bank_line(statement=TOLD).repeat(other)

    assert refused.value.pointer == pointer


def test_account_and_reference_name_a_line() -> None:
    assert a_statement(bank_reference="N1").id == a_statement(bank_reference="N1", amount=eur(6)).id
    assert a_statement(bank_reference="N1").id != a_statement(bank_reference="N2").id


# Allocating by hand ---------------------------------------------------------------------------------------


def test_finance_can_put_a_credit_into_an_escrow() -> None:
    line, escrow = a_bank_line(), an_escrow()

    everything = allocate(line, escrow, NOW)

    assert moved(*everything) == {
        UNALLOCATED: 100_000,
        str(escrow_money(escrow.id, CLIENT, "EUR")): -100_000,
    }
    assert line_of(everything).tasks == ()


def test_finance_can_put_a_credit_into_a_clients_cash() -> None:
    everything = allocate(a_bank_line(), a_client(), NOW)

    assert moved(*everything) == {UNALLOCATED: 100_000, CASH: -100_000}
    assert line_of(everything).allocation == Allocation(TargetKind.CLIENT_CASH, CLIENT)


def test_finance_can_say_which_payout_a_debit_booked() -> None:
    line = a_bank_line(statement=a_statement(DEBIT, eur(36_000)))
    payout = a_payout(PayoutStatus.SENT)

    everything = allocate(line, payout, NOW)

    assert moved(*everything) == {
        str(payout_transit(payout.id, VENDOR, "EUR")): 36_000,
        UNALLOCATED: -36_000,
    }


@pytest.mark.parametrize(
    "status", [BankLineStatus.ALLOCATED, BankLineStatus.RETURNING, BankLineStatus.RETURNED]
)
def test_a_line_is_allocated_once(status: BankLineStatus) -> None:
    with pytest.raises(BankLineSettledError):
        allocate(a_bank_line(status), a_client(), NOW)


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (an_escrow(amount=Money(100_000, "USD")), "their currencies differ"),
        (Escrow.expect(an_engagement()), "nothing is awaited there now"),
        (a_payout(PayoutStatus.SENT), "their amounts differ"),
        (a_bank_line(BankLineStatus.RETURNING), "the line is a credit"),
    ],
    ids=["currency", "unopened", "amount", "direction"],
)
def test_a_line_is_refused_where_it_does_not_belong(target: Target, why: str) -> None:
    with pytest.raises(AllocationMisfitError, match=f"does not belong there: {why}") as refused:
        allocate(a_bank_line(), target, NOW)

    assert refused.value.allowed == ("allocate", "return")


# Returning ------------------------------------------------------------------------------------------------


def test_return_waits_for_the_debit_that_quotes_its_reference() -> None:
    line = a_bank_line()

    returning = line.send_back(NOW).state

    assert returning.status is BankLineStatus.RETURNING
    assert (returning.return_reference or "").startswith("KPR-")
    assert [task.action for task in returning.tasks] == ["send_back"]


def test_the_debit_of_a_return_closes_it() -> None:
    returning = a_bank_line(BankLineStatus.RETURNING)

    everything = record(a_new(DEBIT, eur(100_000)), returning, NOW)

    closed = everything[1].state
    assert isinstance(closed, BankLine)
    assert closed.status is BankLineStatus.RETURNED
    assert moved(*everything) == {UNALLOCATED: 100_000, BANK: -100_000}


def test_finance_can_say_which_return_an_unallocated_debit_was() -> None:
    line = a_bank_line(statement=a_statement(DEBIT, eur(100_000)))

    everything = allocate(line, a_bank_line(BankLineStatus.RETURNING), NOW)

    assert moved(*everything) == {}
    assert line_of(everything).status is BankLineStatus.ALLOCATED


@pytest.mark.parametrize(
    "status", [BankLineStatus.ALLOCATED, BankLineStatus.RETURNING, BankLineStatus.RETURNED]
)
def test_only_an_unallocated_line_is_returned(status: BankLineStatus) -> None:
    with pytest.raises(BankLineSettledError):
        a_bank_line(status).send_back(NOW)


def test_a_debit_is_not_returned() -> None:
    with pytest.raises(BankLineSettledError) as refused:
        a_bank_line(statement=a_statement(DEBIT)).send_back(NOW)

    assert refused.value.allowed == ("allocate",)


@pytest.mark.parametrize("status", [BankLineStatus.UNALLOCATED, BankLineStatus.RETURNING])
def test_five_days_leave_an_overdue_task_for_the_operator(status: BankLineStatus) -> None:
    overdue = a_bank_line(status).pass_deadline().state

    assert overdue.overdue
    assert overdue.due_at is None
    assert [task.tenant for task in overdue.tasks] == [OPERATOR]


@pytest.mark.parametrize("status", [BankLineStatus.ALLOCATED, BankLineStatus.RETURNED])
def test_the_deadline_of_a_settled_line_does_nothing(status: BankLineStatus) -> None:
    line = a_bank_line(status)

    assert line.pass_deadline().state == line


def test_bank_lines_are_nobodys_but_the_operators() -> None:
    assert a_bank_line().parties == frozenset()
    assert uuid4() not in a_bank_line().parties
