"""The escrow of a challenge answers what names the challenge, in every state: one test per cell."""

from dataclasses import replace

import pytest

from kpo_billing.domain.account import client_cash, escrow_money, fee_revenue, vendor_payable
from kpo_billing.domain.errors import MisplacedFactError
from kpo_billing.domain.escrow import Escrow, EscrowStatus
from kpo_billing.domain.escrow_facts import (
    EscrowFunded,
    EscrowLapsed,
    EscrowOpened,
    EscrowPartFunded,
    EscrowReleased,
    EscrowSettled,
    Outcome,
    Release,
    Sums,
)
from kpo_billing.domain.part import Mode
from kpo_chassis.kernel import TenantId
from kpo_chassis.money import Money

from .factories import (
    CLIENT,
    FUND_BY,
    NOW,
    OPERATOR,
    VENDOR,
    a_due,
    a_prize,
    an_engagement,
    an_escrow,
    eur,
    moved,
    some_terms,
)

EXPECTED, AWAITING, FUNDED = EscrowStatus.EXPECTED, EscrowStatus.AWAITING_FUNDS, EscrowStatus.FUNDED
SETTLED, LAPSED = EscrowStatus.SETTLED, EscrowStatus.LAPSED
CHALLENGE = Mode.CHALLENGE

CASH = str(client_cash(CLIENT, "EUR"))
OTHER_VENDOR = TenantId(OPERATOR)


def a_purse(
    status: EscrowStatus = FUNDED, *, paid_in: int | None = None, fee_basis_points: int = 1_000
) -> Escrow:
    """Make the escrow of a challenge with a purse of 1,000.00."""
    if status is EXPECTED:
        return Escrow.expect(an_engagement())
    return an_escrow(status, paid_in=paid_in, fee_basis_points=fee_basis_points, mode=CHALLENGE)


def account_of(escrow: Escrow) -> str:
    return str(escrow_money(escrow.id, CLIENT, "EUR"))


# engagement.submitted, bank line, fund-from-cash ----------------------------------------------------------


def test_submitted_opens_the_purse_and_says_that_it_is_one() -> None:
    engagement, terms = an_engagement(), some_terms(mode=CHALLENGE)

    opened = Escrow.expect(engagement).open(terms)

    assert opened.facts == (EscrowOpened(engagement, terms),)
    assert opened.state.mode is CHALLENGE


def test_money_fills_the_purse_as_it_fills_any_escrow() -> None:
    purse = a_purse(AWAITING)

    part = purse.receive(eur(40_000), NOW)
    full = part.state.fund_from_cash(eur(90_000), NOW)

    assert part.facts == (
        EscrowPartFunded(purse.engagement, CHALLENGE, eur(40_000), eur(40_000), eur(60_000), FUND_BY),
    )
    assert full.facts == (EscrowFunded(purse.engagement, CHALLENGE, eur(100_000)),)


# cancel wish ----------------------------------------------------------------------------------------------


def test_cancel_wish_before_the_challenge_is_known_is_remembered_until_it_opens() -> None:
    wished = a_purse(EXPECTED).wish_cancel(NOW)

    opened = wished.state.open(some_terms(mode=CHALLENGE))

    assert not wished.facts
    assert (opened.state.status, opened.state.outcome) == (LAPSED, Outcome.CANCELLED)


def test_cancel_wish_while_the_purse_is_awaited_lapses() -> None:
    purse = a_purse(AWAITING, paid_in=30_000)

    wished = purse.wish_cancel(NOW)

    sums = Sums(eur(30_000), eur(0), eur(0), eur(30_000))
    assert wished.facts == (EscrowLapsed(purse.engagement, CHALLENGE, Outcome.CANCELLED, sums),)


@pytest.mark.parametrize("status", [FUNDED, SETTLED, LAPSED])
def test_cancel_wish_once_the_purse_is_funded_is_the_challenges_to_answer(status: EscrowStatus) -> None:
    purse = a_purse(status)

    wished = purse.wish_cancel(NOW)

    assert wished.state == purse
    assert not wished.facts


# challenge.voided -----------------------------------------------------------------------------------------


def test_voided_before_the_engagement_is_remembered_until_it_opens() -> None:
    voided = a_purse(EXPECTED).end_without_work(Outcome.VOIDED, NOW)

    opened = voided.state.open(some_terms(mode=CHALLENGE))

    assert not voided.facts
    assert (opened.state.status, opened.state.outcome) == (LAPSED, Outcome.VOIDED)


def test_voided_while_awaiting_lapses_and_returns_part_money_to_the_clients_cash() -> None:
    purse = a_purse(AWAITING, paid_in=30_000)

    voided = purse.end_without_work(Outcome.VOIDED, NOW)

    sums = Sums(eur(30_000), eur(0), eur(0), eur(30_000))
    assert voided.facts == (EscrowLapsed(purse.engagement, CHALLENGE, Outcome.VOIDED, sums),)
    assert moved(voided) == {account_of(purse): 30_000, CASH: -30_000}


def test_voided_when_funded_refunds_the_purse_and_settles() -> None:
    purse = a_purse(FUNDED)

    voided = purse.end_without_work(Outcome.VOIDED, NOW)

    sums = Sums(eur(100_000), eur(0), eur(0), eur(100_000))
    assert voided.facts == (EscrowSettled(purse.engagement, CHALLENGE, Outcome.VOIDED, sums),)
    assert moved(voided) == {account_of(purse): 100_000, CASH: -100_000}


@pytest.mark.parametrize("status", [SETTLED, LAPSED])
def test_voided_after_the_end_changes_nothing(status: EscrowStatus) -> None:
    purse = a_purse(status)

    voided = purse.end_without_work(Outcome.VOIDED, NOW)

    assert voided.state == purse
    assert not voided.facts


# challenge.cancelled --------------------------------------------------------------------------------------


def test_cancelled_when_funded_refunds_the_purse_and_settles() -> None:
    purse = a_purse(FUNDED)

    cancelled = purse.end_work(Outcome.CANCELLED, NOW)

    sums = Sums(eur(100_000), eur(0), eur(0), eur(100_000))
    assert cancelled.facts == (EscrowSettled(purse.engagement, CHALLENGE, Outcome.CANCELLED, sums),)


@pytest.mark.parametrize("status", [SETTLED, LAPSED])
def test_cancelled_after_the_end_changes_nothing(status: EscrowStatus) -> None:
    purse = a_purse(status)

    cancelled = purse.end_work(Outcome.CANCELLED, NOW)

    assert cancelled.state == purse
    assert not cancelled.facts


@pytest.mark.parametrize("status", [EXPECTED, AWAITING])
def test_cancelled_before_funding_is_a_bug(status: EscrowStatus) -> None:
    purse = a_purse(status)

    with pytest.raises(MisplacedFactError):
        purse.end_work(Outcome.CANCELLED, NOW)


# challenge.awarded ----------------------------------------------------------------------------------------


def test_awarded_releases_every_award_and_refunds_the_rest_of_the_purse() -> None:
    purse = a_purse(FUNDED)
    first, second = a_prize(40_005, 1), a_prize(20_000, 2, OTHER_VENDOR)

    awarded = purse.award((first, second), NOW)

    sums = Sums(eur(100_000), eur(54_004), eur(6_001), eur(39_995))
    assert awarded.facts == (
        EscrowReleased(purse.engagement, Release(first, net=eur(36_004), fee=eur(4_001))),
        EscrowReleased(purse.engagement, Release(second, net=eur(18_000), fee=eur(2_000))),
        EscrowSettled(purse.engagement, CHALLENGE, Outcome.AWARDED, sums),
    )
    assert moved(awarded) == {
        account_of(purse): 100_000,
        str(vendor_payable(VENDOR, "EUR")): -36_004,
        str(vendor_payable(OTHER_VENDOR, "EUR")): -18_000,
        str(fee_revenue("EUR")): -6_001,
        CASH: -39_995,
    }
    assert awarded.state.status is SETTLED


def test_awards_to_one_vendor_are_released_one_by_one() -> None:
    purse = a_purse(FUNDED)

    awarded = purse.award((a_prize(10_000, 1), a_prize(10_000, 2)), NOW)

    released, again, refunded = awarded.transactions
    assert released.legs == again.legs
    assert len({released.id, again.id, refunded.id}) == 3


def test_a_purse_that_is_awarded_whole_leaves_nothing_to_refund() -> None:
    purse = a_purse(FUNDED)

    awarded = purse.award((a_prize(60_000, 1), a_prize(40_000, 2)), NOW)

    assert CASH not in moved(awarded)
    assert not awarded.state.held


def test_a_challenge_without_an_award_gives_the_whole_purse_back() -> None:
    purse = a_purse(FUNDED)

    awarded = purse.award((), NOW)

    assert awarded.state.outcome is Outcome.AWARDED
    assert moved(awarded) == {account_of(purse): 100_000, CASH: -100_000}


@pytest.mark.parametrize("status", [SETTLED, LAPSED])
def test_awarded_after_the_end_changes_nothing(status: EscrowStatus) -> None:
    purse = a_purse(status)

    awarded = purse.award((a_prize(),), NOW)

    assert awarded.state == purse
    assert not awarded.facts
    assert not awarded.transactions


@pytest.mark.parametrize("status", [EXPECTED, AWAITING])
def test_awarded_before_funding_is_a_bug(status: EscrowStatus) -> None:
    purse = a_purse(status)

    with pytest.raises(MisplacedFactError):
        purse.award((a_prize(),), NOW)


def test_awards_above_the_purse_are_a_bug() -> None:
    purse = a_purse(FUNDED)

    with pytest.raises(MisplacedFactError):
        purse.award((a_prize(60_000, 1), a_prize(40_001, 2)), NOW)


def test_an_award_in_another_currency_is_a_bug() -> None:
    purse = a_purse(FUNDED)

    with pytest.raises(MisplacedFactError):
        purse.award((replace(a_prize(), gross=Money(100, "USD")),), NOW)


def test_the_same_award_twice_is_a_bug() -> None:
    purse = a_purse(FUNDED)

    with pytest.raises(MisplacedFactError):
        purse.award((a_prize(10_000, 1), a_prize(10_000, 1, OTHER_VENDOR)), NOW)


def test_a_milestone_is_never_paid_from_a_purse() -> None:
    with pytest.raises(MisplacedFactError):
        a_purse(FUNDED).release(a_due(), NOW)


def test_an_award_is_never_paid_from_the_budget_of_an_assignment() -> None:
    assignment = an_escrow(FUNDED)

    with pytest.raises(MisplacedFactError):
        assignment.award((a_prize(),), NOW)
