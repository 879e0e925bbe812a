"""What an accepted milestone or the awards of a challenge set in motion: releases, invoices and payouts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_billing.domain.escrow import Escrow
from kpo_billing.domain.escrow_facts import Due, Engagement, EscrowReleased
from kpo_billing.domain.invoice import Bill, InvoiceKind, InvoiceSeries, issue
from kpo_billing.domain.ledger import Booked
from kpo_billing.domain.party import Client, Policy, Vendor
from kpo_billing.domain.payout import Payout, payout_id
from kpo_billing.domain.payout_facts import Order, Payee, PayeeKind, Work
from kpo_chassis.kernel import Aggregate, Needs, Ref, States, TenantId, inner, inner_maybe


@dataclass(frozen=True, slots=True)
class Sides:
    """The parties to releases, and this year's number series of all sellers by their ids."""

    client: Client
    vendors: Mapping[TenantId, Vendor]
    policy: Policy
    series: Mapping[UUID, InvoiceSeries]


def parties(engagement: Engagement, dues: Sequence[Due]) -> tuple[Ref[Client] | Ref[Vendor], ...]:
    """Name those whose particulars the documents freeze; they may not have arrived yet."""
    vendors = dict.fromkeys(due.vendor for due in dues)
    return inner(Client, engagement.client), *(inner(Vendor, vendor) for vendor in vendors)


def gather(
    states: States, engagement: Engagement, dues: Sequence[Due], policy: Policy, now: datetime
) -> Sides | Needs:
    """Collect the parties, who were loaded, and ask for the series of the vendors and of the operator."""
    vendors = {due.vendor: states[inner(Vendor, due.vendor)] for due in dues}
    begun = [InvoiceSeries.begin(InvoiceKind.VENDOR, vendor, now.year) for vendor in vendors]
    begun.append(InvoiceSeries.begin(InvoiceKind.FEE, policy.operator.id, now.year))
    refs = {each.id: inner_maybe(InvoiceSeries, each.id) for each in begun}
    missing = tuple(ref for ref in refs.values() if ref not in states)
    if missing:
        return Needs(missing)
    series = {each.id: states.get(refs[each.id]) or each for each in begun}
    return Sides(states[inner(Client, engagement.client)], vendors, policy, series)


def release(escrow: Escrow, due: Due, sides: Sides, now: datetime) -> tuple[Booked[Aggregate], ...]:
    """Pay an accepted milestone out of the escrow, bill it, and request the vendor's payout."""
    return _follow_up(escrow.release(due, now), sides, now)


def award(escrow: Escrow, dues: Sequence[Due], sides: Sides, now: datetime) -> tuple[Booked[Aggregate], ...]:
    """Do the same for all awards of a challenge at once, and settle its purse."""
    return _follow_up(escrow.award(dues, now), sides, now)


def _follow_up(paid: Booked[Escrow], sides: Sides, now: datetime) -> tuple[Booked[Aggregate], ...]:
    """Add the documents and payouts of whatever was released."""
    releases = [fact for fact in paid.facts if isinstance(fact, EscrowReleased)]
    bills = [bill for released in releases for bill in _bills(released, sides)]
    orders = map(_order, releases)
    operator = sides.policy.operator.id
    return (
        paid,
        *issue(bills, sides.series, now),
        *(Payout.request(order, operator, now) for order in orders),
    )


def _bills(released: EscrowReleased, sides: Sides) -> list[Bill]:
    """Write what is owed: the budget holds the fee, so the vendor bills the client all of it.

    The operator bills the vendor the fee.
    """
    release = released.release
    client, operator = sides.client.party, sides.policy.operator
    vendor = sides.vendors[release.due.vendor].party
    about = released.engagement, release.due.part
    bills = [Bill(InvoiceKind.VENDOR, *about, vendor, client, release.due.gross)]
    if release.fee:
        bills.append(Bill(InvoiceKind.FEE, *about, operator, vendor, release.fee))
    return bills


def _order(released: EscrowReleased) -> Order:
    due, engagement = released.release.due, released.engagement.id
    return Order(
        payout_id(engagement, due.part),
        Payee(PayeeKind.VENDOR, due.vendor),
        released.release.net,
        Work(engagement, due.part),
    )
