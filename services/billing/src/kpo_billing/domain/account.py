"""Accounts of the ledger: those that must never go below zero are kept, the others only summed up."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

from kpo_billing.domain.errors import OverdrawnError
from kpo_chassis.kernel import Quiet, TenantId
from kpo_chassis.money import Money

BALANCE_MINOR_MAX = 2**63 - 1
"""The largest balance that the database can hold exactly."""

_ACCOUNTS = uuid5(NAMESPACE_URL, "urn:kpo:billing:account")


class AccountKind(StrEnum):
    """What an account stands for; the guarded kinds are what somebody is owed."""

    ESCROW = "escrow"
    CLIENT_CASH = "client_cash"
    VENDOR = "vendor"
    PAYOUT_TRANSIT = "payout_transit"
    BANK = "bank"
    FEE_REVENUE = "fee_revenue"
    UNALLOCATED = "unallocated"


GUARDED = frozenset(
    {AccountKind.ESCROW, AccountKind.CLIENT_CASH, AccountKind.VENDOR, AccountKind.PAYOUT_TRANSIT}
)
"""The kinds whose balance is stored and never negative; all others would be one hot document each."""


_HOLDERS: Mapping[AccountKind, str] = {
    AccountKind.ESCROW: "The escrow",
    AccountKind.CLIENT_CASH: "The client's cash",
    AccountKind.VENDOR: "The vendor's account",
    AccountKind.PAYOUT_TRANSIT: "The payout",
}
"""What the guarded kinds are called in sentences."""


@dataclass(frozen=True, slots=True)
class AccountName:
    """Which account: its kind, what it belongs to, its currency; `tenant` is who may see it."""

    kind: AccountKind
    of: str
    currency: str
    tenant: TenantId | None = None

    def __str__(self) -> str:
        return ":".join(part for part in (self.kind, self.of, self.currency) if part)

    @property
    def id(self) -> UUID:
        return account_id(str(self))

    @property
    def guarded(self) -> bool:
        return self.kind in GUARDED


def account_id(name: str) -> UUID:
    """Derive an account's id from its name as the journal writes it."""
    return uuid5(_ACCOUNTS, name)


def escrow_money(escrow: UUID, client: TenantId, currency: str) -> AccountName:
    return AccountName(AccountKind.ESCROW, str(escrow), currency, client)


def client_cash(client: TenantId, currency: str) -> AccountName:
    return AccountName(AccountKind.CLIENT_CASH, str(client), currency, client)


def vendor_payable(vendor: TenantId, currency: str) -> AccountName:
    return AccountName(AccountKind.VENDOR, str(vendor), currency, vendor)


def payout_transit(payout: UUID, payee: TenantId, currency: str) -> AccountName:
    return AccountName(AccountKind.PAYOUT_TRANSIT, str(payout), currency, payee)


def bank(account: str, currency: str) -> AccountName:
    return AccountName(AccountKind.BANK, account, currency)


def fee_revenue(currency: str) -> AccountName:
    return AccountName(AccountKind.FEE_REVENUE, "", currency)


def unallocated(currency: str) -> AccountName:
    return AccountName(AccountKind.UNALLOCATED, "", currency)


class AccountStatus(StrEnum):
    """Most accounts end empty; lists of balances ask for the others."""

    EMPTY = "empty"
    HOLDING = "holding"


@dataclass(frozen=True, slots=True)
class Account(Quiet):
    """The balance of a guarded account, in minor units on its credit side: what its owner is owed."""

    id: UUID
    name: AccountName
    balance: int
    status: AccountStatus

    @classmethod
    def of(cls, name: AccountName, balance: int = 0) -> "Account":
        assert name.guarded, f"{name} is summed up from the journal, never stored"
        return cls(name.id, name, balance, AccountStatus.HOLDING if balance else AccountStatus.EMPTY)

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset({self.name.tenant} if self.name.tenant else ())

    @property
    def money(self) -> Money:
        return Money(self.balance, self.name.currency)

    def post(self, minor: int) -> "Account":
        """Book one leg: a debit (positive) takes money out, a credit (negative) puts money in."""
        balance = self.balance - minor
        if not 0 <= balance <= BALANCE_MINOR_MAX:
            asked = Money(minor, self.name.currency)
            raise OverdrawnError(str(self.name), _HOLDERS[self.name.kind], self.money, asked)
        return Account.of(self.name, balance)
