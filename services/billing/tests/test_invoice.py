"""Invoices freeze who owes whom what, under numbers without gaps."""

from uuid import uuid4

from kpo_billing.domain.invoice import (
    Bill,
    InvoiceIssued,
    InvoiceKind,
    InvoiceSeries,
    issue,
)

from .factories import CLIENT, NOW, VENDOR, a_client, a_vendor, an_engagement, eur


def a_bill(milestone: int = 1) -> Bill:
    return Bill(
        InvoiceKind.VENDOR, an_engagement(), milestone, a_vendor().party, a_client().party, eur(40_000)
    )


def test_a_series_begins_with_one() -> None:
    series = InvoiceSeries.begin(InvoiceKind.VENDOR, VENDOR, 2026)

    invoice, _ = issue(a_bill(), series, NOW)

    assert invoice.state.number == "INV-2026-000001"


def test_a_series_has_no_gaps() -> None:
    series = InvoiceSeries.begin(InvoiceKind.VENDOR, VENDOR, 2026)

    _, first = issue(a_bill(1), series, NOW)
    second, _ = issue(a_bill(2), first.state, NOW)

    assert second.state.number == "INV-2026-000002"


def test_every_seller_and_year_has_its_own_series() -> None:
    here = InvoiceSeries.begin(InvoiceKind.VENDOR, VENDOR, 2026)

    assert here.id != InvoiceSeries.begin(InvoiceKind.VENDOR, VENDOR, 2027).id
    assert here.id != InvoiceSeries.begin(InvoiceKind.VENDOR, CLIENT, 2026).id
    assert here.id == InvoiceSeries.begin(InvoiceKind.VENDOR, VENDOR, 2026).id


def test_an_invoice_says_that_its_tax_is_not_determined() -> None:
    series = InvoiceSeries.begin(InvoiceKind.VENDOR, VENDOR, 2026)

    issued, _ = issue(a_bill(), series, NOW)

    assert issued.state.tax_category == "not_determined"
    assert issued.state.tax == eur(0)
    assert issued.state.gross == issued.state.bill.net == eur(40_000)
    assert issued.facts == (InvoiceIssued(issued.state),)


def test_seller_and_buyer_may_know_an_invoice() -> None:
    series = InvoiceSeries.begin(InvoiceKind.VENDOR, VENDOR, 2026)

    issued, _ = issue(a_bill(), series, NOW)

    assert issued.state.parties == {VENDOR, CLIENT}
    assert uuid4() not in issued.state.parties
