"""The journal: balanced transactions, and how decisions and their bookings become one change."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from kpo_billing.domain.account import Account, AccountName
from kpo_billing.domain.errors import UnbalancedError
from kpo_chassis.kernel import Aggregate, Decision, Decisions, Needs, Ref, States, inner_maybe, together

LEGS_MIN = 2
"""Money comes from somewhere and goes somewhere."""

S = TypeVar("S", bound=Aggregate)
S_co = TypeVar("S_co", covariant=True, bound=Aggregate)


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of a transaction, in minor units: a debit is positive, a credit negative."""

    account: AccountName
    minor: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """A movement of money with all its legs, zero in sum per currency; never changed once it is booked.

    `id` names what caused it and the rule that booked it, so that the same movement cannot be booked
    twice, whatever else goes wrong.
    """

    id: str
    rule: str
    at: datetime
    legs: tuple[Leg, ...]
    engagement: UUID | None = None

    def __post_init__(self) -> None:
        sums: Counter[str] = Counter()
        for leg in self.legs:
            sums[leg.account.currency] += leg.minor
        if len(self.legs) < LEGS_MIN or any(sums.values()) or not all(leg.minor for leg in self.legs):
            raise UnbalancedError(f"{self.id} does not balance: {self.legs}")


@dataclass(frozen=True, slots=True)
class Booked(Generic[S_co]):
    """What a rule decided about one aggregate, and the transactions that belong to it."""

    state: S_co
    facts: tuple[object, ...] = ()
    transactions: tuple[Transaction, ...] = ()


def then(first: Booked[S], second: Booked[S]) -> Booked[S]:
    """Join two decisions about one aggregate, the second made on what the first one left."""
    return Booked(second.state, first.facts + second.facts, first.transactions + second.transactions)


def account_ref(name: AccountName) -> Ref[Account]:
    """Name a guarded account; it comes to be with its first money."""
    return inner_maybe(Account, name.id)


def book(states: States, *booked: Booked[Aggregate]) -> Decisions | Needs:
    """Join decisions with the balances that their transactions move, all or none.

    Raises OverdrawnError where a guarded account would go below zero.
    """
    transactions = [transaction for each in booked for transaction in each.transactions]
    legs = [leg for transaction in transactions for leg in transaction.legs if leg.account.guarded]
    refs = {leg.account: account_ref(leg.account) for leg in legs}
    written = [inner_maybe(type(each.state), each.state.id) for each in booked]
    missing = tuple(ref for ref in (*refs.values(), *written) if ref not in states)
    if missing:
        return Needs(missing)
    accounts = {name: states.get(ref) or Account.of(name) for name, ref in refs.items()}
    for leg in legs:
        accounts[leg.account] = accounts[leg.account].post(leg.minor)
    balances = [Booked(account) for account in accounts.values()]
    return together(
        *(Decision(each.state, each.facts) for each in (*booked, *balances)), entries=transactions
    )
