"""What an escrow announces, and the values of which its facts are made."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID, uuid5

from kpo_billing.domain.part import Mode, Part
from kpo_chassis.kernel import TenantId
from kpo_chassis.money import Money


class Outcome(StrEnum):
    """How the engagement ended, in the words of whoever ended it; `lapsed` is the escrow's own."""

    COMPLETED = "completed"
    AWARDED = "awarded"
    CANCELLED = "cancelled"
    UNFILLED = "unfilled"
    VOIDED = "voided"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Engagement:
    """Whose money it is: the engagement and its client."""

    id: UUID
    client: TenantId

    @property
    def escrow_id(self) -> UUID:
        return escrow_id(self.id)


def escrow_id(engagement: UUID) -> UUID:
    """Derive the escrow's id: an engagement has one escrow, however often its events arrive."""
    return uuid5(engagement, "escrow")


@dataclass(frozen=True, slots=True)
class Terms:
    """What opening fixes for good: the sum to pay in, by when, quoting what, and the fee on releases.

    `amount` is all that the engagement may cost, fees included: the budget of an assignment, the purse of
    a challenge.
    """

    mode: Mode
    amount: Money
    fee_basis_points: int
    payment_reference: str
    fund_by: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """An accepted milestone or an award that must be paid, fee included."""

    vendor: TenantId
    part: Part
    gross: Money


@dataclass(frozen=True, slots=True)
class Release:
    """What becomes of a due amount: net to the vendor + fee to the operator = gross."""

    due: Due
    net: Money
    fee: Money


@dataclass(frozen=True, slots=True)
class Sums:
    """Where all the money went: released + fees + refunded = funded."""

    funded: Money
    released: Money
    fees: Money
    refunded: Money


@dataclass(frozen=True, slots=True)
class EscrowOpened:
    engagement: Engagement
    terms: Terms


@dataclass(frozen=True, slots=True)
class EscrowPartFunded:
    engagement: Engagement
    mode: Mode
    received: Money
    funded: Money
    missing: Money
    fund_by: datetime


@dataclass(frozen=True, slots=True)
class EscrowFunded:
    engagement: Engagement
    mode: Mode
    funded: Money


@dataclass(frozen=True, slots=True)
class EscrowReleased:
    engagement: Engagement
    release: Release


@dataclass(frozen=True, slots=True)
class EscrowSettled:
    engagement: Engagement
    mode: Mode
    outcome: Outcome
    sums: Sums


@dataclass(frozen=True, slots=True)
class EscrowLapsed:
    engagement: Engagement
    mode: Mode
    outcome: Outcome
    sums: Sums


EscrowFact: TypeAlias = (
    EscrowOpened | EscrowPartFunded | EscrowFunded | EscrowReleased | EscrowSettled | EscrowLapsed
)
