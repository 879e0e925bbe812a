"""What billing does about challenges, from the record to its own announcements and over HTTP."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kpo_billing.domain.escrow_facts import escrow_id
from kpo_chassis.testing.service import MemoryService
from kpo_events.billing import (
    EscrowClosingPayload,
    EscrowFundedV1,
    EscrowLapsedV1,
    EscrowOpenedV1,
    EscrowPartFundedV1,
    EscrowPayload,
    EscrowReleasedV1,
    EscrowSettledV1,
    InvoiceIssuedV1,
    PayoutRequestedV1,
    PayoutSentV1,
)
from kpo_events.challenges import Award
from kpo_events.payload import Payload

from .factories import CLIENT, VENDOR
from .journeys import (
    as_client,
    as_operator,
    as_vendor,
    balances,
    client_registered,
    fund_escrow,
    know_the_parties,
    match_ended,
    open_escrow,
    parked,
    pay,
    seeing,
    vendor_onboarded,
)
from .open_calls import (
    VENDORS,
    an_award,
    awarded,
    call_cancel_wished,
    call_submitted,
    called_off,
    challenge_id,
    fund_purse,
    open_purse,
    vendors_onboarded,
    voided,
    withdrawn,
)

PURSE = "575000.00"
SEMIFINALISTS = 23


def goldcorp_awards() -> list[Award]:
    """Give 23 prizes of 10,000 for the first round and three for the last, some of them to one vendor."""
    first = [an_award(n, "10000.00", VENDORS[n % 10]) for n in range(1, SEMIFINALISTS + 1)]
    last = ("150000.00", "75000.00", "45000.00")
    return first + [an_award(n, prize) for n, prize in enumerate(last, start=SEMIFINALISTS + 1)]


async def know_everybody(service: MemoryService) -> None:
    await know_the_parties(service)
    for vendor in vendors_onboarded():
        await service.deliver(vendor, key=vendor.vendor_id)


def the_end(service: MemoryService, model: type[EscrowClosingPayload]) -> EscrowClosingPayload:
    [event] = service.announced(model)
    return event.narrow(model).data


# Awards ---------------------------------------------------------------------------------------------------


async def test_all_awards_are_paid_and_the_rest_of_the_purse_goes_back(service: MemoryService) -> None:
    await know_everybody(service)
    engagement = await fund_purse(service, PURSE)

    await service.deliver(awarded(engagement, goldcorp_awards()), key=challenge_id(engagement))

    sums = the_end(service, EscrowSettledV1)
    assert (sums.outcome, sums.mode, sums.waiting_on) == ("awarded", "challenge", None)
    assert (sums.funded.amount, sums.released.amount) == (PURSE, "450000.00")
    assert (sums.fees.amount, sums.refunded.amount) == ("50000.00", "75000.00")
    released = [e.narrow(EscrowReleasedV1).data for e in service.announced(EscrowReleasedV1)]
    assert [each.award for each in released] == list(range(1, 27))
    assert {each.milestone for each in released} == {None}
    found = await balances(service, as_operator(service))
    assert (found[f"client_cash:{CLIENT}:USD"], found["fee_revenue:USD"]) == ("75000.00", "50000.00")


async def test_every_award_is_billed_and_set_aside_for_its_vendor(service: MemoryService) -> None:
    await know_everybody(service)
    engagement = await fund_purse(service, PURSE)

    await service.deliver(awarded(engagement, goldcorp_awards()), key=challenge_id(engagement))

    asked = [e.narrow(PayoutRequestedV1).data for e in service.announced(PayoutRequestedV1)]
    assert sorted(payout.award or 0 for payout in asked) == list(range(1, 27))
    assert sum(payout.amount.minor for payout in asked if payout.payee_id == VENDOR) == 24_300_000
    issued = [e.narrow(InvoiceIssuedV1).data for e in service.announced(InvoiceIssuedV1)]
    own = [invoice.number for invoice in issued if invoice.seller.id == VENDOR]
    assert sorted(own) == ["INV-2026-000001", "INV-2026-000002", "INV-2026-000003"]
    fees = sorted(invoice.number for invoice in issued if invoice.kind == "fee")
    assert fees == [f"FEE-2026-{number:06d}" for number in range(1, 27)]


async def test_as_many_awards_as_there_may_be_are_paid_in_one_change(service: MemoryService) -> None:
    await know_everybody(service)
    engagement = await fund_purse(service, "6400.01")
    awards = [an_award(number, "100.00", vendor) for number, vendor in enumerate(VENDORS, start=1)]

    await service.deliver(awarded(engagement, awards), key=challenge_id(engagement))

    assert the_end(service, EscrowSettledV1).refunded.amount == "0.01"
    assert len(service.announced(PayoutRequestedV1)) == 64


@pytest.mark.parametrize("seq", [1, 2], ids=["the same record", "the same awards in another record"])
async def test_awards_are_paid_once(service: MemoryService, seq: int) -> None:
    await know_the_parties(service)
    engagement = await fund_purse(service, PURSE)
    event = awarded(engagement, [an_award(1, "105000.00"), an_award(2, "70000.00")])
    await service.deliver(event, key=challenge_id(engagement), seq=1)
    before = len(service.published)

    await service.deliver(event, key=challenge_id(engagement), seq=seq)

    assert len(service.published) == before
    assert await parked(service) == []


async def test_awards_wait_until_every_winner_is_known_and_are_then_paid_together(
    service: MemoryService,
) -> None:
    await service.deliver(client_registered(), key=CLIENT)
    first, *_ = vendors_onboarded()
    await service.deliver(first, key=first.vendor_id)
    engagement = await fund_purse(service, PURSE)
    event = awarded(engagement, [an_award(1, "105000.00", first.vendor_id), an_award(2, "70000.00")])

    await service.deliver(event, key=challenge_id(engagement))
    assert not service.announced(EscrowReleasedV1)

    await service.deliver(vendor_onboarded(), key=VENDOR)
    service.clock.advance(timedelta(minutes=10))
    await service.heal()
    assert len(service.announced(EscrowReleasedV1)) == 2
    assert the_end(service, EscrowSettledV1).refunded.amount == "400000.00"


async def test_awards_above_the_purse_park_and_pay_nobody(service: MemoryService) -> None:
    await know_the_parties(service)
    engagement = await fund_purse(service, "100.00")
    awards = [an_award(1, "60.00"), an_award(2, "40.01")]

    await service.deliver(awarded(engagement, awards), key=challenge_id(engagement))

    assert await parked(service) == ["delivery.challenge.awarded.v1"]
    assert not service.announced(EscrowReleasedV1)
    assert not service.announced(PayoutRequestedV1)


@pytest.mark.parametrize(
    ("currency", "purse", "prizes", "sums"),
    [
        ("JPY", "1000", ("333", "5"), ("304", "34", "662")),
        ("KWD", "1.000", ("0.333", "0.005"), ("0.304", "0.034", "0.662")),
    ],
)
async def test_prizes_are_exact_whatever_decimals_a_currency_has(
    service: MemoryService, currency: str, purse: str, prizes: tuple[str, str], sums: tuple[str, str, str]
) -> None:
    await know_the_parties(service)
    engagement = await fund_purse(service, purse, currency)
    awards = [an_award(number, prize, currency=currency) for number, prize in enumerate(prizes, start=1)]

    await service.deliver(awarded(engagement, awards), key=challenge_id(engagement))

    settled = the_end(service, EscrowSettledV1)
    assert (settled.released.amount, settled.fees.amount, settled.refunded.amount) == sums


async def test_a_winner_sees_what_the_payout_and_the_documents_are_for(service: MemoryService) -> None:
    await know_the_parties(service)
    engagement = await fund_purse(service, PURSE)
    await service.deliver(awarded(engagement, [an_award(7, "105000.00")]), key=challenge_id(engagement))

    [payout] = (await service.http.get("/v1/payouts", headers=as_vendor(service))).json()["items"]
    invoices = (await service.http.get("/v1/invoices", headers=as_vendor(service))).json()["items"]

    assert (payout["amount"]["amount"], payout["award"], payout["milestone"]) == ("94500.00", 7, None)
    assert [(i["award"], i["milestone"]) for i in invoices] == [(7, None), (7, None)]


async def test_a_prize_is_sent_like_any_payout_and_says_which_award_it_is(service: MemoryService) -> None:
    await know_the_parties(service)
    engagement = await fund_purse(service, PURSE)
    await service.deliver(awarded(engagement, [an_award(1, "105000.00")]), key=challenge_id(engagement))
    [payout] = (await service.http.get("/v1/payouts", headers=as_vendor(service))).json()["items"]
    path = f"/v1/payouts/{payout['id']}"

    seen = await service.http.get(path, headers=as_operator(service))
    await service.http.post(f"{path}/send", headers=seeing(as_operator(service), seen))
    await service.settle()

    [sent] = service.announced(PayoutSentV1)
    assert (sent.narrow(PayoutSentV1).data.award, sent.narrow(PayoutSentV1).data.milestone) == (1, None)


# Other ends -----------------------------------------------------------------------------------------------


async def test_a_void_challenge_gives_the_purse_back(service: MemoryService) -> None:
    engagement = await fund_purse(service, PURSE)

    await service.deliver(voided(engagement), key=challenge_id(engagement))

    sums = the_end(service, EscrowSettledV1)
    assert (sums.outcome, sums.refunded.amount) == ("voided", PURSE)


async def test_a_challenge_that_is_void_when_it_is_planned_lapses_its_escrow(service: MemoryService) -> None:
    escrow = await open_purse(service, PURSE)
    await pay(service, "1000.00", escrow["payment_reference"], currency="USD")
    engagement = UUID(escrow["engagement_id"])

    await service.deliver(voided(engagement), key=challenge_id(engagement))

    sums = the_end(service, EscrowLapsedV1)
    assert (sums.outcome, sums.refunded.amount) == ("voided", "1000.00")


async def test_a_void_challenge_that_overtakes_its_engagement_lapses_the_escrow(
    service: MemoryService,
) -> None:
    engagement = uuid4()

    await service.deliver(voided(engagement), key=challenge_id(engagement))
    await service.deliver(call_submitted(engagement, PURSE), key=engagement)

    sums = the_end(service, EscrowLapsedV1)
    assert (sums.outcome, sums.mode) == ("voided", "challenge")


async def test_a_cancelled_challenge_gives_the_purse_back(service: MemoryService) -> None:
    engagement = await fund_purse(service, PURSE)

    await service.deliver(called_off(engagement), key=challenge_id(engagement))

    sums = the_end(service, EscrowSettledV1)
    assert (sums.outcome, sums.refunded.amount) == ("cancelled", PURSE)


async def test_a_challenge_that_was_withdrawn_needs_nothing_of_billing(service: MemoryService) -> None:
    escrow = await open_purse(service, PURSE)
    await service.tick(timedelta(days=15))
    before = len(service.published)

    engagement = UUID(escrow["engagement_id"])
    await service.deliver(withdrawn(engagement), key=challenge_id(engagement))

    assert len(service.published) == before
    assert await parked(service) == []


async def test_a_cancel_wish_lapses_a_purse_that_is_awaited(service: MemoryService) -> None:
    escrow = await open_purse(service, PURSE)
    engagement = UUID(escrow["engagement_id"])

    await service.deliver(call_cancel_wished(engagement), key=engagement)

    assert the_end(service, EscrowLapsedV1).outcome == "cancelled"


async def test_a_cancel_wish_for_a_funded_challenge_is_left_to_the_challenge(service: MemoryService) -> None:
    engagement = await fund_purse(service, PURSE)
    before = len(service.published)

    await service.deliver(call_cancel_wished(engagement), key=engagement)

    assert len(service.published) == before
    shown = await service.http.get(f"/v1/escrows/{escrow_id(engagement)}", headers=as_client(service))
    assert shown.json()["state"] == "funded"


# Who is served, and with which money ----------------------------------------------------------------------


async def test_events_of_an_escrow_name_the_mode_of_the_engagement(service: MemoryService) -> None:
    async def modes(escrow: dict[str, str], currency: str) -> list[str]:
        before = len(service.published)
        for amount in ("400.00", "600.00"):
            await pay(service, amount, escrow["payment_reference"], currency=currency)
        events = [event.data for event in service.published[before:]]
        return [data.mode for data in events if isinstance(data, EscrowPayload)]

    purse, budget = await open_purse(service, "1000.00"), await open_escrow(service)

    assert await modes(purse, "USD") == ["challenge", "challenge"]
    assert await modes(budget, "EUR") == ["assignment", "assignment"]
    opened: list[Payload] = [event.data for event in service.announced(EscrowOpenedV1)]
    assert [data.mode for data in opened if isinstance(data, EscrowOpenedV1)] == ["challenge", "assignment"]


async def test_the_refund_of_an_unfilled_assignment_funds_the_challenge_that_follows_it(
    service: MemoryService,
) -> None:
    await know_the_parties(service)
    first = await fund_escrow(service, "1000.01")
    await service.deliver(match_ended(first), key=uuid4())
    purse = await open_purse(service, "1000.03", "EUR", follows=first)
    path = f"/v1/escrows/{purse['id']}/fund-from-cash"

    part = await service.http.post(path, headers=as_client(service))
    assert (part.json()["state"], part.json()["missing"]["amount"]) == ("awaiting_funds", "0.02")
    await pay(service, "0.02", purse["payment_reference"])

    [told] = service.announced(EscrowPartFundedV1)
    assert told.narrow(EscrowPartFundedV1).data.received.amount == "1000.01"
    *_, funded = service.announced(EscrowFundedV1)
    assert funded.narrow(EscrowFundedV1).data.mode == "challenge"
    assert f"client_cash:{CLIENT}:EUR" not in await balances(service, as_client(service))
    engagement = UUID(purse["engagement_id"])
    prize = an_award(1, "999.99", currency="EUR")
    await service.deliver(awarded(engagement, [prize]), key=challenge_id(engagement))
    assert (await balances(service, as_client(service))) == {f"client_cash:{CLIENT}:EUR": "0.04"}


async def test_a_purse_takes_only_what_is_missing_from_cash(service: MemoryService) -> None:
    first = await fund_escrow(service, "1000.00")
    await service.deliver(match_ended(first), key=uuid4())
    purse = await open_purse(service, "999.99", "EUR", follows=first)

    answer = await service.http.post(f"/v1/escrows/{purse['id']}/fund-from-cash", headers=as_client(service))

    assert answer.json()["state"] == "funded"
    assert (await balances(service, as_client(service)))[f"client_cash:{CLIENT}:EUR"] == "0.01"
