"""Invoices: what is owed by whom to whom, frozen at issue, numbered without gaps per seller and year."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from kpo_billing.domain.escrow_facts import Engagement
from kpo_billing.domain.ledger import Booked
from kpo_billing.domain.part import Part
from kpo_billing.domain.party import Party
from kpo_chassis.kernel import Aggregate, Quiet, TenantId
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
        return cls(series_id(kind, seller, year), kind, seller, year)

    def take(self) -> "InvoiceSeries":
        return replace(self, last=self.last + 1)

    @property
    def number(self) -> str:
        """Write the last number as it stands on the document, such as INV-2026-000001."""
        return f"{PREFIXES[self.kind]}-{self.year}-{self.last:0{NUMBER_DIGITS}d}"


def series_id(kind: InvoiceKind, seller: TenantId, year: int) -> UUID:
    return uuid5(seller, f"invoice-series:{kind}:{year}")


@dataclass(frozen=True, slots=True)
class Bill:
    """What an invoice is about, before it has a number; it is settled from the escrow at issue."""

    kind: InvoiceKind
    engagement: Engagement
    part: Part
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


def issue(
    bills: Iterable[Bill], series: Mapping[UUID, InvoiceSeries], now: datetime
) -> tuple[Booked[Aggregate], ...]:
    """Freeze bills, each under the next number of its seller's series, and move the series that were used."""
    moved: dict[UUID, InvoiceSeries] = {}
    invoices: list[Booked[Aggregate]] = []
    for bill in bills:
        key = series_id(bill.kind, bill.seller.id, now.year)
        moved[key] = moved.get(key, series[key]).take()
        invoices.append(_freeze(bill, moved[key].number, now))
    return *invoices, *map(Booked, moved.values())


def _freeze(bill: Bill, number: str, now: datetime) -> Booked[Invoice]:
    invoice = Invoice(
        id=uuid5(bill.engagement.id, f"invoice:{bill.kind}:{bill.part}"),
        bill=bill,
        number=number,
        issued_at=now,
        tax_category=TAX_NOT_DETERMINED,
        tax_basis_points=0,
        tax=Money.zero(bill.net.currency),
    )
    return Booked(invoice, (InvoiceIssued(invoice),))
