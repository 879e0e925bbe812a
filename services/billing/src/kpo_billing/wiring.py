"""Billing put together: settings, collections, use cases and doors, in plain constructor calls."""

from functools import partial

from kpo_billing.adapters.accounts import accounts
from kpo_billing.adapters.bank_lines import bank_lines
from kpo_billing.adapters.escrows import escrows
from kpo_billing.adapters.invoices import invoice_series, invoices
from kpo_billing.adapters.journal import journal
from kpo_billing.adapters.parties import clients, vendors
from kpo_billing.adapters.payouts import payouts
from kpo_billing.app import App
from kpo_billing.domain.party import Policy
from kpo_billing.entrypoints.http import router
from kpo_billing.entrypoints.kafka import handlers
from kpo_billing.entrypoints.timers import clocks
from kpo_billing.settings import BillingSettings
from kpo_billing.use_cases.bank_lines.allocate_bank_line import allocate_bank_line
from kpo_billing.use_cases.bank_lines.mark_bank_line_overdue import mark_bank_line_overdue
from kpo_billing.use_cases.bank_lines.record_bank_line import record_bank_line
from kpo_billing.use_cases.bank_lines.return_bank_line import return_bank_line
from kpo_billing.use_cases.escrows.award_challenge import award_challenge
from kpo_billing.use_cases.escrows.end_without_work import end_without_work
from kpo_billing.use_cases.escrows.end_work import end_work
from kpo_billing.use_cases.escrows.fund_escrow_from_cash import fund_escrow_from_cash
from kpo_billing.use_cases.escrows.lapse_escrow import lapse_escrow
from kpo_billing.use_cases.escrows.note_cancel_wish import note_cancel_wish
from kpo_billing.use_cases.escrows.open_escrow import open_escrow
from kpo_billing.use_cases.escrows.release_milestone import release_milestone
from kpo_billing.use_cases.ledger.list_balances import list_balances
from kpo_billing.use_cases.parties.copy_client import copy_client
from kpo_billing.use_cases.parties.copy_vendor import copy_vendor
from kpo_billing.use_cases.payouts.fail_payout import fail_payout
from kpo_billing.use_cases.payouts.mark_payout_overdue import mark_payout_overdue
from kpo_billing.use_cases.payouts.request_payout import request_payout
from kpo_billing.use_cases.payouts.send_payout import send_payout
from kpo_billing.wire import outgoing
from kpo_chassis.doors import Blueprint, Doors, Engine

DOCUMENTS = (escrows, accounts, bank_lines, payouts, invoices, invoice_series, clients, vendors)


def blueprint(settings: BillingSettings) -> Blueprint:
    """Describe the whole service."""
    policy = settings.policy

    def build(engine: Engine) -> Doors:
        app = build_app(engine, policy)
        return Doors(router(app, engine.reads), handlers(app), clocks(app))

    return Blueprint(
        name="billing",
        description="Escrow, ledger, invoices and payouts, exact to the minor unit.",
        documents=DOCUMENTS,
        entries=(journal,),
        outgoing=outgoing,
        build=build,
    )


def build_app(engine: Engine, policy: Policy) -> App:
    """Bind every use case to what it needs."""
    changes, reads = engine.changes, engine.reads
    return App(
        open_escrow=partial(open_escrow, changes=changes, policy=policy),
        note_cancel_wish=partial(note_cancel_wish, changes=changes),
        fund_escrow_from_cash=partial(fund_escrow_from_cash, changes=changes),
        lapse_escrow=partial(lapse_escrow, changes=changes),
        end_without_work=partial(end_without_work, changes=changes),
        release_milestone=partial(release_milestone, changes=changes, policy=policy),
        award_challenge=partial(award_challenge, changes=changes, policy=policy),
        end_work=partial(end_work, changes=changes),
        record_bank_line=partial(record_bank_line, changes=changes, reads=reads, policy=policy),
        allocate_bank_line=partial(allocate_bank_line, changes=changes),
        return_bank_line=partial(return_bank_line, changes=changes),
        mark_bank_line_overdue=partial(mark_bank_line_overdue, changes=changes),
        request_payout=partial(request_payout, changes=changes, policy=policy),
        send_payout=partial(send_payout, changes=changes),
        fail_payout=partial(fail_payout, changes=changes),
        mark_payout_overdue=partial(mark_payout_overdue, changes=changes),
        copy_client=partial(copy_client, changes=changes),
        copy_vendor=partial(copy_vendor, changes=changes),
        list_balances=partial(list_balances, reads=reads, entries=engine.entries),
    )
