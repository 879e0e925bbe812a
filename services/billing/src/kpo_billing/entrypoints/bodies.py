"""What billing's routes take and give, and how states become answers."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, field_validator

from kpo_billing.domain.account import AccountKind
from kpo_billing.domain.bank_line import (
    BankLine,
    BankLineStatus,
    Direction,
    Reason,
    Statement,
    TargetKind,
)
from kpo_billing.domain.escrow import Escrow, EscrowStatus
from kpo_billing.domain.escrow_facts import Outcome
from kpo_billing.domain.invoice import Invoice, InvoiceKind
from kpo_billing.domain.part import Mode
from kpo_billing.domain.party import Party
from kpo_billing.domain.payout import Payout, PayoutStatus
from kpo_billing.domain.payout_facts import PayeeKind
from kpo_billing.domain.reference import Purpose, reference
from kpo_billing.use_cases.ledger.list_balances import Balance
from kpo_chassis import money
from kpo_chassis.examples import SAMPLE_UUID
from kpo_chassis.http import Instant, MoneyBody, RequestBody, ResponseBody
from kpo_chassis.kernel import Caller, Stored
from kpo_events.money import Money, written
from kpo_events.payload import TEXT_CHARS_MAX

REFERENCE_CHARS_MAX = 100
QUOTED = reference(Purpose.ESCROW, UUID(SAMPLE_UUID))
"""What an escrow is paid with, in examples: its last digits are right, as in every reference."""

ACCOUNT_PATTERN = "^[A-Z0-9]{5,34}$"
"""An IBAN, or a domestic account number in the same characters."""

BALANCE_CHARS_MAX = 21
"""A sign, the 19 digits of the largest 64-bit number, and a point."""

BALANCE_PATTERN = r"^-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,4})?$"


def _unpadded(text: str) -> str:
    """Refuse blanks around a name: with and without them, one line would be recorded twice."""
    if text != text.strip():
        raise ValueError("write the bank's reference without blanks before or after it")
    return text


Milestone = Annotated[
    int | None, Field(description="Number of the milestone that this pays for, of an assignment.")
]
Award = Annotated[int | None, Field(description="Number of the award that this pays for, of a challenge.")]


class _Paying(RequestBody):
    """A request that names an amount above nothing."""

    amount: MoneyBody

    @field_validator("amount")
    @classmethod
    def _positive(cls, amount: MoneyBody) -> MoneyBody:
        if amount.minor <= 0:
            raise ValueError("the amount must be above zero")
        return amount

    @property
    def money(self) -> money.Money:
        return money.Money(self.amount.minor, self.amount.currency)


class RecordBankLineBody(_Paying):
    """A line of a statement of one of the operator's bank accounts, as the bank wrote it."""

    direction: Direction
    account: Annotated[str, Field(pattern=ACCOUNT_PATTERN, examples=["NL91ABNA0417164300"])]
    reference: Annotated[
        str,
        Field(
            min_length=1,
            max_length=REFERENCE_CHARS_MAX,
            description="The bank's own name for the line, unique within the account.",
            examples=["2026-03-02/000017"],
        ),
        AfterValidator(_unpadded),
    ]
    remittance: Annotated[str, Field(max_length=TEXT_CHARS_MAX, examples=[QUOTED])] = ""
    booked_at: Instant

    @property
    def statement(self) -> Statement:
        return Statement(
            self.direction, self.account, self.reference, self.money, self.remittance, self.booked_at
        )


class AllocateBody(RequestBody):
    """To what the line belongs: an escrow, a client's cash (its id is the client's), a payout, a return."""

    to: TargetKind
    id: UUID


class RequestPayoutBody(_Paying):
    """How much of your cash to pay out."""


class FailBody(RequestBody):
    """What the bank said."""

    reason: Annotated[str, Field(min_length=1, max_length=TEXT_CHARS_MAX, examples=["account closed"])]


class EscrowBody(ResponseBody):
    """The money of one engagement; pay `missing` before `due_at`, quoting `payment_reference`."""

    id: UUID
    engagement_id: UUID
    client_id: UUID
    mode: Mode
    state: EscrowStatus
    amount: Money
    funded: Money
    missing: Money
    held: Money
    released: Money
    fees: Money
    refunded: Money
    fee_basis_points: int
    payment_reference: Annotated[str, Field(examples=[QUOTED])]
    due_at: Instant
    outcome: Outcome | None


class AllocationBody(ResponseBody):
    """To what a bank line belongs."""

    to: TargetKind
    id: UUID


class BankLineBody(ResponseBody):
    """A recorded line; `reason` says why it is unallocated."""

    id: UUID
    state: BankLineStatus
    direction: Direction
    account: str
    reference: str
    amount: Money
    remittance: str
    booked_at: Instant
    allocation: AllocationBody | None
    reason: Reason | None
    return_reference: str | None
    due_at: Instant | None
    overdue: bool


class PayoutBody(ResponseBody):
    """Money on its way out, for a milestone, an award or the payee's own cash.

    `reference` is what the bank was told last.
    """

    id: UUID
    state: PayoutStatus
    payee_kind: PayeeKind
    payee_id: UUID
    amount: Money
    engagement_id: UUID | None
    milestone: Milestone
    award: Award
    attempt: int
    reference: str | None
    reason: str | None
    due_at: Instant | None
    overdue: bool


class PartyBody(ResponseBody):
    """Seller or buyer as the document froze it."""

    id: UUID
    name: str
    country: str

    @classmethod
    def of(cls, party: Party) -> Self:
        return cls(id=party.id, name=party.name, country=party.country)


class InvoiceBody(ResponseBody):
    """An issued document: kind `vendor` (vendor to client) or `fee` (operator to vendor)."""

    id: UUID
    kind: InvoiceKind
    number: str
    issued_at: Instant
    engagement_id: UUID
    client_id: UUID
    milestone: Milestone
    award: Award
    seller: PartyBody
    buyer: PartyBody
    net: Money
    tax_category: str
    tax_basis_points: int
    tax: Money
    gross: Money


class BalanceMoneyBody(ResponseBody):
    """Money, written as everywhere; a balance is the sum of many amounts, and may be above their maximum.

    It has at most 64 bits: no account holds more than 9,223,372,036,854,775,807 minor units.
    """

    amount: Annotated[
        str, Field(max_length=BALANCE_CHARS_MAX, pattern=BALANCE_PATTERN, examples=["12500000000000.00"])
    ]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"])]


class BalanceBody(ResponseBody):
    """What an account holds: a bank account what is in it, any other what is owed to its owner."""

    account: str
    kind: AccountKind
    balance: BalanceMoneyBody


def escrow_body(stored: Stored[Escrow], _who: Caller) -> EscrowBody:
    escrow = stored.state
    assert escrow.terms is not None, "nobody sees an escrow before it is opened"
    terms, sums = escrow.terms, escrow.sums
    return EscrowBody(
        id=escrow.id,
        engagement_id=escrow.engagement.id,
        client_id=escrow.engagement.client,
        mode=terms.mode,
        state=escrow.status,
        amount=_money(terms.amount),
        funded=_money(sums.funded),
        missing=_money(escrow.missing),
        held=_money(escrow.held),
        released=_money(sums.released),
        fees=_money(sums.fees),
        refunded=_money(sums.refunded),
        fee_basis_points=terms.fee_basis_points,
        payment_reference=terms.payment_reference,
        due_at=terms.fund_by,
        outcome=escrow.outcome,
    )


def bank_line_body(stored: Stored[BankLine], _who: Caller) -> BankLineBody:
    line, told = stored.state, stored.state.statement
    to = line.allocation
    return BankLineBody(
        id=line.id,
        state=line.status,
        direction=told.direction,
        account=told.account,
        reference=told.reference,
        amount=_money(told.amount),
        remittance=told.remittance,
        booked_at=told.booked_at,
        allocation=AllocationBody(to=to.kind, id=to.id) if to else None,
        reason=line.reason,
        return_reference=line.return_reference,
        due_at=line.deadline,
        overdue=line.overdue,
    )


def payout_body(stored: Stored[Payout], _who: Caller) -> PayoutBody:
    payout, order = stored.state, stored.state.order
    return PayoutBody(
        id=payout.id,
        state=payout.status,
        payee_kind=order.payee.kind,
        payee_id=order.payee.id,
        amount=_money(order.amount),
        engagement_id=order.work.engagement if order.work else None,
        milestone=order.work.part.milestone if order.work else None,
        award=order.work.part.award if order.work else None,
        attempt=payout.attempt,
        reference=payout.reference,
        reason=payout.reason,
        due_at=payout.deadline,
        overdue=payout.overdue,
    )


def invoice_body(stored: Stored[Invoice], _who: Caller) -> InvoiceBody:
    invoice, bill = stored.state, stored.state.bill
    return InvoiceBody(
        id=invoice.id,
        kind=bill.kind,
        number=invoice.number,
        issued_at=invoice.issued_at,
        engagement_id=bill.engagement.id,
        client_id=bill.engagement.client,
        milestone=bill.part.milestone,
        award=bill.part.award,
        seller=PartyBody.of(bill.seller),
        buyer=PartyBody.of(bill.buyer),
        net=_money(bill.net),
        tax_category=invoice.tax_category,
        tax_basis_points=invoice.tax_basis_points,
        tax=_money(invoice.tax),
        gross=_money(invoice.gross),
    )


def balance_body(balance: Balance) -> BalanceBody:
    minor, currency = balance.money.minor, balance.money.currency
    held = BalanceMoneyBody(amount=written(minor, currency), currency=currency)
    return BalanceBody(account=balance.account, kind=balance.kind, balance=held)


def _money(amount: money.Money) -> Money:
    return Money.of(amount.minor, amount.currency)
