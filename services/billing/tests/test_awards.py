"""Awards are paid exactly: each prize to its winner less the fee, and all the rest back to the client."""

from collections import Counter
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from kpo_billing.domain.account import GUARDED, Account, AccountKind, bank, escrow_money
from kpo_billing.domain.errors import MisplacedFactError
from kpo_billing.domain.escrow import Escrow, EscrowStatus
from kpo_billing.domain.escrow_facts import Due
from kpo_billing.domain.invoice import Invoice, InvoiceKind, InvoiceSeries
from kpo_billing.domain.part import Mode, Part, PartKind
from kpo_billing.domain.party import FEE_BASIS_POINTS_MAX, Party, Vendor
from kpo_billing.domain.payout import Payout
from kpo_billing.use_cases.escrows.award_challenge import AwardChallenge, award_challenge
from kpo_chassis.kernel import (
    AGGREGATES_PER_CAUSE_MAX,
    Aggregate,
    Caller,
    Command,
    NotFoundError,
    PersonId,
    Stored,
    TenantId,
)
from kpo_chassis.money import MINOR_UNITS_MAX, Money
from kpo_events.intake import PRIZES_MAX

from .factories import CLIENT, OPERATOR, VENDOR, a_client, a_policy, a_prize, a_vendor, an_account, an_escrow
from .world import World, run

VENDORS = [TenantId(uuid5(VENDOR, str(n))) for n in range(PRIZES_MAX)]

CURRENCIES = ("USD", "JPY", "KWD")
"""Two decimals, none, and three."""


def a_funded_world(purse: Money, fee_basis_points: int = 1_000) -> tuple[World, Escrow]:
    """Make the escrow of a challenge that holds its purse, with everybody known who may win."""
    escrow = an_escrow(
        EscrowStatus.FUNDED, amount=purse, fee_basis_points=fee_basis_points, mode=Mode.CHALLENGE
    )
    account = an_account(escrow_money(escrow.id, CLIENT, purse.currency), purse.minor)
    vendors = [Vendor(Party(vendor, f"Vendor {vendor}", "PT")) for vendor in VENDORS]
    world = World()
    states: list[Aggregate] = [escrow, account, a_client(), a_vendor(), *vendors]
    for state in states:
        world.states[type(state), state.id] = state
    world.sums.update({str(bank("NL91", purse.currency)): purse.minor, str(account.name): -purse.minor})
    return world, escrow


def dues_of(currency: str, prizes: list[tuple[TenantId, int]]) -> tuple[Due, ...]:
    return tuple(
        Due(vendor, Part(PartKind.AWARD, number), Money(minor, currency))
        for number, (vendor, minor) in enumerate(prizes, start=1)
    )


def award(world: World, escrow: Escrow, *dues: Due) -> Stored[Escrow]:
    cause = Command(Caller(PersonId(UUID(int=1)), CLIENT, frozenset()), "1", "fingerprint")
    command = AwardChallenge(escrow.engagement, dues)
    return run(award_challenge(command, cause, changes=world, policy=a_policy()))


def numbers(world: World, kind: InvoiceKind, seller: TenantId) -> list[int]:
    bills = [i for i in world.all(Invoice) if (i.bill.kind, i.bill.seller.id) == (kind, seller)]
    return [int(invoice.number.rpartition("-")[2]) for invoice in bills]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    prizes=some.lists(
        some.tuples(
            some.sampled_from(VENDORS[:3]),
            some.integers(1, 50) | some.integers(1, MINOR_UNITS_MAX // PRIZES_MAX),
        ),
        min_size=1,
        max_size=PRIZES_MAX,
    ),
    rest=some.integers(0, 1_000),
    fee=some.integers(0, FEE_BASIS_POINTS_MAX),
    currency=some.sampled_from(CURRENCIES),
)
def test_every_unit_of_the_purse_is_released_a_fee_or_refunded(
    prizes: list[tuple[TenantId, int]], rest: int, fee: int, currency: str
) -> None:
    purse = Money(sum(minor for _, minor in prizes) + rest, currency)
    world, escrow = a_funded_world(purse, fee)

    sums = award(world, escrow, *dues_of(currency, prizes)).state.sums

    assert sums.released + sums.fees + sums.refunded == sums.funded == purse
    assert sums.refunded.minor == rest
    assert sum(world.sums.values()) == 0
    assert -world.total(AccountKind.PAYOUT_TRANSIT, currency) == sums.released.minor
    assert -world.total(AccountKind.FEE_REVENUE, currency) == sums.fees.minor
    assert -world.total(AccountKind.CLIENT_CASH, currency) == rest
    assert world.total(AccountKind.ESCROW, currency) == world.total(AccountKind.VENDOR, currency) == 0
    assert {str(account.name): -account.balance for account in world.all(Account)} == {
        name: minor for name, minor in world.sums.items() if name.partition(":")[0] in GUARDED
    }
    won = Counter(vendor for vendor, _ in prizes)
    for vendor, times in won.items():
        assert numbers(world, InvoiceKind.VENDOR, vendor) == list(range(1, times + 1))
    fees = numbers(world, InvoiceKind.FEE, OPERATOR)
    assert fees == list(range(1, len(fees) + 1))
    assert sum(payout.order.amount.minor for payout in world.all(Payout)) == sums.released.minor


def test_each_award_has_a_payout_and_documents_of_its_own() -> None:
    world, escrow = a_funded_world(Money(100_000, "EUR"))

    award(world, escrow, a_prize(40_000, 1), a_prize(20_000, 2))

    works = {p.order.work.part: p.order.amount.minor for p in world.all(Payout) if p.order.work}
    assert works == {Part(PartKind.AWARD, 1): 36_000, Part(PartKind.AWARD, 2): 18_000}
    bills = [i.bill for i in world.all(Invoice)]
    assert [(bill.kind, bill.part.award, bill.net.minor) for bill in bills] == [
        (InvoiceKind.VENDOR, 1, 40_000),
        (InvoiceKind.FEE, 1, 4_000),
        (InvoiceKind.VENDOR, 2, 20_000),
        (InvoiceKind.FEE, 2, 2_000),
    ]


def test_numbers_go_on_where_the_sellers_series_stands() -> None:
    world, escrow = a_funded_world(Money(100_000, "EUR"))
    series = InvoiceSeries.begin(InvoiceKind.VENDOR, VENDOR, world.now.year)
    for _ in range(7):
        series = series.take()
    world.states[InvoiceSeries, series.id] = series

    award(world, escrow, a_prize(40_000, 1), a_prize(20_000, 2))

    assert numbers(world, InvoiceKind.VENDOR, VENDOR) == [8, 9]


def test_as_many_prizes_as_there_may_be_to_as_many_vendors_are_one_change() -> None:
    world, escrow = a_funded_world(Money(PRIZES_MAX * 100 + 1, "EUR"))

    award(world, escrow, *dues_of("EUR", [(vendor, 100) for vendor in VENDORS]))

    assert len(world.all(Payout)) == PRIZES_MAX
    assert len(world.all(Invoice)) == 2 * PRIZES_MAX
    of_each_award = ("invoice", "fee document", "series", "payable", "payout", "transit")
    besides = ("escrow", "its account", "client cash", "the operator's series")
    assert world.written == PRIZES_MAX * len(of_each_award) + len(besides) <= AGGREGATES_PER_CAUSE_MAX


def test_awards_again_after_they_were_paid_change_nothing() -> None:
    world, escrow = a_funded_world(Money(100_000, "EUR"))
    award(world, escrow, a_prize(40_000, 1))
    before = dict(world.states), dict(world.sums)

    award(world, escrow, a_prize(40_000, 1))

    assert (world.states, world.sums) == before


def test_one_award_that_cannot_be_paid_leaves_all_unpaid() -> None:
    world, escrow = a_funded_world(Money(100_000, "EUR"))
    before = dict(world.states), dict(world.sums)

    with pytest.raises(MisplacedFactError):
        award(world, escrow, a_prize(60_000, 1), a_prize(40_001, 2))

    assert (world.states, world.sums) == before


def test_awards_need_the_particulars_of_every_winner() -> None:
    world, escrow = a_funded_world(Money(100_000, "EUR"))
    del world.states[Vendor, VENDORS[1]]

    with pytest.raises(NotFoundError):
        award(world, escrow, *dues_of("EUR", [(VENDORS[0], 100), (VENDORS[1], 100)]))


def test_awards_without_a_fee_make_no_fee_documents() -> None:
    world, escrow = a_funded_world(Money(100_000, "EUR"), fee_basis_points=0)

    award(world, escrow, a_prize(40_000, 1))

    assert [invoice.bill.kind for invoice in world.all(Invoice)] == [InvoiceKind.VENDOR]
