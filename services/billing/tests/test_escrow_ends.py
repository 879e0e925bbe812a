"""The escrow's facts from funding to the last word, in every state: one test per cell of the fact table."""

import pytest

from kpo_billing.domain.account import client_cash, escrow_money, fee_revenue, vendor_payable
from kpo_billing.domain.errors import MisplacedFactError
from kpo_billing.domain.escrow import Escrow, EscrowStatus
from kpo_billing.domain.escrow_facts import (
    EscrowLapsed,
    EscrowReleased,
    EscrowSettled,
    Outcome,
    Release,
    Sums,
)
from kpo_billing.domain.part import Mode
from kpo_chassis.money import Money

from .factories import (
    CLIENT,
    NOW,
    VENDOR,
    a_due,
    an_engagement,
    an_escrow,
    eur,
    moved,
)

AWAITING, FUNDED = EscrowStatus.AWAITING_FUNDS, EscrowStatus.FUNDED
SETTLED, LAPSED = EscrowStatus.SETTLED, EscrowStatus.LAPSED

CASH = str(client_cash(CLIENT, "EUR"))


def account_of(escrow: Escrow) -> str:
    return str(escrow_money(escrow.id, CLIENT, "EUR"))


# match.ended ----------------------------------------------------------------------------------------------


def test_match_ended_before_the_engagement_is_remembered() -> None:
    expected = Escrow.expect(an_engagement())

    ended = expected.end_without_work(Outcome.UNFILLED, NOW)

    assert ended.state.outcome is Outcome.UNFILLED
    assert ended.state.tasks == ()


def test_match_ended_while_awaiting_lapses() -> None:
    escrow = an_escrow(AWAITING, paid_in=1)

    ended = escrow.end_without_work(Outcome.UNFILLED, NOW)

    assert ended.facts == (
        EscrowLapsed(
            escrow.engagement, Mode.ASSIGNMENT, Outcome.UNFILLED, Sums(eur(1), eur(0), eur(0), eur(1))
        ),
    )


def test_match_ended_when_funded_refunds_everything_and_settles() -> None:
    escrow = an_escrow(FUNDED)

    ended = escrow.end_without_work(Outcome.UNFILLED, NOW)

    assert ended.state.status is SETTLED
    assert ended.facts == (
        EscrowSettled(
            escrow.engagement,
            Mode.ASSIGNMENT,
            Outcome.UNFILLED,
            Sums(eur(100_000), eur(0), eur(0), eur(100_000)),
        ),
    )
    assert moved(ended) == {account_of(escrow): 100_000, CASH: -100_000}


@pytest.mark.parametrize("status", [SETTLED, LAPSED])
def test_match_ended_after_the_end_changes_nothing(status: EscrowStatus) -> None:
    escrow = an_escrow(status)

    ended = escrow.end_without_work(Outcome.UNFILLED, NOW)

    assert ended.state == escrow


# milestone_accepted ---------------------------------------------------------------------------------------


def test_accepted_milestone_releases_net_to_the_vendor_and_the_fee_to_the_operator() -> None:
    escrow, due = an_escrow(FUNDED), a_due(40_005)

    released = escrow.release(due, NOW)

    assert released.facts == (
        EscrowReleased(escrow.engagement, Release(due, net=eur(36_004), fee=eur(4_001))),
    )
    assert moved(released) == {
        account_of(escrow): 40_005,
        str(vendor_payable(VENDOR, "EUR")): -36_004,
        str(fee_revenue("EUR")): -4_001,
    }
    assert released.state.held == eur(59_995)


def test_release_without_a_fee_books_two_legs() -> None:
    escrow = an_escrow(FUNDED, fee_basis_points=0)

    released = escrow.release(a_due(40_000), NOW)

    assert len(released.transactions[0].legs) == 2


@pytest.mark.parametrize("status", [AWAITING, SETTLED, LAPSED])
def test_accepted_milestone_without_funds_is_a_bug(status: EscrowStatus) -> None:
    escrow = an_escrow(status)

    with pytest.raises(MisplacedFactError):
        escrow.release(a_due(), NOW)


def test_accepted_milestone_of_an_expected_escrow_is_a_bug() -> None:
    with pytest.raises(MisplacedFactError):
        Escrow.expect(an_engagement()).release(a_due(), NOW)


def test_releasing_more_than_is_held_is_a_bug() -> None:
    escrow = an_escrow(FUNDED)

    with pytest.raises(MisplacedFactError):
        escrow.release(a_due(100_001), NOW)


# workorder.completed, cancelled ---------------------------------------------------------------------------


def test_completed_work_settles_to_the_minor_unit() -> None:
    escrow = an_escrow(FUNDED, amount=Money(99_999, "EUR"))
    first = escrow.release(a_due(33_333, 1), NOW).state
    second = first.release(a_due(66_666, 2), NOW).state

    ended = second.end_work(Outcome.COMPLETED, NOW)

    assert ended.state.status is SETTLED
    assert ended.facts == (
        EscrowSettled(
            escrow.engagement,
            Mode.ASSIGNMENT,
            Outcome.COMPLETED,
            Sums(eur(99_999), eur(89_999), eur(10_000), eur(0)),
        ),
    )
    assert not ended.transactions


def test_cancelled_work_refunds_the_rest_without_a_fee() -> None:
    escrow = an_escrow(FUNDED)
    released = escrow.release(a_due(40_000), NOW).state

    ended = released.end_work(Outcome.CANCELLED, NOW)

    assert moved(ended) == {account_of(escrow): 60_000, CASH: -60_000}
    assert ended.state.held == eur(0)


@pytest.mark.parametrize("status", [SETTLED, LAPSED])
def test_ended_work_after_the_end_changes_nothing(status: EscrowStatus) -> None:
    escrow = an_escrow(status)

    ended = escrow.end_work(Outcome.COMPLETED, NOW)

    assert ended.state == escrow


@pytest.mark.parametrize("status", [EscrowStatus.EXPECTED, AWAITING])
def test_ended_work_before_funding_is_a_bug(status: EscrowStatus) -> None:
    escrow = an_escrow(status)

    with pytest.raises(MisplacedFactError):
        escrow.end_work(Outcome.COMPLETED, NOW)
