"""What billing does about other services' events, from the record to its own announcements."""

from datetime import timedelta
from uuid import uuid4

from kpo_chassis.testing.service import MemoryService
from kpo_events.billing import (
    EscrowFundedV1,
    EscrowLapsedV1,
    EscrowOpenedV1,
    EscrowPartFundedV1,
    EscrowReleasedV1,
    EscrowSettledV1,
    InvoiceIssuedV1,
    PayoutRequestedV1,
)
from kpo_events.payload import WaitingOn

from .factories import CLIENT, FUND_BY, OPERATOR, VENDOR
from .journeys import (
    as_operator,
    balances,
    cancel_wished,
    client_registered,
    fund_escrow,
    know_the_parties,
    match_ended,
    milestone_accepted,
    open_escrow,
    parked,
    pay,
    submitted,
    vendor_onboarded,
    work_cancelled,
    work_completed,
)


async def test_a_submitted_engagement_opens_an_escrow_that_says_who_must_pay(service: MemoryService) -> None:
    engagement = uuid4()

    await service.deliver(submitted(engagement), key=engagement)

    [event] = service.announced(EscrowOpenedV1)
    opened = event.narrow(EscrowOpenedV1).data
    assert opened.engagement_id == engagement
    assert opened.waiting_on == WaitingOn(party="client_finance", until=FUND_BY)
    assert opened.fee_basis_points == 1_000
    assert event.correlation_id == engagement


async def test_a_cancel_wish_that_overtakes_the_engagement_lapses_its_escrow(service: MemoryService) -> None:
    engagement = uuid4()

    await service.deliver(cancel_wished(engagement), key=engagement, seq=1)
    await service.deliver(submitted(engagement), key=engagement, seq=2)

    [lapsed] = service.announced(EscrowLapsedV1)
    assert lapsed.narrow(EscrowLapsedV1).data.outcome == "cancelled"


async def test_a_match_that_ended_before_its_engagement_arrived_lapses_the_escrow(
    service: MemoryService,
) -> None:
    engagement, match = uuid4(), uuid4()

    await service.deliver(match_ended(engagement), key=match)
    await service.deliver(submitted(engagement), key=engagement)

    [lapsed] = service.announced(EscrowLapsedV1)
    assert lapsed.narrow(EscrowLapsedV1).data.outcome == "unfilled"


async def test_fund_by_returns_part_payments_to_the_clients_cash(service: MemoryService) -> None:
    escrow = await open_escrow(service)
    await pay(service, "300.00", escrow["payment_reference"])

    await service.tick(timedelta(days=15))

    [part] = service.announced(EscrowPartFundedV1)
    assert part.narrow(EscrowPartFundedV1).data.missing.amount == "700.00"
    [lapsed] = service.announced(EscrowLapsedV1)
    assert lapsed.narrow(EscrowLapsedV1).data.refunded.amount == "300.00"
    assert (await balances(service, as_operator(service)))[f"client_cash:{CLIENT}:EUR"] == "300.00"


async def test_an_accepted_milestone_is_released_billed_and_set_aside_at_once(service: MemoryService) -> None:
    await know_the_parties(service)
    engagement = await fund_escrow(service)

    await service.deliver(milestone_accepted(engagement, "400.00"), key=uuid4())

    [released] = service.announced(EscrowReleasedV1)
    money = released.narrow(EscrowReleasedV1).data
    assert (money.gross.amount, money.fee.amount, money.net.amount) == ("400.00", "40.00", "360.00")
    [requested] = service.announced(PayoutRequestedV1)
    assert requested.narrow(PayoutRequestedV1).data.amount.amount == "360.00"
    billed = {e.narrow(InvoiceIssuedV1).data.kind: e for e in service.announced(InvoiceIssuedV1)}
    vendors, fee = (billed[kind].narrow(InvoiceIssuedV1).data for kind in ("vendor", "fee"))
    assert (vendors.seller.id, vendors.buyer.id, vendors.gross.amount) == (VENDOR, CLIENT, "400.00")
    assert (fee.seller.id, fee.buyer.id, fee.gross.amount) == (OPERATOR, VENDOR, "40.00")
    assert (vendors.seller.name, vendors.buyer.country) == ("Birch Research", "DE")


async def test_numbers_of_invoices_have_no_gaps_across_engagements(service: MemoryService) -> None:
    await know_the_parties(service)
    for _ in range(3):
        engagement = await fund_escrow(service)
        await service.deliver(milestone_accepted(engagement, "1000.00"), key=uuid4())

    issued = [e.narrow(InvoiceIssuedV1).data for e in service.announced(InvoiceIssuedV1)]

    assert sorted(i.number for i in issued if i.kind == "vendor") == [
        "INV-2026-000001",
        "INV-2026-000002",
        "INV-2026-000003",
    ]


async def test_a_release_waits_for_the_vendors_particulars(service: MemoryService) -> None:
    await service.deliver(client_registered(), key=CLIENT)
    engagement = await fund_escrow(service)

    await service.deliver(milestone_accepted(engagement, "400.00"), key=uuid4())
    assert not service.announced(EscrowReleasedV1)

    await service.deliver(vendor_onboarded(), key=VENDOR)
    service.clock.advance(timedelta(minutes=10))
    await service.heal()
    assert len(service.announced(EscrowReleasedV1)) == 1


async def test_completed_work_settles_the_escrow_to_the_minor_unit(service: MemoryService) -> None:
    await know_the_parties(service)
    engagement, work_order = await fund_escrow(service, "1000.01"), uuid4()

    await service.deliver(milestone_accepted(engagement, "333.33", 1), key=work_order)
    await service.deliver(milestone_accepted(engagement, "666.68", 2), key=work_order)
    await service.deliver(work_completed(engagement), key=work_order)

    [settled] = service.announced(EscrowSettledV1)
    sums = settled.narrow(EscrowSettledV1).data
    assert sums.outcome == "completed"
    assert sums.released.minor + sums.fees.minor + sums.refunded.minor == sums.funded.minor == 100_001
    assert sums.refunded.minor == 0


async def test_cancelled_work_refunds_what_was_not_accepted(service: MemoryService) -> None:
    await know_the_parties(service)
    engagement, work_order = await fund_escrow(service), uuid4()
    await service.deliver(milestone_accepted(engagement, "400.00"), key=work_order)

    await service.deliver(work_cancelled(engagement), key=work_order)

    [settled] = service.announced(EscrowSettledV1)
    assert settled.narrow(EscrowSettledV1).data.refunded.amount == "600.00"
    assert settled.narrow(EscrowSettledV1).data.waiting_on is None


async def test_a_match_without_an_end_in_work_refunds_everything(service: MemoryService) -> None:
    engagement = await fund_escrow(service)

    await service.deliver(match_ended(engagement), key=uuid4())

    assert len(service.announced(EscrowFundedV1)) == 1
    [settled] = service.announced(EscrowSettledV1)
    assert settled.narrow(EscrowSettledV1).data.refunded.amount == "1000.00"


async def test_a_milestone_that_is_accepted_twice_parks_and_pays_nothing_twice(
    service: MemoryService,
) -> None:
    await know_the_parties(service)
    engagement, work_order = await fund_escrow(service), uuid4()
    await service.deliver(milestone_accepted(engagement, "400.00"), key=work_order)

    await service.deliver(milestone_accepted(engagement, "400.00"), key=work_order)

    assert len(service.announced(EscrowReleasedV1)) == 1
    assert await parked(service) == ["delivery.workorder.milestone_accepted.v1"]


async def test_the_same_record_again_changes_nothing(service: MemoryService) -> None:
    engagement = uuid4()
    await service.deliver(submitted(engagement), key=engagement, seq=1)

    await service.deliver(submitted(engagement), key=engagement, seq=1)

    assert len(service.announced(EscrowOpenedV1)) == 1


async def test_work_that_ends_without_an_escrow_parks(service: MemoryService) -> None:
    engagement = uuid4()

    await service.deliver(work_completed(engagement), key=uuid4())

    assert await parked(service) == ["delivery.workorder.completed.v1"]
    assert service.published == []
