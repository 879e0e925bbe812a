"""Invoices: what is owed by whom to whom, frozen at issue, numbered without gaps per seller and year."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from kpo_billing.domain.escrow_facts import Engagement
from kpo_billing.domain.ledger import Booked
from kpo_billing.domain.party import Party
from kpo_chassis.kernel import Quiet, TenantId
from kpo_chassis.money import Money

NUMBER_DIGITS = 6

TAX_NOT_DETERMINED = "not_determined"
"""The category of a document whose tax nobody has decided yet; its tax is zero."""


class InvoiceKind(StrEnum):
    """`vendor`: for work, vendor to client. `fee`: for the operator's service, operator to vendor."""

    VENDOR = "vendor"
    FEE = "fee"


class InvoiceStatus(StrEnum):
    """Only a credit note will undo an issued invoice."""

    ISSUED = "issued"


PREFIXES = {InvoiceKind.VENDOR: "INV", InvoiceKind.FEE: "FEE"}


@dataclass(frozen=True, slots=True)
class InvoiceSeries(Quiet):
    """The last number that a seller used in a year; it moves in the change that issues the invoice."""

    id: UUID
    kind: InvoiceKind
    seller: TenantId
    year: int
    last: int = 0

    @classmethod
    def begin(cls, kind: InvoiceKind, seller: TenantId, year: int) -> "InvoiceSeries":
        """Give the series before its first number; its id is derived."""
        return cls(uuid5(seller, f"invoice-series:{kind}:{year}"), kind, seller, year)

    def take(self) -> "InvoiceSeries":
        return replace(self, last=self.last + 1)

    @property
    def number(self) -> str:
        """Write the last number as it stands on the document, such as INV-2026-000001."""
        return f"{PREFIXES[self.kind]}-{self.year}-{self.last:0{NUMBER_DIGITS}d}"


@dataclass(frozen=True, slots=True)
class Bill:
    """What an invoice is about, before it has a number; it is settled from the escrow at issue."""

    kind: InvoiceKind
    engagement: Engagement
    milestone: int
    seller: Party
    buyer: Party
    net: Money


@dataclass(frozen=True, slots=True)
class Invoice(Quiet):
    """An issued document; tax is category, rate in basis points, and amount; gross = net + tax."""

    id: UUID
    bill: Bill
    number: str
    issued_at: datetime
    tax_category: str
    tax_basis_points: int
    tax: Money

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset({self.bill.seller.id, self.bill.buyer.id})

    @property
    def gross(self) -> Money:
        return self.bill.net + self.tax


@dataclass(frozen=True, slots=True)
class InvoiceIssued:
    invoice: Invoice


def issue(bill: Bill, series: InvoiceSeries, now: datetime) -> tuple[Booked[Invoice], Booked[InvoiceSeries]]:
    """Freeze a bill under the next number of its seller's series."""
    assert (series.kind, series.seller, series.year) == (bill.kind, bill.seller.id, now.year)
    taken = series.take()
    invoice = Invoice(
        id=uuid5(bill.engagement.id, f"invoice:{bill.kind}:{bill.milestone}"),
        bill=bill,
        number=taken.number,
        issued_at=now,
        tax_category=TAX_NOT_DETERMINED,
        tax_basis_points=0,
        tax=Money.zero(bill.net.currency),
    )
    return Booked(invoice, (InvoiceIssued(invoice),)), Booked(taken)
