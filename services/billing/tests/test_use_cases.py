"""What use cases add to the rules: what they look up before, and what they check again."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from kpo_billing.domain.account import client_cash, escrow_money
from kpo_billing.domain.bank_line import BankLine, BankLineStatus, Direction, Reason
from kpo_billing.domain.errors import MisplacedFactError, OverdrawnError
from kpo_billing.domain.escrow import Escrow, EscrowStatus
from kpo_billing.domain.escrow_facts import Engagement, Outcome
from kpo_billing.domain.invoice import Invoice, InvoiceKind
from kpo_billing.domain.part import Mode
from kpo_billing.domain.payout import Payout, PayoutStatus
from kpo_billing.use_cases.bank_lines.record_bank_line import RecordBankLine, record_bank_line
from kpo_billing.use_cases.escrows.end_without_work import EndWithoutWork, end_without_work
from kpo_billing.use_cases.escrows.open_escrow import OpenEscrow, open_escrow
from kpo_billing.use_cases.escrows.release_milestone import ReleaseMilestone, release_milestone
from kpo_billing.use_cases.payouts.request_payout import RequestPayout, request_payout
from kpo_chassis.kernel import Aggregate, Caller, Command, NotFoundError, PersonId, Stored, TenantId

from .factories import (
    CLIENT,
    FUND_BY,
    a_client,
    a_due,
    a_payout,
    a_policy,
    a_statement,
    a_vendor,
    an_account,
    an_engagement,
    an_escrow,
    eur,
)
from .world import World, run


def a_world(*states: Aggregate) -> World:
    world = World()
    for state in states:
        world.states[type(state), state.id] = state
    return world


def a_cause(key: str = "1", tenant: TenantId = CLIENT) -> Command:
    return Command(Caller(PersonId(UUID(int=1)), tenant, frozenset()), key, f"fingerprint of {key}")


def record(world: World, remittance: str, direction: Direction = Direction.CREDIT) -> Stored[BankLine]:
    amount = eur(36_000)
    command = RecordBankLine(a_statement(direction, amount, remittance))
    return run(record_bank_line(command, a_cause(), changes=world, reads=world, policy=a_policy()))


def release(world: World, engagement: Engagement, fee_basis_points: int = 1_000) -> Stored[Escrow]:
    command = ReleaseMilestone(engagement, a_due(40_000))
    policy = a_policy(fee_basis_points)
    return run(release_milestone(command, a_cause(), changes=world, policy=policy))


def test_a_line_with_two_references_is_not_guessed() -> None:
    escrows = [an_escrow(), an_escrow()]
    references = [escrow.terms.payment_reference for escrow in escrows if escrow.terms]

    stored = record(a_world(*escrows), " ".join(references))

    assert stored.state.reason is Reason.SEVERAL_REFERENCES


def test_a_reference_that_two_escrows_share_is_not_guessed() -> None:
    escrow = an_escrow()
    twin = replace(an_escrow(), terms=escrow.terms)
    assert escrow.terms

    stored = record(a_world(escrow, twin), escrow.terms.payment_reference)

    assert stored.state.reason is Reason.SEVERAL_REFERENCES


def test_a_reference_that_nobody_has_is_unknown() -> None:
    escrow = an_escrow()
    assert escrow.terms

    stored = record(a_world(), escrow.terms.payment_reference)

    assert stored.state.reason is Reason.UNKNOWN_REFERENCE


def test_a_debit_with_the_reference_of_an_older_attempt_books_nothing() -> None:
    first = a_payout(PayoutStatus.SENT)
    second = replace(first, attempt=2, reference="KPP-AAAA-AAAA-AAAA-00")
    reads, changes = a_world(first), a_world(second)  # Looked up before the second attempt, decided after.

    command = RecordBankLine(a_statement(Direction.DEBIT, eur(36_000), first.reference or ""))
    stored = run(record_bank_line(command, a_cause(), changes=changes, reads=reads, policy=a_policy()))

    assert stored.state.status is BankLineStatus.UNALLOCATED
    assert stored.state.reason is Reason.UNKNOWN_REFERENCE


def test_an_end_that_came_first_is_remembered_until_the_escrow_opens() -> None:
    world, engagement = a_world(), an_engagement()

    run(end_without_work(EndWithoutWork(engagement, Outcome.UNFILLED), a_cause(), changes=world))
    command = OpenEscrow(engagement, Mode.ASSIGNMENT, eur(100_000), FUND_BY)
    stored = run(open_escrow(command, a_cause(), changes=world, policy=a_policy()))

    assert stored.state.status is EscrowStatus.LAPSED


def test_a_release_needs_both_parties_particulars() -> None:
    escrow = an_escrow(EscrowStatus.FUNDED)

    with pytest.raises(NotFoundError):
        release(a_world(escrow, a_client()), escrow.engagement)


def test_a_release_makes_two_documents_and_one_payout() -> None:
    escrow = an_escrow(EscrowStatus.FUNDED)
    world = a_world(escrow, a_client(), a_vendor(), *_money_of(escrow))

    release(world, escrow.engagement)

    bills = {invoice.bill.kind: invoice.bill for invoice in world.all(Invoice)}
    assert bills[InvoiceKind.VENDOR].net == eur(40_000)
    assert bills[InvoiceKind.FEE].net == eur(4_000)
    assert [payout.order.amount for payout in world.all(Payout)] == [eur(36_000)]


def test_a_release_without_a_fee_makes_no_fee_document() -> None:
    escrow = an_escrow(EscrowStatus.FUNDED, fee_basis_points=0)
    world = a_world(escrow, a_client(), a_vendor(), *_money_of(escrow))

    release(world, escrow.engagement)

    assert [invoice.bill.kind for invoice in world.all(Invoice)] == [InvoiceKind.VENDOR]


def test_a_milestone_is_not_released_twice() -> None:
    escrow = an_escrow(EscrowStatus.FUNDED)
    world = a_world(escrow, a_client(), a_vendor(), *_money_of(escrow))
    release(world, escrow.engagement)

    with pytest.raises(MisplacedFactError):
        release(world, escrow.engagement)


def test_the_same_request_for_a_payout_makes_one_payout_for_ever() -> None:
    world = a_world(an_account(client_cash(CLIENT, "EUR"), 500))
    command = RequestPayout(eur(200))

    for _ in range(2):  # The second time after the stored answer was forgotten.
        run(request_payout(command, a_cause("same"), changes=world, policy=a_policy()))

    assert len(world.all(Payout)) == 1


def test_other_tenants_cash_is_never_touched() -> None:
    world = a_world(an_account(client_cash(CLIENT, "EUR"), 500))
    stranger = a_cause(tenant=TenantId(uuid4()))

    with pytest.raises(OverdrawnError):
        run(request_payout(RequestPayout(eur(200)), stranger, changes=world, policy=a_policy()))


def _money_of(escrow: Escrow) -> list[Aggregate]:
    """Give the account that holds what the escrow says it holds."""
    return [an_account(escrow_money(escrow.id, CLIENT, "EUR"), escrow.held.minor)]
