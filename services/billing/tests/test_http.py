"""Billing over HTTP: the promises of every route, and money that comes in."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kpo_billing.domain.escrow_facts import escrow_id
from kpo_chassis.testing.http_drive import misbehaviour
from kpo_chassis.testing.http_rules import breaches
from kpo_chassis.testing.service import MemoryService
from kpo_events.billing import (
    EscrowFundedV1,
    EscrowPartFundedV1,
)

from .factories import CLIENT, OPERATOR
from .journeys import (
    BANK_ACCOUNT,
    as_client,
    as_operator,
    balances,
    know_the_parties,
    open_escrow,
    pay,
    seeing,
)

BANK = f"bank:{BANK_ACCOUNT}:EUR"
CASH = f"client_cash:{CLIENT}:EUR"


# Every route ----------------------------------------------------------------------------------------------


async def test_the_document_keeps_every_rule(service: MemoryService) -> None:
    assert breaches((await service.http.get("/openapi.json")).json()) == []


async def test_every_wrong_request_is_refused_as_promised(service: MemoryService) -> None:
    def token_for(scopes: Collection[str]) -> dict[str, str]:
        return {"Authorization": service.token(scopes=tuple(scopes))["Authorization"]}

    assert await misbehaviour(service.http, token_for) == []


# Bank lines -----------------------------------------------------------------------------------------------


async def test_a_payment_with_the_reference_funds_the_escrow(service: MemoryService) -> None:
    escrow = await open_escrow(service)

    answer = await pay(service, "1000.00", f"invoice {escrow['payment_reference'].lower()} thanks")

    assert answer.status_code == 201
    assert answer.json()["allocation"] == {"to": "escrow", "id": escrow["id"]}
    assert len(service.announced(EscrowFundedV1)) == 1
    assert await balances(service, as_operator(service)) == {
        BANK: "1000.00",
        f"escrow:{escrow['id']}:EUR": "1000.00",
    }


async def test_part_payments_add_up_and_the_excess_stays_in_cash(service: MemoryService) -> None:
    escrow = await open_escrow(service)

    await pay(service, "600.00", escrow["payment_reference"])
    await pay(service, "500.00", escrow["payment_reference"])

    assert len(service.announced(EscrowPartFundedV1)) == 1
    assert (await balances(service, as_operator(service)))[CASH] == "100.00"


async def test_the_same_line_again_gives_the_first_answer(service: MemoryService) -> None:
    first = await pay(service, "10.00", reference="N1")

    second = await pay(service, "10.00", reference="N1")

    assert second.status_code == 201
    assert second.json() == first.json()
    assert (await balances(service, as_operator(service)))["unallocated:EUR"] == "10.00"


async def test_the_same_line_with_other_content_clashes(service: MemoryService) -> None:
    await pay(service, "10.00", reference="N1")

    second = await pay(service, "11.00", reference="N1")

    assert second.status_code == 409
    assert second.json()["code"] == "bank_line_differs"
    assert [error["pointer"] for error in second.json()["errors"]] == ["/amount"]


@pytest.mark.parametrize("padded", [" ", "  ", " N1", "N1 ", "N1\n", "\u00a0N1"])
async def test_a_bank_reference_with_blanks_around_it_would_be_another_line_and_is_refused(
    service: MemoryService, padded: str
) -> None:
    answer = await pay(service, "10.00", reference=padded)

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"]) == (422, "/reference")
    assert error["detail"] == "Write the bank's reference without blanks before or after it."


async def test_a_bank_reference_may_have_blanks_inside(service: MemoryService) -> None:
    answer = await pay(service, "10.00", reference="N1 of 2")

    assert answer.json()["reference"] == "N1 of 2"


async def test_the_example_of_a_bank_line_quotes_a_reference_as_billing_makes_them(
    service: MemoryService,
) -> None:
    document = (await service.http.get("/openapi.json")).json()
    body = document["paths"]["/v1/bank-lines"]["post"]["requestBody"]["content"]["application/json"]

    answer = await service.http.post("/v1/bank-lines", json=body["example"], headers=as_operator(service))

    assert (answer.status_code, answer.json()["reason"]) == (201, "unknown_reference")


async def test_an_unknown_reference_leaves_a_task_that_turns_overdue(service: MemoryService) -> None:
    line = (await pay(service, "10.00", "who knows")).json()
    assert (line["state"], line["reason"]) == ("unallocated", "no_reference")

    await service.tick(timedelta(days=6))

    shown = await service.http.get(f"/v1/bank-lines/{line['id']}", headers=as_operator(service))
    assert shown.json()["overdue"] is True
    tasks = await service.http.get("/v1/tasks", headers=as_operator(service))
    assert [(t["action"], t["tenant_id"]) for t in tasks.json()["items"]] == [("allocate", str(OPERATOR))]


async def test_finance_allocates_to_an_escrow(service: MemoryService) -> None:
    escrow = await open_escrow(service)
    line = await pay(service, "1000.00", "forgot the reference")

    answer = await service.http.post(
        f"/v1/bank-lines/{line.json()['id']}/allocate",
        headers=seeing(as_operator(service), line),
        json={"to": "escrow", "id": escrow["id"]},
    )
    await service.settle()

    assert answer.json()["state"] == "allocated"
    assert len(service.announced(EscrowFundedV1)) == 1


async def test_finance_allocates_money_in_another_currency_to_cash(service: MemoryService) -> None:
    await know_the_parties(service)
    escrow = await open_escrow(service)
    line = await pay(service, "5.00", escrow["payment_reference"], currency="USD")
    assert line.json()["reason"] == "wrong_currency"

    await service.http.post(
        f"/v1/bank-lines/{line.json()['id']}/allocate",
        headers=seeing(as_operator(service), line),
        json={"to": "client_cash", "id": str(CLIENT)},
    )

    assert (await balances(service, as_client(service)))[f"client_cash:{CLIENT}:USD"] == "5.00"


async def test_a_line_that_does_not_belong_there_is_not_put_there(service: MemoryService) -> None:
    escrow = await open_escrow(service)
    line = await pay(service, "5.00", currency="USD")

    answer = await service.http.post(
        f"/v1/bank-lines/{line.json()['id']}/allocate",
        headers=seeing(as_operator(service), line),
        json={"to": "escrow", "id": escrow["id"]},
    )

    assert answer.status_code == 409
    assert answer.json()["allowed"] == ["allocate", "return"]


async def test_a_return_ends_with_the_debit_that_quotes_it(service: MemoryService) -> None:
    line = await pay(service, "10.00", "a mistake")
    returning = await service.http.post(
        f"/v1/bank-lines/{line.json()['id']}/return", headers=seeing(as_operator(service), line)
    )

    debit = await pay(service, "10.00", returning.json()["return_reference"], direction="debit")

    assert debit.json()["allocation"] == {"to": "bank_line", "id": line.json()["id"]}
    shown = await service.http.get(f"/v1/bank-lines/{line.json()['id']}", headers=as_operator(service))
    assert shown.json()["state"] == "returned"
    assert await balances(service, as_operator(service)) == {}


@pytest.mark.parametrize(
    ("amount", "pointer"), [("-5.00", "/amount"), ("0.00", "/amount"), ("1.5", "/amount")]
)
async def test_a_malformed_amount_is_refused(service: MemoryService, amount: str, pointer: str) -> None:
    answer = await pay(service, amount)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


async def test_only_the_operator_records_bank_lines(service: MemoryService) -> None:
    client = service.token(tenant=CLIENT, scopes=("billing:read", "billing:payout"))

    answer = await pay(service, "10.00", headers=client)

    assert answer.status_code == 403


async def test_bank_lines_do_not_exist_for_clients(service: MemoryService) -> None:
    line = (await pay(service, "10.00")).json()

    one = await service.http.get(f"/v1/bank-lines/{line['id']}", headers=as_client(service))
    listed = await service.http.get("/v1/bank-lines", headers=as_client(service))

    assert one.status_code == 404
    assert listed.json()["items"] == []


# Escrows --------------------------------------------------------------------------------------------------


async def test_the_client_funds_an_escrow_from_its_cash(service: MemoryService) -> None:
    first, second = await open_escrow(service), await open_escrow(service)
    await pay(service, "2000.00", first["payment_reference"])

    answer = await service.http.post(f"/v1/escrows/{second['id']}/fund-from-cash", headers=as_client(service))

    assert answer.json()["state"] == "funded"
    assert CASH not in await balances(service, as_client(service))


async def test_funding_from_empty_cash_is_refused(service: MemoryService) -> None:
    escrow = await open_escrow(service)

    answer = await service.http.post(f"/v1/escrows/{escrow['id']}/fund-from-cash", headers=as_client(service))

    assert (answer.status_code, answer.json()["code"]) == (409, "no_client_cash")


async def test_the_same_key_funds_once(service: MemoryService) -> None:
    first, second = await open_escrow(service), await open_escrow(service)
    await pay(service, "1300.00", first["payment_reference"])
    headers = as_client(service)

    answers = [
        await service.http.post(f"/v1/escrows/{second['id']}/fund-from-cash", headers=headers)
        for _ in range(2)
    ]

    assert [a.json()["funded"]["amount"] for a in answers] == ["300.00", "300.00"]
    assert answers[1].headers["Idempotency-Replayed"] == "true"


async def test_another_clients_escrow_does_not_exist(service: MemoryService) -> None:
    escrow, stranger = await open_escrow(service), uuid4()

    one = await service.http.get(f"/v1/escrows/{escrow['id']}", headers=as_client(service, stranger))
    fund = await service.http.post(
        f"/v1/escrows/{escrow['id']}/fund-from-cash", headers=as_client(service, stranger)
    )

    assert (one.status_code, fund.status_code) == (404, 404)


async def test_an_escrow_tells_how_to_pay_it_and_by_when(service: MemoryService) -> None:
    escrow = await open_escrow(service)

    assert escrow["payment_reference"].startswith("KPO-")
    assert escrow["due_at"] == "2026-03-16T09:00:00.000Z"
    assert escrow["id"] == str(escrow_id(UUID(escrow["engagement_id"])))
    tasks = await service.http.get("/v1/tasks", headers=as_client(service))
    assert [t["action"] for t in tasks.json()["items"]] == ["fund"]
