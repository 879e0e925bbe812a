"""Billing's things with readable defaults, for tests that care about one detail of them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from kpo_billing.domain.account import Account, AccountName
from kpo_billing.domain.bank_line import BankLine, BankLineStatus, Direction, Reason, Statement
from kpo_billing.domain.escrow import Escrow, EscrowStatus, Tally
from kpo_billing.domain.escrow_facts import Due, Engagement, Outcome, Terms
from kpo_billing.domain.ledger import Booked
from kpo_billing.domain.part import Mode, Part, PartKind
from kpo_billing.domain.party import Client, Party, Policy, Vendor
from kpo_billing.domain.payout import Payout, PayoutStatus
from kpo_billing.domain.payout_facts import Order, Payee, PayeeKind, Work
from kpo_billing.domain.reference import Purpose, reference
from kpo_chassis.kernel import Aggregate, TenantId
from kpo_chassis.money import Money

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FUND_BY = NOW + timedelta(days=14)

CLIENT = TenantId(UUID("c1000000-0000-4000-8000-000000000001"))
VENDOR = TenantId(UUID("d1000000-0000-4000-8000-000000000001"))
OPERATOR = TenantId(UUID("0e000000-0000-4000-8000-000000000001"))


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def a_policy(fee_basis_points: int = 1_000) -> Policy:
    return Policy(Party(OPERATOR, "KPO Operations", "NL"), fee_basis_points)


def a_client() -> Client:
    return Client(Party(CLIENT, "Aster Industries", "DE"))


def a_vendor() -> Vendor:
    return Vendor(Party(VENDOR, "Birch Research", "PT"))


def an_engagement() -> Engagement:
    return Engagement(uuid4(), CLIENT)


def some_terms(
    amount: Money | None = None, fee_basis_points: int = 1_000, mode: Mode = Mode.ASSIGNMENT
) -> Terms:
    money = amount or eur(100_000)
    return Terms(mode, money, fee_basis_points, reference(Purpose.ESCROW, uuid4()), FUND_BY)


def an_escrow(
    status: EscrowStatus = EscrowStatus.AWAITING_FUNDS,
    *,
    amount: Money | None = None,
    paid_in: int | None = None,
    fee_basis_points: int = 1_000,
    mode: Mode = Mode.ASSIGNMENT,
) -> Escrow:
    """Make an opened escrow; a funded one holds all its money unless `paid_in` says what came in."""
    engagement = an_engagement()
    terms = some_terms(amount, fee_basis_points, mode)
    funded = paid_in if paid_in is not None else (terms.amount.minor * (status is EscrowStatus.FUNDED))
    ended = status in (EscrowStatus.SETTLED, EscrowStatus.LAPSED)
    return Escrow(
        engagement.escrow_id,
        engagement,
        status,
        terms,
        Tally(funded=funded, fundings=1 if funded else 0),
        Outcome.CANCELLED if ended else None,
    )


def a_due(gross: int = 40_000, milestone: int = 1) -> Due:
    return Due(VENDOR, Part(PartKind.MILESTONE, milestone), eur(gross))


def a_prize(gross: int = 40_000, award: int = 1, vendor: TenantId = VENDOR) -> Due:
    return Due(vendor, Part(PartKind.AWARD, award), eur(gross))


def a_payout(
    status: PayoutStatus = PayoutStatus.REQUESTED,
    *,
    amount: Money | None = None,
    attempt: int = 1,
    payee: Payee | None = None,
) -> Payout:
    order = Order(
        uuid4(),
        payee or Payee(PayeeKind.VENDOR, VENDOR),
        amount or eur(36_000),
        Work(uuid4(), Part(PartKind.MILESTONE, 1)) if payee is None else None,
    )
    told = status is not PayoutStatus.REQUESTED
    ended = status is PayoutStatus.BOOKED
    return Payout(
        order.payout,
        order,
        OPERATOR,
        status,
        None if ended else NOW + timedelta(days=5),
        attempt if told else 0,
        reference(Purpose.PAYOUT, order.payout) if told else None,
    )


def a_statement(
    direction: Direction = Direction.CREDIT,
    amount: Money | None = None,
    remittance: str = "",
    bank_reference: str | None = None,
) -> Statement:
    return Statement(
        direction,
        "NL91ABNA0417164300",
        bank_reference or uuid4().hex,
        amount or eur(100_000),
        remittance,
        NOW,
    )


def a_bank_line(
    status: BankLineStatus = BankLineStatus.UNALLOCATED, *, statement: Statement | None = None
) -> BankLine:
    told = statement or a_statement()
    waits = status in (BankLineStatus.UNALLOCATED, BankLineStatus.RETURNING)
    return BankLine(
        told.id,
        told,
        OPERATOR,
        status,
        reason=Reason.NO_REFERENCE if status is BankLineStatus.UNALLOCATED else None,
        deadline=NOW + timedelta(days=5) if waits else None,
        return_reference=reference(Purpose.RETURN, told.id) if status is BankLineStatus.RETURNING else None,
    )


def an_account(name: AccountName, balance: int = 0) -> Account:
    return Account.of(name, balance)


def moved(*booked: Booked[Aggregate]) -> dict[str, int]:
    """Sum up what transactions moved: minor units by account, debits positive."""
    sums: dict[str, int] = {}
    for each in booked:
        for transaction in each.transactions:
            for leg in transaction.legs:
                sums[str(leg.account)] = sums.get(str(leg.account), 0) + leg.minor
    return {name: minor for name, minor in sums.items() if minor}
