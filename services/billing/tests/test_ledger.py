"""The ledger books balanced transactions by known recipes, and guards what somebody is owed."""

import pytest

from kpo_billing.domain.account import (
    BALANCE_MINOR_MAX,
    Account,
    AccountName,
    bank,
    client_cash,
    escrow_money,
    fee_revenue,
    unallocated,
    vendor_payable,
)
from kpo_billing.domain.errors import OverdrawnError, UnbalancedError
from kpo_billing.domain.escrow import Escrow
from kpo_billing.domain.ledger import Booked, Leg, Transaction, account_ref, book
from kpo_billing.domain.recipes import RECIPES, Occasion, Rule, post, transfer
from kpo_chassis.kernel import Decisions, Needs, States, inner_maybe

from .factories import CLIENT, NOW, VENDOR, an_account, an_escrow, eur

CASH = client_cash(CLIENT, "EUR")
BANK = bank("NL91", "EUR")
WHY = Occasion("test/1", NOW)


@pytest.mark.parametrize(
    "legs",
    [
        (),
        (Leg(CASH, 0), Leg(BANK, 0)),
        (Leg(CASH, 100),),
        (Leg(CASH, -100), Leg(BANK, 99)),
        (Leg(CASH, -100), Leg(bank("NL91", "USD"), 100)),
    ],
)
def test_a_transaction_that_does_not_balance_cannot_be_made(legs: tuple[Leg, ...]) -> None:
    with pytest.raises(UnbalancedError):
        Transaction("test:1", "received", NOW, legs)


def test_every_rule_has_a_recipe() -> None:
    assert set(RECIPES) == set(Rule)


def test_a_recipe_refuses_accounts_that_it_does_not_know() -> None:
    with pytest.raises(UnbalancedError):
        transfer(Rule.FUNDED, WHY, eur(1), debit=vendor_payable(VENDOR, "EUR"), credit=CASH)


def test_a_transaction_is_named_by_its_occasion_and_rule() -> None:
    booked = transfer(Rule.RECEIVED, WHY, eur(1), debit=BANK, credit=CASH)

    assert booked.id == "test/1:received"


def test_post_leaves_out_what_is_nothing() -> None:
    escrow = an_escrow()
    account = escrow_money(escrow.id, CLIENT, "EUR")

    booked = post(
        Rule.RELEASED,
        WHY,
        debits={account: eur(5)},
        credits={vendor_payable(VENDOR, "EUR"): eur(5), fee_revenue("EUR"): eur(0)},
    )

    assert [leg.minor for leg in booked.legs] == [5, -5]


def test_an_account_name_tells_kind_owner_and_currency() -> None:
    assert str(CASH) == f"client_cash:{CLIENT}:EUR"
    assert str(unallocated("JPY")) == "unallocated:JPY"
    assert CASH.id != client_cash(CLIENT, "USD").id


def test_a_guarded_account_never_goes_below_zero() -> None:
    account = an_account(CASH, 100)

    with pytest.raises(OverdrawnError, match=f"{CASH} holds 100 minor units; 101 are asked"):
        account.post(101)

    assert account.post(100).balance == 0


def test_a_balance_stays_within_64_bits() -> None:
    account = an_account(CASH, BALANCE_MINOR_MAX)

    with pytest.raises(OverdrawnError):
        account.post(-1)


def test_book_asks_for_what_it_writes() -> None:
    escrow = an_escrow()
    booked = Booked(escrow, (), (transfer(Rule.RECEIVED, WHY, eur(1), debit=BANK, credit=CASH),))

    answer = book(States({}), booked)

    assert answer == Needs((account_ref(CASH), inner_maybe(Escrow, escrow.id)))


def test_book_moves_balances_in_the_order_of_the_transactions() -> None:
    escrow = an_escrow()
    money = escrow_money(escrow.id, CLIENT, "EUR")
    receive = transfer(Rule.RECEIVED, WHY, eur(70), debit=BANK, credit=CASH)
    fund = transfer(Rule.FUNDED, WHY, eur(70), debit=CASH, credit=money)

    answer = book(_loaded(escrow, CASH, money), Booked(escrow, (), (receive, fund)))

    assert isinstance(answer, Decisions)
    balances = [d.state.balance for d in answer.decisions if isinstance(d.state, Account)]
    assert balances == [0, 70]
    assert answer.entries == (receive, fund)


def test_book_refuses_to_overdraw() -> None:
    escrow = an_escrow()
    money = escrow_money(escrow.id, CLIENT, "EUR")
    fund = transfer(Rule.FUNDED, WHY, eur(71), debit=CASH, credit=money)

    with pytest.raises(OverdrawnError):
        book(_loaded(escrow, CASH, money, balance=70), Booked(escrow, (), (fund,)))


def _loaded(escrow: Escrow, cash: AccountName, money: AccountName, balance: int = 0) -> States:
    return States(
        {
            inner_maybe(Escrow, escrow.id): escrow,
            account_ref(cash): an_account(cash, balance),
            account_ref(money): None,
        }
    )
