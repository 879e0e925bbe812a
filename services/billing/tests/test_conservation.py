"""Whatever happens, in whatever order: money is neither made nor lost, and nothing is paid twice."""

from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from typing import TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kpo_billing.domain.account import GUARDED, Account, AccountKind
from kpo_billing.domain.bank_line import Allocation, BankLine, Direction, Statement, TargetKind
from kpo_billing.domain.errors import MisplacedFactError
from kpo_billing.domain.escrow import Escrow, EscrowStatus
from kpo_billing.domain.escrow_facts import Due, Engagement, Outcome
from kpo_billing.domain.invoice import Invoice, InvoiceSeries
from kpo_billing.domain.part import Mode, Part, PartKind
from kpo_billing.domain.party import Client, Party, Vendor
from kpo_billing.domain.payout import Payout, PayoutStatus
from kpo_billing.use_cases.bank_lines.allocate_bank_line import AllocateBankLine, allocate_bank_line
from kpo_billing.use_cases.bank_lines.record_bank_line import RecordBankLine, record_bank_line
from kpo_billing.use_cases.bank_lines.return_bank_line import ReturnBankLine, return_bank_line
from kpo_billing.use_cases.escrows.award_challenge import AwardChallenge, award_challenge
from kpo_billing.use_cases.escrows.end_without_work import EndWithoutWork, end_without_work
from kpo_billing.use_cases.escrows.end_work import EndWork, end_work
from kpo_billing.use_cases.escrows.fund_escrow_from_cash import FundEscrowFromCash, fund_escrow_from_cash
from kpo_billing.use_cases.escrows.lapse_escrow import LapseEscrow, lapse_escrow
from kpo_billing.use_cases.escrows.note_cancel_wish import NoteCancelWish, note_cancel_wish
from kpo_billing.use_cases.escrows.open_escrow import OpenEscrow, open_escrow
from kpo_billing.use_cases.escrows.release_milestone import ReleaseMilestone, release_milestone
from kpo_billing.use_cases.payouts.fail_payout import FailPayout, fail_payout
from kpo_billing.use_cases.payouts.request_payout import RequestPayout, request_payout
from kpo_billing.use_cases.payouts.send_payout import SendPayout, send_payout
from kpo_chassis.kernel import Caller, Command, PersonId, RefusalError, TenantId
from kpo_chassis.money import Money

from .factories import FUND_BY, NOW, a_policy
from .world import World, run

T = TypeVar("T")

PAYOUT_STEPS = ("send", "send", "fail", "debit", "credit", "wrong debit")

CURRENCIES = ("EUR", "JPY", "KWD")
SEED = uuid5(NAMESPACE_URL, "urn:kpo:test")
CLIENTS = [TenantId(uuid5(SEED, f"client {n}")) for n in range(2)]
VENDORS = [TenantId(uuid5(SEED, f"vendor {n}")) for n in range(2)]
ENGAGEMENTS = [Engagement(uuid5(SEED, f"engagement {n}"), CLIENTS[n % 2]) for n in range(5)]
FUNDED = ENGAGEMENTS[:3]
"""Begin with their money in escrow, so that much can happen; the last of them is a challenge."""

AWAITING = ENGAGEMENTS[3]
"""Begins with a small budget to be paid in; the last one begins in any order."""

BUDGET_MINOR_MAX = 1_000

EXPECTED = EscrowStatus.EXPECTED
ENDED = (EscrowStatus.SETTLED, EscrowStatus.LAPSED)

engagements = some.sampled_from(ENGAGEMENTS)
amounts = some.integers(1, BUDGET_MINOR_MAX)
parts = some.integers(1, BUDGET_MINOR_MAX // 3)
currencies = some.sampled_from(CURRENCIES)
picks = some.integers(0, 7)
modes = some.sampled_from(Mode)
prizes = some.lists(some.tuples(some.sampled_from(VENDORS), parts), max_size=5)


class Billing(RuleBasedStateMachine):
    """Facts, commands and clocks at random; most make no sense where they fall, and must do no harm."""

    @initialize(fee=some.sampled_from([0, 1, 333, 1_000, 4_999]))
    def begin(self, fee: int) -> None:
        self.world = World()
        self.policy = a_policy(fee)
        self.keys = 0
        for client in CLIENTS:
            self.world.states[Client, client] = Client(Party(client, "A client", "DE"))
        for vendor in VENDORS:
            self.world.states[Vendor, vendor] = Vendor(Party(vendor, "A vendor", "PT"))
        for engagement, currency in zip(FUNDED, CURRENCIES, strict=True):
            mode = Mode.CHALLENGE if engagement == FUNDED[-1] else Mode.ASSIGNMENT
            self.submit(engagement, mode, BUDGET_MINOR_MAX, currency)
            self.pay_in_what_is_missing(engagement)
        self.submit(AWAITING, Mode.ASSIGNMENT, BUDGET_MINOR_MAX // 10, CURRENCIES[0])

    def cause(self, tenant: TenantId = CLIENTS[0]) -> Command:
        self.keys += 1
        return Command(Caller(PersonId(SEED), tenant, frozenset()), f"key {self.keys}", "")

    # Facts of the chain -----------------------------------------------------------------------------------

    @rule(engagement=engagements, mode=modes, minor=amounts, currency=currencies)
    def submit(self, engagement: Engagement, mode: Mode, minor: int, currency: str) -> None:
        command = OpenEscrow(engagement, mode, Money(minor, currency), FUND_BY)
        self.attempt(open_escrow(command, self.cause(), changes=self.world, policy=self.policy))

    @rule(engagement=engagements)
    def wish_to_cancel(self, engagement: Engagement) -> None:
        self.attempt(note_cancel_wish(NoteCancelWish(engagement), self.cause(), changes=self.world))

    @rule(engagement=engagements, outcome=some.sampled_from([Outcome.UNFILLED, Outcome.VOIDED]))
    def end_the_match_or_void_the_challenge(self, engagement: Engagement, outcome: Outcome) -> None:
        command = EndWithoutWork(engagement, outcome)
        self.attempt(end_without_work(command, self.cause(), changes=self.world))

    @rule(engagement=engagements, vendor=some.sampled_from(VENDORS), milestone=picks, minor=parts)
    def accept_a_milestone(
        self, engagement: Engagement, vendor: TenantId, milestone: int, minor: int
    ) -> None:
        currency = self.currency_of(engagement)
        part = Part(PartKind.MILESTONE, milestone)
        command = ReleaseMilestone(engagement, Due(vendor, part, Money(minor, currency)))
        self.attempt(release_milestone(command, self.cause(), changes=self.world, policy=self.policy))

    @rule(engagement=engagements, prizes=prizes)
    def award_the_challenge(self, engagement: Engagement, prizes: list[tuple[TenantId, int]]) -> None:
        currency = self.currency_of(engagement)
        dues = (
            Due(vendor, Part(PartKind.AWARD, number), Money(minor, currency))
            for number, (vendor, minor) in enumerate(prizes, start=1)
        )
        command = AwardChallenge(engagement, tuple(dues))
        self.attempt(award_challenge(command, self.cause(), changes=self.world, policy=self.policy))

    @rule(engagement=engagements, outcome=some.sampled_from([Outcome.COMPLETED, Outcome.CANCELLED]))
    def end_the_work(self, engagement: Engagement, outcome: Outcome) -> None:
        self.attempt(end_work(EndWork(engagement, outcome), self.cause(), changes=self.world))

    @rule(engagement=engagements)
    def let_fund_by_pass(self, engagement: Engagement) -> None:
        command = LapseEscrow(engagement.escrow_id)
        self.attempt(lapse_escrow(command, self.cause(), changes=self.world))

    # Money in and out -------------------------------------------------------------------------------------

    @rule(engagement=engagements, minor=amounts, matching=some.booleans())
    def pay_in(self, engagement: Engagement, minor: int, matching: bool) -> None:  # noqa: FBT001 - drawn.
        escrow = self.escrow_of(engagement)
        reference = escrow.terms.payment_reference if escrow and escrow.terms else ""
        currency = self.currency_of(engagement) if matching else CURRENCIES[minor % len(CURRENCIES)]
        self.bank(Direction.CREDIT, Money(minor, currency), reference)

    @rule(engagement=engagements)
    def pay_in_what_is_missing(self, engagement: Engagement) -> None:
        escrow = self.escrow_of(engagement)
        if escrow and escrow.terms and escrow.missing:
            self.bank(Direction.CREDIT, escrow.missing, escrow.terms.payment_reference)

    @rule(engagement=engagements)
    def fund_from_cash(self, engagement: Engagement) -> None:
        command = FundEscrowFromCash(engagement.escrow_id)
        self.attempt(fund_escrow_from_cash(command, self.cause(), changes=self.world))

    @rule(client=some.sampled_from(CLIENTS), minor=amounts, currency=currencies)
    def ask_for_cash_back(self, client: TenantId, minor: int, currency: str) -> None:
        command = RequestPayout(Money(minor, currency))
        cause = self.cause(client)
        self.attempt(request_payout(command, cause, changes=self.world, policy=self.policy))

    @rule(pick=picks, steps=some.lists(some.sampled_from(PAYOUT_STEPS), min_size=1, max_size=6))
    def work_on_a_payout(self, pick: int, steps: list[str]) -> None:
        payout = self.pick(self.world.all(Payout), pick)
        for step in steps if payout else ():
            assert payout
            payout = run(self.world.get(Payout, payout.id)).state
            match step:
                case "send":
                    self.attempt(send_payout(SendPayout(payout.id), self.cause(), changes=self.world))
                case "fail":
                    command = FailPayout(payout.id, "account closed")
                    self.attempt(fail_payout(command, self.cause(), changes=self.world))
                case "debit" | "credit":
                    self.bank(Direction(step), payout.order.amount, payout.reference or "")
                case _:
                    wrong = payout.order.amount + Money(1, payout.order.amount.currency)
                    self.bank(Direction.DEBIT, wrong, payout.reference or "")
            self.set_aside_is_exactly_what_open_payouts_pay()

    @rule(pick=picks, kind=some.sampled_from(TargetKind), where=picks)
    def allocate_a_line(self, pick: int, kind: TargetKind, where: int) -> None:
        line = self.pick(self.world.all(BankLine), pick)
        kinds: dict[TargetKind, list[UUID]] = {
            TargetKind.ESCROW: [escrow.id for escrow in self.world.all(Escrow)],
            TargetKind.CLIENT_CASH: [*CLIENTS],
            TargetKind.PAYOUT: [payout.id for payout in self.world.all(Payout)],
            TargetKind.BANK_LINE: [other.id for other in self.world.all(BankLine)],
        }
        to = self.pick(kinds[kind], where)
        if line and to:
            command = AllocateBankLine(line.id, Allocation(kind, to))
            self.attempt(allocate_bank_line(command, self.cause(), changes=self.world))

    @rule(pick=picks, arrives=some.booleans())
    def return_a_line(self, pick: int, arrives: bool) -> None:  # noqa: FBT001 - drawn.
        line = self.pick(self.world.all(BankLine), pick)
        if line:
            self.attempt(return_bank_line(ReturnBankLine(line.id), self.cause(), changes=self.world))
            returning = run(self.world.get(BankLine, line.id)).state
            if arrives and returning.return_reference:
                self.bank(Direction.DEBIT, line.statement.amount, returning.return_reference)

    # What must hold ---------------------------------------------------------------------------------------

    @invariant()
    def the_journal_balances_per_currency(self) -> None:
        for currency in CURRENCIES:
            assert sum(self.world.total(kind, currency) for kind in AccountKind) == 0

    @invariant()
    def stored_balances_are_the_journals_and_never_negative(self) -> None:
        sums = self.world.sums
        stored = {str(account.name): account.balance for account in self.world.all(Account)}
        guarded = {name: -minor for name, minor in sums.items() if name.split(":")[0] in GUARDED}
        assert stored == {name: guarded.get(name, 0) for name in stored}
        assert set(guarded) <= set(stored)
        assert min(stored.values(), default=0) >= 0

    @invariant()
    def an_escrow_holds_what_came_in_and_has_not_left(self) -> None:
        for escrow in self.world.all(Escrow):
            if escrow.status is EXPECTED:
                continue
            assert -self.world.sums[f"escrow:{escrow.id}:{escrow.held.currency}"] == escrow.held.minor
            assert escrow.missing.minor >= 0
            if escrow.status is EscrowStatus.FUNDED:
                assert not escrow.missing
            if escrow.status in ENDED:
                assert not escrow.held
                assert escrow.sums.released + escrow.sums.fees + escrow.sums.refunded == escrow.sums.funded

    @invariant()
    def the_bank_holds_what_its_lines_say(self) -> None:
        lines: Counter[str] = Counter()
        for line in self.world.all(BankLine):
            sign = 1 if line.statement.direction is Direction.CREDIT else -1
            lines[line.statement.amount.currency] += sign * line.statement.amount.minor
        for currency in CURRENCIES:
            assert self.world.total(AccountKind.BANK, currency) == lines[currency]

    @invariant()
    def set_aside_is_exactly_what_open_payouts_pay(self) -> None:
        for payout in self.world.all(Payout):
            is_open = payout.status in (PayoutStatus.REQUESTED, PayoutStatus.SENT)
            assert -self.world.sums[str(payout.transit)] == (payout.order.amount.minor if is_open else 0)

    @invariant()
    def fees_are_those_of_the_releases(self) -> None:
        for currency in CURRENCIES:
            opened = [e for e in self.world.all(Escrow) if e.terms and e.held.currency == currency]
            fees = sum(escrow.sums.fees.minor for escrow in opened)
            assert -self.world.total(AccountKind.FEE_REVENUE, currency) == fees

    @invariant()
    def numbers_of_invoices_have_no_gaps(self) -> None:
        for series in self.world.all(InvoiceSeries):
            bills = [i for i in self.world.all(Invoice) if i.bill.seller.id == series.seller]
            numbers = sorted(int(invoice.number.rpartition("-")[2]) for invoice in bills)
            assert numbers == list(range(1, series.last + 1))

    # Steps ------------------------------------------------------------------------------------------------

    def attempt(self, work: Coroutine[object, None, object]) -> None:
        """Do something that may be refused, or be a bug where it falls: then nothing may have changed."""
        self.world.now += timedelta(seconds=1)
        states, booked = dict(self.world.states), len(self.world.booked)
        try:
            run(work)
        except (RefusalError, MisplacedFactError):
            assert self.world.states == states
            assert len(self.world.booked) == booked

    def bank(self, direction: Direction, amount: Money, remittance: str) -> None:
        self.keys += 1
        told = Statement(direction, "NL91ABNA0417164300", f"line {self.keys}", amount, remittance, NOW)
        command = RecordBankLine(told)
        work = record_bank_line(
            command, self.cause(), changes=self.world, reads=self.world, policy=self.policy
        )
        run(work)  # A bank line is a fact: it is never refused.

    def escrow_of(self, engagement: Engagement) -> Escrow | None:
        found = [e for e in self.world.all(Escrow) if e.engagement == engagement]
        return found[0] if found else None

    def currency_of(self, engagement: Engagement) -> str:
        escrow = self.escrow_of(engagement)
        return escrow.terms.amount.currency if escrow and escrow.terms else CURRENCIES[0]

    @staticmethod
    def pick(choices: list[T], number: int) -> T | None:
        return choices[number % len(choices)] if choices else None


Billing.TestCase.settings = settings(
    max_examples=50,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
)
TestBilling = Billing.TestCase
