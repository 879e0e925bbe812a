"""What a payout announces, and the order to pay that all its facts carry."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from kpo_billing.domain.account import AccountName, client_cash, vendor_payable
from kpo_billing.domain.part import Part
from kpo_chassis.kernel import TenantId
from kpo_chassis.money import Money


class PayeeKind(StrEnum):
    """Vendors are paid for work, clients get their own cash back."""

    VENDOR = "vendor"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is paid."""

    kind: PayeeKind
    id: TenantId

    def account(self, currency: str) -> AccountName:
        """Name the account that a payout is taken from, and goes back to when it fails."""
        match self.kind:
            case PayeeKind.VENDOR:
                return vendor_payable(self.id, currency)
            case PayeeKind.CLIENT:
                return client_cash(self.id, currency)


@dataclass(frozen=True, slots=True)
class Work:
    """The part of an engagement that a payout pays for."""

    engagement: UUID
    part: Part


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid to whom, and for what; a client's own cash is paid for nothing."""

    payout: UUID
    payee: Payee
    amount: Money
    work: Work | None = None


@dataclass(frozen=True, slots=True)
class PayoutRequested:
    order: Order


@dataclass(frozen=True, slots=True)
class PayoutSent:
    order: Order
    attempt: int
    reference: str


@dataclass(frozen=True, slots=True)
class PayoutBooked:
    order: Order
    attempt: int
    reference: str


@dataclass(frozen=True, slots=True)
class PayoutFailed:
    order: Order
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class PayoutReturned:
    order: Order
    attempt: int
    reason: str


PayoutFact: TypeAlias = PayoutRequested | PayoutSent | PayoutBooked | PayoutFailed | PayoutReturned
