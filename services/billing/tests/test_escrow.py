"""The escrow answers every fact in every state: one test per cell of the fact table.

What happens from funding on is tested in a module of its own.
"""

import pytest

from kpo_billing.domain.account import client_cash, escrow_money
from kpo_billing.domain.errors import MisplacedFactError, NoCashError, NotAwaitingFundsError
from kpo_billing.domain.escrow import Escrow, EscrowStatus
from kpo_billing.domain.escrow_facts import (
    EscrowFunded,
    EscrowLapsed,
    EscrowOpened,
    EscrowPartFunded,
    Outcome,
    Sums,
)
from kpo_billing.domain.part import Mode

from .factories import (
    CLIENT,
    FUND_BY,
    NOW,
    an_engagement,
    an_escrow,
    eur,
    moved,
    some_terms,
)

AWAITING, FUNDED = EscrowStatus.AWAITING_FUNDS, EscrowStatus.FUNDED
SETTLED, LAPSED = EscrowStatus.SETTLED, EscrowStatus.LAPSED
EMPTY = Sums(eur(0), eur(0), eur(0), eur(0))

CASH = str(client_cash(CLIENT, "EUR"))


def account_of(escrow: Escrow) -> str:
    return str(escrow_money(escrow.id, CLIENT, "EUR"))


# engagement.submitted -------------------------------------------------------------------------------------


def test_submitted_opens_an_escrow_that_awaits_funds() -> None:
    engagement, terms = an_engagement(), some_terms()

    opened = Escrow.expect(engagement).open(terms)

    assert opened.state.status is AWAITING
    assert opened.facts == (EscrowOpened(engagement, terms),)
    assert opened.state.due_at == FUND_BY


def test_submitted_after_a_remembered_end_opens_and_lapses_at_once() -> None:
    engagement, terms = an_engagement(), some_terms()
    expected = Escrow.expect(engagement).end_without_work(Outcome.UNFILLED, NOW).state

    opened = expected.open(terms)

    assert opened.state.status is LAPSED
    assert opened.facts == (
        EscrowOpened(engagement, terms),
        EscrowLapsed(engagement, Mode.ASSIGNMENT, Outcome.UNFILLED, EMPTY),
    )
    assert not opened.transactions


@pytest.mark.parametrize("status", [AWAITING, FUNDED, SETTLED, LAPSED])
def test_submitted_twice_is_a_bug(status: EscrowStatus) -> None:
    escrow = an_escrow(status)

    with pytest.raises(MisplacedFactError):
        escrow.open(some_terms())


# cancel wish ----------------------------------------------------------------------------------------------


def test_cancel_wish_before_the_engagement_is_remembered() -> None:
    expected = Escrow.expect(an_engagement())

    wished = expected.wish_cancel(NOW)

    assert wished.state.outcome is Outcome.CANCELLED
    assert wished.state.status is EscrowStatus.EXPECTED
    assert not wished.facts


def test_the_first_remembered_end_wins() -> None:
    expected = Escrow.expect(an_engagement()).end_without_work(Outcome.UNFILLED, NOW).state

    wished = expected.wish_cancel(NOW)

    assert wished.state.outcome is Outcome.UNFILLED


def test_cancel_wish_while_awaiting_lapses_and_returns_part_money_to_the_clients_cash() -> None:
    escrow = an_escrow(AWAITING, paid_in=30_000)

    wished = escrow.wish_cancel(NOW)

    assert wished.state.status is LAPSED
    assert wished.facts == (
        EscrowLapsed(
            escrow.engagement,
            Mode.ASSIGNMENT,
            Outcome.CANCELLED,
            Sums(eur(30_000), eur(0), eur(0), eur(30_000)),
        ),
    )
    assert moved(wished) == {account_of(escrow): 30_000, CASH: -30_000}


@pytest.mark.parametrize("status", [FUNDED, SETTLED, LAPSED])
def test_cancel_wish_after_funding_is_another_holders_to_answer(status: EscrowStatus) -> None:
    escrow = an_escrow(status)

    wished = escrow.wish_cancel(NOW)

    assert wished.state == escrow
    assert not wished.facts


# bank line ------------------------------------------------------------------------------------------------


def test_part_payment_adds_up() -> None:
    escrow = an_escrow(AWAITING, paid_in=30_000)

    paid = escrow.receive(eur(20_000), NOW)

    assert paid.state.status is AWAITING
    assert paid.facts == (
        EscrowPartFunded(escrow.engagement, Mode.ASSIGNMENT, eur(20_000), eur(50_000), eur(50_000), FUND_BY),
    )
    assert moved(paid) == {CASH: 20_000, account_of(escrow): -20_000}


def test_the_rest_funds_the_escrow_and_ends_its_clock() -> None:
    escrow = an_escrow(AWAITING, paid_in=30_000)

    paid = escrow.receive(eur(70_000), NOW)

    assert paid.state.status is FUNDED
    assert paid.facts == (EscrowFunded(escrow.engagement, Mode.ASSIGNMENT, eur(100_000)),)
    assert paid.state.due_at is None
    assert paid.state.tasks == ()


def test_excess_stays_in_the_clients_cash() -> None:
    escrow = an_escrow(AWAITING, paid_in=30_000)

    paid = escrow.receive(eur(90_000), NOW)

    assert paid.state.status is FUNDED
    assert moved(paid) == {CASH: 70_000, account_of(escrow): -70_000}


@pytest.mark.parametrize("status", [FUNDED, SETTLED, LAPSED])
def test_payment_after_funding_stays_in_the_clients_cash_whole(status: EscrowStatus) -> None:
    escrow = an_escrow(status)

    paid = escrow.receive(eur(10_000), NOW)

    assert paid.state == escrow
    assert not paid.transactions


def test_payment_before_there_is_a_reference_is_a_bug() -> None:
    expected = Escrow.expect(an_engagement())

    with pytest.raises(MisplacedFactError):
        expected.receive(eur(10_000), NOW)


# fund-from-cash -------------------------------------------------------------------------------------------


def test_fund_from_cash_takes_all_the_cash_when_it_is_less_than_what_is_missing() -> None:
    escrow = an_escrow(AWAITING)

    paid = escrow.fund_from_cash(eur(40_000), NOW)

    assert paid.state.missing == eur(60_000)
    assert isinstance(paid.facts[0], EscrowPartFunded)


def test_fund_from_cash_takes_only_what_is_missing() -> None:
    escrow = an_escrow(AWAITING)

    paid = escrow.fund_from_cash(eur(400_000), NOW)

    assert paid.state.status is FUNDED
    assert moved(paid) == {CASH: 100_000, account_of(escrow): -100_000}


def test_fund_from_empty_cash_is_refused() -> None:
    escrow = an_escrow(AWAITING)

    with pytest.raises(NoCashError):
        escrow.fund_from_cash(eur(0), NOW)


@pytest.mark.parametrize("status", [EscrowStatus.EXPECTED, FUNDED, SETTLED, LAPSED])
def test_fund_from_cash_is_refused_unless_funds_are_awaited(status: EscrowStatus) -> None:
    escrow = an_escrow(status)

    with pytest.raises(NotAwaitingFundsError):
        escrow.fund_from_cash(eur(10_000), NOW)


def test_every_funding_has_a_transaction_of_its_own() -> None:
    first = an_escrow(AWAITING).receive(eur(10_000), NOW)
    second = first.state.receive(eur(10_000), NOW)

    assert first.transactions[0].id != second.transactions[0].id


# fund_by --------------------------------------------------------------------------------------------------


def test_fund_by_lapses_and_returns_part_money() -> None:
    escrow = an_escrow(AWAITING, paid_in=99_999)

    passed = escrow.pass_fund_by(NOW)

    assert passed.state.status is LAPSED
    assert passed.state.outcome is Outcome.LAPSED
    assert moved(passed) == {account_of(escrow): 99_999, CASH: -99_999}


def test_fund_by_without_any_payment_moves_no_money() -> None:
    escrow = an_escrow(AWAITING)

    passed = escrow.pass_fund_by(NOW)

    assert passed.facts == (EscrowLapsed(escrow.engagement, Mode.ASSIGNMENT, Outcome.LAPSED, EMPTY),)
    assert not passed.transactions


@pytest.mark.parametrize("status", [EscrowStatus.EXPECTED, FUNDED, SETTLED, LAPSED])
def test_fund_by_in_any_other_state_does_nothing(status: EscrowStatus) -> None:
    escrow = an_escrow(status)

    passed = escrow.pass_fund_by(NOW)

    assert passed.state == escrow


# Who may know, who must act -------------------------------------------------------------------------------


def test_the_client_is_the_only_party_and_has_to_pay() -> None:
    escrow = an_escrow(AWAITING)

    assert escrow.parties == {CLIENT}
    assert [(task.tenant, task.action, task.until) for task in escrow.tasks] == [(CLIENT, "fund", FUND_BY)]


def test_an_expected_escrow_is_nobodys_business() -> None:
    expected = Escrow.expect(an_engagement())

    assert expected.parties == frozenset()
    assert expected.tasks == ()
    assert expected.due_at is None


def test_an_engagement_has_one_escrow() -> None:
    engagement = an_engagement()

    assert Escrow.expect(engagement).id == Escrow.expect(engagement).id
    assert Escrow.expect(engagement).id != Escrow.expect(an_engagement()).id
