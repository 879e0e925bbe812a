"""Invoices freeze who owes whom what, under numbers without gaps."""

from uuid import uuid4

from kpo_billing.domain.invoice import (
    Bill,
    Invoice,
    InvoiceIssued,
    InvoiceKind,
    InvoiceSeries,
    issue,
)
from kpo_billing.domain.ledger import Booked
from kpo_billing.domain.part import Part, PartKind
from kpo_chassis.kernel import Aggregate, TenantId

from .factories import CLIENT, NOW, OPERATOR, VENDOR, a_client, a_policy, a_vendor, an_engagement, eur


def a_bill(milestone: int = 1) -> Bill:
    part = Part(PartKind.MILESTONE, milestone)
    return Bill(InvoiceKind.VENDOR, an_engagement(), part, a_vendor().party, a_client().party, eur(40_000))


def a_fee_bill(milestone: int = 1) -> Bill:
    part = Part(PartKind.MILESTONE, milestone)
    buyer = a_vendor().party
    return Bill(InvoiceKind.FEE, an_engagement(), part, a_policy().operator, buyer, eur(4_000))


def a_series(kind: InvoiceKind = InvoiceKind.VENDOR, seller: TenantId = VENDOR) -> InvoiceSeries:
    return InvoiceSeries.begin(kind, seller, NOW.year)


def issue_all(*bills: Bill, series: InvoiceSeries | None = None) -> tuple[list[Invoice], list[InvoiceSeries]]:
    """Issue bills, and give the invoices and the series as they are then."""
    all_series = (series or a_series(), a_series(InvoiceKind.FEE, OPERATOR))
    booked = issue(bills, {each.id: each for each in all_series}, NOW)
    states = [each.state for each in booked]
    return (
        [state for state in states if isinstance(state, Invoice)],
        [state for state in states if isinstance(state, InvoiceSeries)],
    )


def test_a_series_begins_with_one() -> None:
    [invoice], _ = issue_all(a_bill())

    assert invoice.number == "INV-2026-000001"


def test_a_series_goes_on_from_change_to_change() -> None:
    _, [after] = issue_all(a_bill(1))

    [second], _ = issue_all(a_bill(2), series=after)

    assert second.number == "INV-2026-000002"


def test_a_series_has_no_gaps_within_one_change() -> None:
    invoices, series = issue_all(a_bill(1), a_fee_bill(1), a_bill(2), a_fee_bill(2), a_bill(3))

    assert [invoice.number for invoice in invoices] == [
        "INV-2026-000001",
        "FEE-2026-000001",
        "INV-2026-000002",
        "FEE-2026-000002",
        "INV-2026-000003",
    ]
    assert [each.number for each in series] == ["INV-2026-000003", "FEE-2026-000002"]


def test_a_series_that_gives_no_number_is_not_written() -> None:
    _, series = issue_all(a_bill())

    assert [each.kind for each in series] == [InvoiceKind.VENDOR]


def test_every_seller_and_year_has_its_own_series() -> None:
    here = InvoiceSeries.begin(InvoiceKind.VENDOR, VENDOR, 2026)

    assert here.id != InvoiceSeries.begin(InvoiceKind.VENDOR, VENDOR, 2027).id
    assert here.id != InvoiceSeries.begin(InvoiceKind.VENDOR, CLIENT, 2026).id
    assert here.id == InvoiceSeries.begin(InvoiceKind.VENDOR, VENDOR, 2026).id


def test_an_invoice_says_that_its_tax_is_not_determined() -> None:
    booked: tuple[Booked[Aggregate], ...] = issue([a_bill()], {a_series().id: a_series()}, NOW)

    invoice = booked[0].state
    assert isinstance(invoice, Invoice)
    assert invoice.tax_category == "not_determined"
    assert invoice.tax == eur(0)
    assert invoice.gross == invoice.bill.net == eur(40_000)
    assert booked[0].facts == (InvoiceIssued(invoice),)


def test_a_milestone_and_an_award_of_one_number_have_documents_of_their_own() -> None:
    bill = a_bill(1)
    award = Bill(bill.kind, bill.engagement, Part(PartKind.AWARD, 1), bill.seller, bill.buyer, bill.net)

    invoices, _ = issue_all(bill, award)

    assert invoices[0].id != invoices[1].id


def test_seller_and_buyer_may_know_an_invoice() -> None:
    [invoice], _ = issue_all(a_bill())

    assert invoice.parties == {VENDOR, CLIENT}
    assert uuid4() not in invoice.parties
