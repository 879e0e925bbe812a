"""To what a bank line belongs, and all that moves when it is put there: line, escrow, payout and accounts."""

from datetime import datetime
from typing import TypeAlias

from kpo_billing.domain.account import AccountName, client_cash
from kpo_billing.domain.bank_line import (
    Allocation,
    BankLine,
    BankLineStatus,
    Direction,
    Reason,
    TargetKind,
)
from kpo_billing.domain.errors import AllocationMisfitError, BankLineSettledError
from kpo_billing.domain.escrow import Escrow
from kpo_billing.domain.escrow_facts import Terms
from kpo_billing.domain.ledger import Booked
from kpo_billing.domain.party import Client
from kpo_billing.domain.payout import Payout, PayoutStatus
from kpo_billing.domain.recipes import Rule
from kpo_chassis.kernel import Aggregate

RETURNED_BY_BANK = "returned by the bank"

Target: TypeAlias = Escrow | Client | Payout | BankLine
Everything: TypeAlias = tuple[Booked[Aggregate], ...]


def record(line: BankLine, target: Target | Reason, now: datetime) -> Everything:
    """Put a new line where its reference points, or leave it to finance with the reason."""
    reason = target if isinstance(target, Reason) else misfit(line, target)
    if reason is not None:
        return (line.wait(reason, now),)
    assert not isinstance(target, Reason)
    return _put(line, target, line.bank, now)


def allocate(line: BankLine, target: Target, now: datetime) -> Everything:
    """Put an unallocated line where finance says it belongs.

    Raises BankLineSettledError where that was decided before, AllocationMisfitError where it cannot be.
    """
    if line.status is not BankLineStatus.UNALLOCATED:
        raise BankLineSettledError(f"The line is {line.status} already.", allowed=line.allowed)
    reason = misfit(line, target)
    if reason is not None:
        why = _in_words(reason, line)
        raise AllocationMisfitError(
            f"The line does not belong there: {why}; choose where it does.", allowed=line.allowed
        )
    return _put(line, target, line.unallocated, now)


def misfit(line: BankLine, target: Target) -> Reason | None:
    """Say why a line cannot belong to a target; None where it can."""
    match target:
        case Escrow() | Client():
            return _misfit_of_credit(line, target)
        case Payout():
            return _misfit_of_payout(line, target)
        case BankLine():
            return _misfit_of_return(line, target)


def _in_words(reason: Reason, line: BankLine) -> str:
    match reason:
        case Reason.WRONG_DIRECTION:
            return f"the line is a {line.statement.direction}"
        case Reason.WRONG_CURRENCY:
            return "their currencies differ"
        case Reason.WRONG_AMOUNT:
            return "their amounts differ"
        case _:
            return "nothing is awaited there now"


def _misfit_of_credit(line: BankLine, target: Escrow | Client) -> Reason | None:
    if line.statement.direction is Direction.DEBIT:
        return Reason.WRONG_DIRECTION
    match target:
        case Escrow(terms=Terms(amount=amount)) if amount.currency != line.statement.amount.currency:
            return Reason.WRONG_CURRENCY
        case Escrow(terms=None):
            return Reason.NOT_AWAITED
        case _:
            return None


def _misfit_of_payout(line: BankLine, payout: Payout) -> Reason | None:
    if payout.order.amount != line.statement.amount:
        return Reason.WRONG_AMOUNT
    awaited_by = PayoutStatus.SENT if line.statement.direction is Direction.DEBIT else PayoutStatus.BOOKED
    return None if payout.status is awaited_by else Reason.NOT_AWAITED


def _misfit_of_return(line: BankLine, returning: BankLine) -> Reason | None:
    if line.statement.direction is Direction.CREDIT:
        return Reason.WRONG_DIRECTION
    if returning.statement.amount != line.statement.amount:
        return Reason.WRONG_AMOUNT
    return None if returning.status is BankLineStatus.RETURNING else Reason.NOT_AWAITED


def _put(line: BankLine, target: Target, contra: AccountName, now: datetime) -> Everything:
    """Book a fitting line: `contra` is where its money is now, the bank or the unallocated account."""
    match target:
        case Escrow():
            put = _to_cash(line, Allocation(TargetKind.ESCROW, target.id), target.cash, contra, now)
            return put, target.receive(line.statement.amount, now)
        case Client():
            cash = client_cash(target.party.id, line.statement.amount.currency)
            return (_to_cash(line, Allocation(TargetKind.CLIENT_CASH, target.id), cash, contra, now),)
        case Payout():
            return _close_payout(line, target, contra, now)
        case BankLine():
            left = line.move(Rule.LEFT, now, debit=line.unallocated, credit=line.bank)
            allocation = Allocation(TargetKind.BANK_LINE, target.id)
            return line.settle(allocation, (left,) if contra == line.bank else ()), target.close_return()


def _to_cash(
    line: BankLine, allocation: Allocation, cash: AccountName, contra: AccountName, now: datetime
) -> Booked[BankLine]:
    rule = Rule.RECEIVED if contra == line.bank else Rule.ALLOCATED
    return line.settle(allocation, (line.move(rule, now, debit=contra, credit=cash),))


def _close_payout(line: BankLine, payout: Payout, contra: AccountName, now: datetime) -> Everything:
    allocation = Allocation(TargetKind.PAYOUT, payout.id)
    if line.statement.direction is Direction.DEBIT:
        moved = line.move(Rule.PAYOUT_BOOKED, now, debit=payout.transit, credit=contra)
        return line.settle(allocation, (moved,)), payout.book()
    moved = line.move(Rule.PAYOUT_RETURNED, now, debit=contra, credit=payout.source)
    return line.settle(allocation, (moved,)), payout.take_back(RETURNED_BY_BANK, now)
