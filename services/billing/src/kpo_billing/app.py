"""The table of contents: everything that billing can be asked to do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from kpo_billing.domain.bank_line import BankLine
from kpo_billing.domain.escrow import Escrow
from kpo_billing.domain.party import Client, Vendor
from kpo_billing.domain.payout import Payout
from kpo_billing.use_cases.bank_lines.allocate_bank_line import AllocateBankLine
from kpo_billing.use_cases.bank_lines.mark_bank_line_overdue import MarkBankLineOverdue
from kpo_billing.use_cases.bank_lines.record_bank_line import RecordBankLine
from kpo_billing.use_cases.bank_lines.return_bank_line import ReturnBankLine
from kpo_billing.use_cases.escrows.award_challenge import AwardChallenge
from kpo_billing.use_cases.escrows.end_without_work import EndWithoutWork
from kpo_billing.use_cases.escrows.end_work import EndWork
from kpo_billing.use_cases.escrows.fund_escrow_from_cash import FundEscrowFromCash
from kpo_billing.use_cases.escrows.lapse_escrow import LapseEscrow
from kpo_billing.use_cases.escrows.note_cancel_wish import NoteCancelWish
from kpo_billing.use_cases.escrows.open_escrow import OpenEscrow
from kpo_billing.use_cases.escrows.release_milestone import ReleaseMilestone
from kpo_billing.use_cases.ledger.list_balances import Balance, ListBalances
from kpo_billing.use_cases.parties.copy_client import CopyClient
from kpo_billing.use_cases.parties.copy_vendor import CopyVendor
from kpo_billing.use_cases.payouts.fail_payout import FailPayout
from kpo_billing.use_cases.payouts.mark_payout_overdue import MarkPayoutOverdue
from kpo_billing.use_cases.payouts.request_payout import RequestPayout
from kpo_billing.use_cases.payouts.send_payout import SendPayout
from kpo_chassis.kernel import Caller, Cause, Command, Stored

C = TypeVar("C")
S = TypeVar("S")

Change: TypeAlias = Callable[[C, Cause], Awaitable[Stored[S]]]
"""A use case with its dependencies bound: a command and why it is asked, answered with what is stored."""


@dataclass(frozen=True, kw_only=True)
class App:
    """One field per use case."""

    open_escrow: Change[OpenEscrow, Escrow]
    note_cancel_wish: Change[NoteCancelWish, Escrow]
    fund_escrow_from_cash: Change[FundEscrowFromCash, Escrow]
    lapse_escrow: Change[LapseEscrow, Escrow]
    end_without_work: Change[EndWithoutWork, Escrow]
    release_milestone: Change[ReleaseMilestone, Escrow]
    award_challenge: Change[AwardChallenge, Escrow]
    end_work: Change[EndWork, Escrow]

    record_bank_line: Change[RecordBankLine, BankLine]
    allocate_bank_line: Change[AllocateBankLine, BankLine]
    return_bank_line: Change[ReturnBankLine, BankLine]
    mark_bank_line_overdue: Change[MarkBankLineOverdue, BankLine]

    request_payout: Callable[[RequestPayout, Command], Awaitable[Stored[Payout]]]
    send_payout: Change[SendPayout, Payout]
    fail_payout: Change[FailPayout, Payout]
    mark_payout_overdue: Change[MarkPayoutOverdue, Payout]

    copy_client: Change[CopyClient, Client]
    copy_vendor: Change[CopyVendor, Vendor]

    list_balances: Callable[[ListBalances, Caller], Awaitable[tuple[Balance, ...]]]
