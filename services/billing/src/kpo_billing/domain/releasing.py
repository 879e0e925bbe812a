"""What one accepted milestone sets in motion: release, invoices and payout, in one change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from kpo_billing.domain.escrow import Escrow
from kpo_billing.domain.escrow_facts import Due, Release
from kpo_billing.domain.invoice import Bill, InvoiceKind, InvoiceSeries, issue
from kpo_billing.domain.ledger import Booked
from kpo_billing.domain.party import Client, Policy, Vendor
from kpo_billing.domain.payout import Payout, payout_id
from kpo_billing.domain.payout_facts import Order, Payee, PayeeKind, Work
from kpo_chassis.kernel import Aggregate


@dataclass(frozen=True, slots=True)
class Sides:
    """The parties to a release, and the number series of its two sellers."""

    client: Client
    vendor: Vendor
    policy: Policy
    series: Mapping[InvoiceKind, InvoiceSeries]


def release_milestone(escrow: Escrow, due: Due, sides: Sides, now: datetime) -> tuple[Booked[Aggregate], ...]:
    """Pay an accepted milestone out of the escrow, bill it, and request the vendor's payout.

    The budget holds the fee: the vendor bills the client all of it, the operator bills the vendor the fee.
    """
    released = escrow.release(due, now)
    release = escrow.price(due)
    documents = [
        document
        for bill in _bills(escrow, release, sides)
        for document in issue(bill, sides.series[bill.kind], now)
    ]
    order = Order(
        payout_id(escrow.engagement.id, due.milestone),
        Payee(PayeeKind.VENDOR, due.vendor),
        release.net,
        Work(escrow.engagement.id, due.milestone),
    )
    return released, *documents, Payout.request(order, sides.policy.operator.id, now)


def _bills(escrow: Escrow, release: Release, sides: Sides) -> list[Bill]:
    client, vendor, operator = sides.client.party, sides.vendor.party, sides.policy.operator
    about = escrow.engagement, release.due.milestone
    bills = [Bill(InvoiceKind.VENDOR, *about, vendor, client, release.due.gross)]
    if release.fee:
        bills.append(Bill(InvoiceKind.FEE, *about, operator, vendor, release.fee))
    return bills
