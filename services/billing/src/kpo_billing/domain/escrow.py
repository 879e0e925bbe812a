"""The escrow: an engagement's money, from its first part payment to the last word about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from kpo_billing.domain.account import (
    AccountName,
    client_cash,
    escrow_money,
    fee_revenue,
    vendor_payable,
)
from kpo_billing.domain.errors import MisplacedFactError, NoCashError, NotAwaitingFundsError
from kpo_billing.domain.escrow_facts import (
    Due,
    Engagement,
    EscrowFunded,
    EscrowLapsed,
    EscrowOpened,
    EscrowPartFunded,
    EscrowReleased,
    EscrowSettled,
    Outcome,
    Release,
    Sums,
    Terms,
)
from kpo_billing.domain.ledger import Booked, Transaction, then
from kpo_billing.domain.part import PARTS, Mode
from kpo_billing.domain.recipes import Occasion, Rule, post, transfer
from kpo_chassis.kernel import Task, TenantId
from kpo_chassis.money import Money


class EscrowStatus(StrEnum):
    """`expected`: only facts that came before the engagement itself are known; nobody sees it yet."""

    EXPECTED = "expected"
    AWAITING_FUNDS = "awaiting_funds"
    FUNDED = "funded"
    SETTLED = "settled"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Tally:
    """Where the money went so far, in minor units; `fundings` counts the payments in."""

    funded: int = 0
    released: int = 0
    fees: int = 0
    refunded: int = 0
    fundings: int = 0

    @property
    def held(self) -> int:
        return self.funded - self.released - self.fees - self.refunded

    def sums(self, currency: str) -> Sums:
        return Sums(
            *(Money(minor, currency) for minor in (self.funded, self.released, self.fees, self.refunded))
        )


@dataclass(frozen=True, slots=True)
class Escrow:
    """Holds the engagement until it is funded, and its money until the holder after it has ended.

    `outcome` is how the engagement ended; in `expected` it is remembered until the escrow opens. The terms
    are there from the opening on.
    """

    id: UUID
    engagement: Engagement
    status: EscrowStatus = EscrowStatus.EXPECTED
    terms: Terms | None = None
    tally: Tally = field(default_factory=Tally)
    outcome: Outcome | None = None

    @classmethod
    def expect(cls, engagement: Engagement) -> "Escrow":
        """Begin before anything is known but that there will be an engagement."""
        return cls(engagement.escrow_id, engagement)

    # What others may know of it ---------------------------------------------------------------------------

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset() if self.terms is None else frozenset({self.engagement.client})

    @property
    def due_at(self) -> datetime | None:
        match self:
            case Escrow(status=EscrowStatus.AWAITING_FUNDS, terms=Terms(fund_by=fund_by)):
                return fund_by
            case _:
                return None

    @property
    def tasks(self) -> tuple[Task, ...]:
        if self.due_at is None:
            return ()
        path = f"/v1/escrows/{self.id}/fund-from-cash"
        return (Task(self.engagement.client, "fund", path, self.due_at),)

    @property
    def mode(self) -> Mode:
        return self._opened.mode

    @property
    def held(self) -> Money:
        return Money(self.tally.held, self._opened.amount.currency)

    @property
    def missing(self) -> Money:
        """What must still be paid in before the work can begin."""
        return self._opened.amount - Money(self.tally.funded, self._opened.amount.currency)

    @property
    def sums(self) -> Sums:
        return self.tally.sums(self._opened.amount.currency)

    @property
    def cash(self) -> AccountName:
        """The account that pays in and gets the rest back."""
        return client_cash(self.engagement.client, self._opened.amount.currency)

    # Rows of the fact table -------------------------------------------------------------------------------

    def open(self, terms: Terms) -> Booked["Escrow"]:
        """Fix the terms and wait for money; an end that came first is answered in the same breath."""
        if self.status is not EscrowStatus.EXPECTED:
            raise MisplacedFactError(f"escrow {self.id} is {self.status} and cannot be opened again")
        waiting = replace(self, status=EscrowStatus.AWAITING_FUNDS, terms=terms)
        opened = EscrowOpened(self.engagement, terms)
        if self.outcome is None:
            return Booked(waiting, (opened,))
        lapsed = replace(waiting, status=EscrowStatus.LAPSED)
        return Booked(lapsed, (opened, EscrowLapsed(self.engagement, terms.mode, self.outcome, lapsed.sums)))

    def receive(self, money: Money, now: datetime) -> Booked["Escrow"]:
        """Take what is missing out of money that has just reached the client's cash for this escrow."""
        match self.status:
            case EscrowStatus.AWAITING_FUNDS:
                return self._fund(min(money, self.missing), now)
            case EscrowStatus.EXPECTED:
                raise MisplacedFactError(f"escrow {self.id} was paid before it had a payment reference")
            case _:
                return Booked(self)

    def fund_from_cash(self, cash: Money, now: datetime) -> Booked["Escrow"]:
        """Take the smaller of the client's cash and what is missing."""
        if self.status is not EscrowStatus.AWAITING_FUNDS:
            raise NotAwaitingFundsError(
                f"The escrow is {self.status}; only one that awaits funds takes money."
            )
        if not cash:
            raise NoCashError(f"The client's cash in {cash.currency} is empty; pay in by bank transfer.")
        return self._fund(min(cash, self.missing), now)

    def wish_cancel(self, now: datetime) -> Booked["Escrow"]:
        """Answer a cancel wish while the escrow holds the engagement; afterwards another holder does."""
        match self.status:
            case EscrowStatus.EXPECTED:
                return self._remember(Outcome.CANCELLED)
            case EscrowStatus.AWAITING_FUNDS:
                return self._lapse(Outcome.CANCELLED, now)
            case _:
                return Booked(self)

    def pass_fund_by(self, now: datetime) -> Booked["Escrow"]:
        """Lapse when the time to pay is over."""
        if self.status is EscrowStatus.AWAITING_FUNDS:
            return self._lapse(Outcome.LAPSED, now)
        return Booked(self)

    def end_without_work(self, outcome: Outcome, now: datetime) -> Booked["Escrow"]:
        """Give the money back when nobody is to be paid: the match has ended, or the challenge is void."""
        match self.status:
            case EscrowStatus.EXPECTED:
                return self._remember(outcome)
            case EscrowStatus.AWAITING_FUNDS:
                return self._lapse(outcome, now)
            case EscrowStatus.FUNDED:
                return self._settle(outcome, now)
            case _:
                return Booked(self)

    def release(self, due: Due, now: datetime) -> Booked["Escrow"]:
        """Pay one part: net to the vendor, the fee to the operator."""
        if not self._can_release(due):
            raise MisplacedFactError(f"escrow {self.id}, {self.status}, cannot release {due}")
        release = self._price(due)
        currency = due.gross.currency
        transaction = post(
            Rule.RELEASED,
            self._occasion(str(due.part), now),
            debits={self._account: due.gross},
            credits={vendor_payable(due.vendor, currency): release.net, fee_revenue(currency): release.fee},
        )
        tally = replace(
            self.tally,
            released=self.tally.released + release.net.minor,
            fees=self.tally.fees + release.fee.minor,
        )
        return Booked(replace(self, tally=tally), (EscrowReleased(self.engagement, release),), (transaction,))

    def award(self, dues: Sequence[Due], now: datetime) -> Booked["Escrow"]:
        """Pay all awards of a challenge, in their order, and give back the rest of the purse."""
        if len({due.part for due in dues}) < len(dues):
            raise MisplacedFactError(f"escrow {self.id} cannot pay an award twice: {dues}")
        awarded = Booked(self)
        for due in dues if self.status is EscrowStatus.FUNDED else ():
            awarded = then(awarded, awarded.state.release(due, now))
        return then(awarded, awarded.state.end_work(Outcome.AWARDED, now))

    def end_work(self, outcome: Outcome, now: datetime) -> Booked["Escrow"]:
        """Give the rest back when what the money was for has ended: a work order, or an open challenge."""
        match self.status:
            case EscrowStatus.FUNDED:
                return self._settle(outcome, now)
            case EscrowStatus.SETTLED | EscrowStatus.LAPSED:
                return Booked(self)
            case _:
                raise MisplacedFactError(f"escrow {self.id} is {self.status}, but its work has ended")

    # Steps that several rows share ------------------------------------------------------------------------

    def _remember(self, outcome: Outcome) -> Booked["Escrow"]:
        return Booked(replace(self, outcome=self.outcome or outcome))

    def _fund(self, money: Money, now: datetime) -> Booked["Escrow"]:
        tally = replace(self.tally, funded=self.tally.funded + money.minor, fundings=self.tally.fundings + 1)
        paid = replace(self, tally=tally)
        why = self._occasion(f"funding-{tally.fundings}", now)
        transaction = transfer(Rule.FUNDED, why, money, debit=self.cash, credit=self._account)
        funded = paid.sums.funded
        if paid.missing:
            part = EscrowPartFunded(
                self.engagement, self.mode, money, funded, paid.missing, self._opened.fund_by
            )
            return Booked(paid, (part,), (transaction,))
        full = replace(paid, status=EscrowStatus.FUNDED)
        return Booked(full, (EscrowFunded(self.engagement, self.mode, funded),), (transaction,))

    def _lapse(self, outcome: Outcome, now: datetime) -> Booked["Escrow"]:
        emptied, transactions = self._refund(now)
        lapsed = replace(emptied, status=EscrowStatus.LAPSED, outcome=outcome)
        fact = EscrowLapsed(self.engagement, self.mode, outcome, lapsed.sums)
        return Booked(lapsed, (fact,), transactions)

    def _settle(self, outcome: Outcome, now: datetime) -> Booked["Escrow"]:
        emptied, transactions = self._refund(now)
        settled = replace(emptied, status=EscrowStatus.SETTLED, outcome=outcome)
        fact = EscrowSettled(self.engagement, self.mode, outcome, settled.sums)
        return Booked(settled, (fact,), transactions)

    def _refund(self, now: datetime) -> tuple["Escrow", tuple[Transaction, ...]]:
        """Move whatever is left to the client's cash; fees are never taken from it."""
        if not self.held:
            return self, ()
        why = self._occasion("rest", now)
        transaction = transfer(Rule.REFUNDED, why, self.held, debit=self._account, credit=self.cash)
        tally = replace(self.tally, refunded=self.held.minor)
        return replace(self, tally=tally), (transaction,)

    def _can_release(self, due: Due) -> bool:
        return (
            self.status is EscrowStatus.FUNDED
            and due.part.kind is PARTS[self.mode]
            and due.gross.currency == self.held.currency
            and due.gross <= self.held
        )

    def _price(self, due: Due) -> Release:
        """Divide a due amount into net and fee, by the terms that the opening fixed."""
        fee = due.gross.share(self._opened.fee_basis_points)
        return Release(due, due.gross - fee, fee)

    @property
    def _opened(self) -> Terms:
        assert self.terms is not None, f"escrow {self.id} has no terms before it is opened"
        return self.terms

    @property
    def _account(self) -> AccountName:
        return escrow_money(self.id, self.engagement.client, self._opened.amount.currency)

    def _occasion(self, step: str, now: datetime) -> Occasion:
        return Occasion(f"escrow/{self.id}/{step}", now, self.engagement.id)
