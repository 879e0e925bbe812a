"""Billing over HTTP: money out by payouts, and what is written about it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest

from kpo_billing.adapters.accounts import accounts
from kpo_billing.domain.account import Account, payout_transit
from kpo_chassis.testing.service import MemoryService
from kpo_events.billing import (
    PayoutBookedV1,
    PayoutFailedV1,
    PayoutReturnedV1,
    PayoutSentV1,
)

from .factories import CLIENT, VENDOR
from .journeys import (
    BANK_ACCOUNT,
    as_client,
    as_operator,
    as_vendor,
    balances,
    fund_escrow,
    know_the_parties,
    milestone_accepted,
    open_escrow,
    pay,
    seeing,
)

BANK = f"bank:{BANK_ACCOUNT}:EUR"
CASH = f"client_cash:{CLIENT}:EUR"
PAYABLE = f"vendor:{VENDOR}:EUR"
ACCOUNTS_MANY = 1_001


async def a_requested_payout(service: MemoryService) -> str:
    """Let a milestone of 400.00 be accepted, and give the id of its payout of 360.00."""
    await know_the_parties(service)
    engagement = await fund_escrow(service)
    await service.deliver(milestone_accepted(engagement, "400.00"), key=uuid4())
    listed = await service.http.get("/v1/payouts", headers=as_vendor(service))
    found: str = listed.json()["items"][0]["id"]
    return found


async def a_requested_cash_payout(service: MemoryService) -> str:
    """Let the client ask for 200.00 of its cash, and give the id of the payout."""
    body = {"amount": {"amount": "200.00", "currency": "EUR"}}
    answer = await service.http.post("/v1/payouts", headers=as_client(service), json=body)
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


async def act_on_payout(
    service: MemoryService, payout: str, action: str, body: dict[str, str] | None = None
) -> dict[str, object]:
    seen = await service.http.get(f"/v1/payouts/{payout}", headers=as_operator(service))
    answer = await service.http.post(
        f"/v1/payouts/{payout}/{action}", headers=seeing(as_operator(service), seen), json=body
    )
    await service.settle()
    found: dict[str, object] = answer.json()
    return found


async def pages_of_balances(
    service: MemoryService, headers: dict[str, str], *, limit: int
) -> AsyncIterator[list[str]]:
    """Give the accounts of one page after the other, until there is no next one."""
    cursor: str | None = ""
    while cursor is not None:
        params = {"limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        page = await service.http.get("/v1/ledger/balances", headers=headers, params=params)
        yield [item["account"] for item in page.json()["items"]]
        cursor = page.json()["next_cursor"]


async def crowd(service: MemoryService, count: int) -> None:
    """Let the client have money in as many accounts: an escrow, and payouts that are on their way."""
    await fund_escrow(service)
    [row] = await service.database.find(accounts.collection, {"state.status": "holding"}, limit=2)
    names = [payout_transit(uuid4(), CLIENT, "EUR") for _ in range(count - 1)]
    rows = [{**row, "_id": name.id, "state": accounts.dump(Account.of(name, 1))} for name in names]
    await service.database.insert(accounts.collection, rows)


# Payouts --------------------------------------------------------------------------------------------------


async def test_a_payout_is_sent_and_booked(service: MemoryService) -> None:
    payout = await a_requested_payout(service)

    sent = await act_on_payout(service, payout, "send")
    await pay(service, "360.00", str(sent["reference"]), direction="debit")

    shown = await service.http.get(f"/v1/payouts/{payout}", headers=as_vendor(service))
    assert shown.json()["state"] == "booked"
    assert len(service.announced(PayoutSentV1)) == len(service.announced(PayoutBookedV1)) == 1
    found = await balances(service, as_operator(service))
    assert (found[BANK], found["fee_revenue:EUR"]) == ("640.00", "40.00")
    assert PAYABLE not in found


async def test_a_refused_payout_is_payable_again_and_sent_under_a_new_reference(
    service: MemoryService,
) -> None:
    payout = await a_requested_payout(service)
    first = await act_on_payout(service, payout, "send")

    await act_on_payout(service, payout, "fail", {"reason": "account closed"})
    assert (await balances(service, as_vendor(service)))[PAYABLE] == "360.00"
    second = await act_on_payout(service, payout, "send")

    assert (second["attempt"], second["state"]) == (2, "sent")
    assert second["reference"] != first["reference"]
    assert len(service.announced(PayoutFailedV1)) == 1


async def test_a_payout_that_comes_back_is_payable_again(service: MemoryService) -> None:
    payout = await a_requested_payout(service)
    sent = await act_on_payout(service, payout, "send")
    await pay(service, "360.00", str(sent["reference"]), direction="debit")

    await pay(service, "360.00", str(sent["reference"]))

    assert len(service.announced(PayoutReturnedV1)) == 1
    assert (await balances(service, as_vendor(service)))[PAYABLE] == "360.00"


async def test_a_payout_is_not_sent_twice(service: MemoryService) -> None:
    payout = await a_requested_payout(service)
    await act_on_payout(service, payout, "send")

    again = await act_on_payout(service, payout, "send")

    assert (again["code"], again["allowed"]) == ("payout_state", ["fail"])


async def test_sending_needs_the_version_that_was_seen(service: MemoryService) -> None:
    payout = await a_requested_payout(service)

    answer = await service.http.post(f"/v1/payouts/{payout}/send", headers=as_operator(service))

    assert answer.status_code == 428


async def test_a_vendor_sees_its_payout_but_does_not_send_it(service: MemoryService) -> None:
    payout = await a_requested_payout(service)
    seen = await service.http.get(f"/v1/payouts/{payout}", headers=as_vendor(service))

    answer = await service.http.post(f"/v1/payouts/{payout}/send", headers=seeing(as_vendor(service), seen))

    assert (seen.status_code, answer.status_code) == (200, 403)


async def test_a_forgotten_payout_becomes_an_overdue_task(service: MemoryService) -> None:
    payout = await a_requested_payout(service)

    await service.tick(timedelta(days=6))

    shown = await service.http.get(f"/v1/payouts/{payout}", headers=as_operator(service))
    assert shown.json()["overdue"] is True
    tasks = await service.http.get("/v1/tasks", headers=as_operator(service))
    assert [task["action"] for task in tasks.json()["items"]] == ["send"]


async def test_a_payout_that_failed_and_was_forgotten_is_an_overdue_task(service: MemoryService) -> None:
    payout = await a_requested_payout(service)
    await act_on_payout(service, payout, "send")
    await act_on_payout(service, payout, "fail", {"reason": "Account closed."})

    await service.tick(timedelta(days=6))
    await service.measure()

    tasks = await service.http.get("/v1/tasks", headers=as_operator(service))
    assert [(task["action"], task["due_at"]) for task in tasks.json()["items"]] == [
        ("send", "2026-03-07T09:00:00.000Z")
    ]
    assert service.meters.shown("kpo_tasks_overdue", aggregate="payout") == 1


async def test_a_failed_payout_is_not_sent_again_from_cash_that_was_asked_for_since(
    service: MemoryService,
) -> None:
    escrow = await open_escrow(service)
    await pay(service, "1200.00", escrow["payment_reference"])
    payout = await a_requested_cash_payout(service)
    await act_on_payout(service, payout, "send")
    await act_on_payout(service, payout, "fail", {"reason": "Account closed."})
    await a_requested_cash_payout(service)

    refused = await act_on_payout(service, payout, "send")

    assert (refused["status"], refused["code"]) == (409, "insufficient_funds")
    assert refused["detail"] == "The client's cash holds 0.00 EUR; 200.00 EUR are asked."


async def test_a_client_gets_its_cash_back(service: MemoryService) -> None:
    escrow = await open_escrow(service)
    await pay(service, "1200.00", escrow["payment_reference"])

    answer = await service.http.post(
        "/v1/payouts",
        headers=as_client(service),
        json={"amount": {"amount": "200.00", "currency": "EUR"}},
    )

    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/payouts/{answer.json()['id']}"
    assert CASH not in await balances(service, as_client(service))


@pytest.mark.parametrize(
    ("asked", "currency", "held"), [("5.00", "EUR", "0.00"), ("500", "JPY", "0"), ("0.500", "KWD", "0.000")]
)
async def test_who_asks_for_more_than_the_cash_is_told_both_amounts(
    service: MemoryService, asked: str, currency: str, held: str
) -> None:
    answer = await service.http.post(
        "/v1/payouts", headers=as_client(service), json={"amount": {"amount": asked, "currency": currency}}
    )

    both = f"{held} {currency}; {asked} {currency} are asked."
    assert answer.json()["detail"] == f"The client's cash holds {both}"


async def test_more_than_the_cash_is_not_paid_out(service: MemoryService) -> None:
    answer = await service.http.post(
        "/v1/payouts",
        headers=as_client(service),
        json={"amount": {"amount": "200.00", "currency": "EUR"}},
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_funds")


# Invoices and ledger --------------------------------------------------------------------------------------


async def test_invoices_are_seen_by_their_sellers_and_buyers(service: MemoryService) -> None:
    await a_requested_payout(service)

    async def kinds(headers: dict[str, str]) -> list[str]:
        answer = await service.http.get("/v1/invoices", headers=headers)
        return sorted(item["kind"] for item in answer.json()["items"])

    assert await kinds(as_vendor(service)) == ["fee", "vendor"]
    assert await kinds(as_client(service)) == ["vendor"]
    assert await kinds(as_client(service, uuid4())) == []


async def test_tenants_see_only_what_they_are_owed(service: MemoryService) -> None:
    payout = await a_requested_payout(service)

    vendors, clients = (
        await balances(service, as_vendor(service)),
        await balances(service, as_client(service)),
    )

    assert vendors == {f"payout_transit:{payout}:EUR": "360.00"}
    assert list(clients.values()) == ["600.00"]
    assert await balances(service, as_client(service, uuid4())) == {}


async def test_balances_come_in_pages(service: MemoryService) -> None:
    await a_requested_payout(service)
    everything = await balances(service, as_operator(service))

    found = [page async for page in pages_of_balances(service, as_operator(service), limit=1)]

    assert found == [[account] for account in sorted(everything)]


async def test_a_balance_may_be_above_the_largest_amount(service: MemoryService) -> None:
    escrow = await open_escrow(service)
    for _ in range(2):
        await pay(service, "10000000000000.00", escrow["payment_reference"])

    found = [await balances(service, who(service)) for who in (as_client, as_operator)]

    assert [held[CASH] for held in found] == ["19999999999000.00"] * 2
    assert found[1][BANK] == "20000000000000.00"


async def test_a_tenant_sees_all_of_its_balances_page_by_page(service: MemoryService) -> None:
    await crowd(service, ACCOUNTS_MANY)

    pages = [page async for page in pages_of_balances(service, as_client(service), limit=200)]

    found = [account for page in pages for account in page]
    assert [len(page) for page in pages] == [200] * 5 + [ACCOUNTS_MANY - 1_000]
    assert len(set(found)) == ACCOUNTS_MANY
