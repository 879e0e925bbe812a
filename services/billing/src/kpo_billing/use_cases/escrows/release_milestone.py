"""Pay an accepted milestone: release, invoices and payout, in one change."""

from dataclasses import dataclass
from datetime import datetime

from kpo_billing.domain import releasing
from kpo_billing.domain.errors import MisplacedFactError
from kpo_billing.domain.escrow import Escrow
from kpo_billing.domain.escrow_facts import Due, Engagement
from kpo_billing.domain.invoice import InvoiceKind, InvoiceSeries
from kpo_billing.domain.ledger import book
from kpo_billing.domain.party import Client, Policy, Vendor
from kpo_billing.domain.payout import Payout, payout_id
from kpo_chassis.kernel import (
    Cause,
    Changes,
    Decisions,
    Needs,
    States,
    Stored,
    inner,
    inner_maybe,
    maybe,
)


@dataclass(frozen=True, slots=True)
class ReleaseMilestone:
    engagement: Engagement
    due: Due


async def release_milestone(
    command: ReleaseMilestone, cause: Cause, *, changes: Changes, policy: Policy
) -> Stored[Escrow]:
    engagement, due = command.engagement, command.due
    escrow = maybe(Escrow, engagement.escrow_id)
    client, vendor = inner(Client, engagement.client), inner(Vendor, due.vendor)
    payout = inner_maybe(Payout, payout_id(engagement.id, due.milestone))

    def decide(states: States, now: datetime) -> Decisions | Needs:
        if states.get(payout) is not None:
            raise MisplacedFactError(
                f"milestone {due.milestone} of engagement {engagement.id} is paid already"
            )
        series = _series(states, due, policy, now)
        if isinstance(series, Needs):
            return series
        sides = releasing.Sides(states[client], states[vendor], policy, series)
        found = states.get(escrow) or Escrow.expect(engagement)
        return book(states, *releasing.release_milestone(found, due, sides, now))

    return await changes.change(cause, decide, escrow, client, vendor, payout)


def _series(
    states: States, due: Due, policy: Policy, now: datetime
) -> dict[InvoiceKind, InvoiceSeries] | Needs:
    """Find this year's number series of both sellers: the vendor, and the operator for its fee."""
    sellers = {InvoiceKind.VENDOR: due.vendor, InvoiceKind.FEE: policy.operator.id}
    begun = {kind: InvoiceSeries.begin(kind, seller, now.year) for kind, seller in sellers.items()}
    refs = {kind: inner_maybe(InvoiceSeries, each.id) for kind, each in begun.items()}
    missing = tuple(ref for ref in refs.values() if ref not in states)
    if missing:
        return Needs(missing)
    return {kind: states.get(ref) or begun[kind] for kind, ref in refs.items()}
