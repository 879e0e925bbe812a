"""Billing's routes: parse, call one use case, shape the answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, Security

from kpo_billing.app import App
from kpo_billing.domain.bank_line import Allocation, BankLine, BankLineStatus
from kpo_billing.domain.errors import OverdrawnError
from kpo_billing.domain.escrow import Escrow, EscrowStatus
from kpo_billing.domain.invoice import Invoice, InvoiceStatus
from kpo_billing.domain.payout import Payout, PayoutStatus
from kpo_billing.entrypoints.bodies import (
    AllocateBody,
    BalanceBody,
    BankLineBody,
    EscrowBody,
    FailBody,
    InvoiceBody,
    PayoutBody,
    RecordBankLineBody,
    RequestPayoutBody,
    balance_body,
    bank_line_body,
    escrow_body,
    invoice_body,
    payout_body,
)
from kpo_billing.use_cases.bank_lines.allocate_bank_line import AllocateBankLine
from kpo_billing.use_cases.bank_lines.record_bank_line import RecordBankLine
from kpo_billing.use_cases.bank_lines.return_bank_line import ReturnBankLine
from kpo_billing.use_cases.escrows.fund_escrow_from_cash import FundEscrowFromCash
from kpo_billing.use_cases.ledger.list_balances import ListBalances
from kpo_billing.use_cases.payouts.fail_payout import FailPayout
from kpo_billing.use_cases.payouts.request_payout import RequestPayout
from kpo_billing.use_cases.payouts.send_payout import SendPayout
from kpo_chassis.http import (
    LIMIT_DEFAULT,
    Cursor,
    Limit,
    PageBody,
    Reading,
    add_reading,
    caller,
    command,
    edge_of,
    only_parameters,
    reply,
    seen_command,
)
from kpo_chassis.kernel import Caller, Command, Reads
from kpo_chassis.money import Money
from kpo_events.money import written

READ = "billing:read"
FUND = "billing:fund"
OPERATOR = ["operator", "billing:payout"]
"""What the operator's finance does needs both scopes."""


@contextmanager
def _amounts_told() -> Iterator[None]:
    """Let who asks for too much read both amounts, in the decimals of their currency."""
    try:
        yield
    except OverdrawnError as error:
        error.detail = f"{error.holder} holds {_told(error.held)}; {_told(error.asked)} are asked."
        raise


def _told(amount: Money) -> str:
    return f"{written(amount.minor, amount.currency)} {amount.currency}"


def router(app: App, reads: Reads) -> APIRouter:
    """Give all routes of the service."""
    routes = APIRouter()
    for part in (_escrows(app, reads), _bank_lines(app, reads), _payouts(app, reads), _documents(app, reads)):
        routes.include_router(part)
    return routes


def _escrows(app: App, reads: Reads) -> APIRouter:
    routes = APIRouter(tags=["escrows"])
    add_reading(
        routes,
        reads,
        Reading(
            kind=Escrow,
            path="/v1/escrows",
            name="escrow",
            plural="escrows",
            body=EscrowBody,
            shape=escrow_body,
            scope=READ,
            statuses=EscrowStatus,
        ),
    )

    @routes.post("/v1/escrows/{escrow_id}/fund-from-cash")
    async def fund_escrow_from_cash(
        escrow_id: UUID,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[FUND])],
    ) -> EscrowBody:
        """Pay what is missing, or as much of it as your cash holds."""
        stored = await app.fund_escrow_from_cash(FundEscrowFromCash(escrow_id), cause)
        return reply(response, stored, escrow_body)

    return routes


def _bank_lines(app: App, reads: Reads) -> APIRouter:
    routes = APIRouter(tags=["bank lines"])
    add_reading(
        routes,
        reads,
        Reading(
            kind=BankLine,
            path="/v1/bank-lines",
            name="bank_line",
            plural="bank_lines",
            body=BankLineBody,
            shape=bank_line_body,
            scope=READ,
            statuses=BankLineStatus,
        ),
    )

    @routes.post("/v1/bank-lines", status_code=201)
    async def record_bank_line(
        body: RecordBankLineBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=OPERATOR)],
    ) -> BankLineBody:
        """Record a line of a bank statement; the same line again gives the first answer."""
        stored = await app.record_bank_line(RecordBankLine(body.statement), cause)
        return reply(response, stored, bank_line_body, location=f"/v1/bank-lines/{stored.state.id}")

    @routes.post("/v1/bank-lines/{bank_line_id}/allocate")
    async def allocate_bank_line(
        bank_line_id: UUID,
        body: AllocateBody,
        response: Response,
        cause: Annotated[Command, Security(seen_command, scopes=OPERATOR)],
    ) -> BankLineBody:
        """Say to what an unallocated line belongs."""
        chosen = AllocateBankLine(bank_line_id, Allocation(body.to, body.id))
        return reply(response, await app.allocate_bank_line(chosen, cause), bank_line_body)

    @routes.post("/v1/bank-lines/{bank_line_id}/return")
    async def return_bank_line(
        bank_line_id: UUID,
        response: Response,
        cause: Annotated[Command, Security(seen_command, scopes=OPERATOR)],
    ) -> BankLineBody:
        """Decide to send an unallocated credit back; quote its return_reference when you do."""
        stored = await app.return_bank_line(ReturnBankLine(bank_line_id), cause)
        return reply(response, stored, bank_line_body)

    return routes


def _payouts(app: App, reads: Reads) -> APIRouter:
    routes = APIRouter(tags=["payouts"])
    add_reading(
        routes,
        reads,
        Reading(
            kind=Payout,
            path="/v1/payouts",
            name="payout",
            plural="payouts",
            body=PayoutBody,
            shape=payout_body,
            scope=READ,
            statuses=PayoutStatus,
        ),
    )

    @routes.post("/v1/payouts", status_code=201)
    async def request_payout(
        body: RequestPayoutBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[FUND])],
    ) -> PayoutBody:
        """Ask for your own cash back."""
        with _amounts_told():
            stored = await app.request_payout(RequestPayout(body.money), cause)
        return reply(response, stored, payout_body, location=f"/v1/payouts/{stored.state.id}")

    @routes.post("/v1/payouts/{payout_id}/send")
    async def send_payout(
        payout_id: UUID,
        response: Response,
        cause: Annotated[Command, Security(seen_command, scopes=OPERATOR)],
    ) -> PayoutBody:
        """Note that the bank is told to pay, quoting the reference in the answer."""
        with _amounts_told():
            return reply(response, await app.send_payout(SendPayout(payout_id), cause), payout_body)

    @routes.post("/v1/payouts/{payout_id}/fail")
    async def fail_payout(
        payout_id: UUID,
        body: FailBody,
        response: Response,
        cause: Annotated[Command, Security(seen_command, scopes=OPERATOR)],
    ) -> PayoutBody:
        """Note that the bank refused; the money is payable again."""
        stored = await app.fail_payout(FailPayout(payout_id, body.reason), cause)
        return reply(response, stored, payout_body)

    return routes


def _documents(app: App, reads: Reads) -> APIRouter:
    routes = APIRouter(tags=["invoices and ledger"])
    add_reading(
        routes,
        reads,
        Reading(
            kind=Invoice,
            path="/v1/invoices",
            name="invoice",
            plural="invoices",
            body=InvoiceBody,
            shape=invoice_body,
            scope=READ,
            statuses=InvoiceStatus,
        ),
    )

    @routes.get("/v1/ledger/balances", dependencies=[Depends(only_parameters("limit", "cursor"))])
    async def list_balances(
        request: Request,
        who: Annotated[Caller, Security(caller, scopes=[READ])],
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> PageBody[BalanceBody]:
        """List the accounts that are not empty: yours; for the operator, the whole ledger."""
        cursors, filters = edge_of(request).cursors, ("balances",)
        after = cursors.open(cursor, filters) if cursor else None
        found = await app.list_balances(ListBalances(after, limit + 1), who)
        shown = found[:limit]
        more = cursors.seal(shown[-1].account, filters) if len(found) > limit else None
        return PageBody[BalanceBody](items=tuple(map(balance_body, shown)), next_cursor=more)

    return routes
