"""The posting recipes: every way in which money may move, in one table; nothing else is ever booked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from kpo_billing.domain.account import AccountKind, AccountName
from kpo_billing.domain.errors import UnbalancedError
from kpo_billing.domain.ledger import Leg, Transaction
from kpo_chassis.money import Money

BANK, UNALLOCATED, FEES = AccountKind.BANK, AccountKind.UNALLOCATED, AccountKind.FEE_REVENUE
CASH, ESCROW = AccountKind.CLIENT_CASH, AccountKind.ESCROW
VENDOR, TRANSIT = AccountKind.VENDOR, AccountKind.PAYOUT_TRANSIT


class Rule(StrEnum):
    """The names of the recipes, as they stand in the journal."""

    RECEIVED = "received"
    LEFT = "left"
    ALLOCATED = "allocated"
    FUNDED = "funded"
    RELEASED = "released"
    REFUNDED = "refunded"
    PAYOUT_RESERVED = "payout_reserved"
    PAYOUT_FAILED = "payout_failed"
    PAYOUT_BOOKED = "payout_booked"
    PAYOUT_RETURNED = "payout_returned"


RECIPES: dict[Rule, tuple[frozenset[AccountKind], frozenset[AccountKind]]] = {
    # rule: (debited kinds, credited kinds)
    Rule.RECEIVED: (frozenset({BANK}), frozenset({CASH, UNALLOCATED})),
    Rule.LEFT: (frozenset({UNALLOCATED}), frozenset({BANK})),
    Rule.ALLOCATED: (frozenset({UNALLOCATED}), frozenset({CASH})),
    Rule.FUNDED: (frozenset({CASH}), frozenset({ESCROW})),
    Rule.RELEASED: (frozenset({ESCROW}), frozenset({VENDOR, FEES})),
    Rule.REFUNDED: (frozenset({ESCROW}), frozenset({CASH})),
    Rule.PAYOUT_RESERVED: (frozenset({VENDOR, CASH}), frozenset({TRANSIT})),
    Rule.PAYOUT_FAILED: (frozenset({TRANSIT}), frozenset({VENDOR, CASH})),
    Rule.PAYOUT_BOOKED: (frozenset({TRANSIT}), frozenset({BANK, UNALLOCATED})),
    Rule.PAYOUT_RETURNED: (frozenset({BANK, UNALLOCATED}), frozenset({VENDOR, CASH})),
}


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why and when money moves: a name that occurs once per rule, and the engagement, if there is one."""

    name: str
    at: datetime
    engagement: UUID | None = None


def transfer(
    rule: Rule, occasion: Occasion, money: Money, *, debit: AccountName, credit: AccountName
) -> Transaction:
    """Move money from the debited to the credited account."""
    return post(rule, occasion, debits={debit: money}, credits={credit: money})


def post(
    rule: Rule,
    occasion: Occasion,
    *,
    debits: Mapping[AccountName, Money],
    credits: Mapping[AccountName, Money],  # noqa: A002 - bookkeeping has no other word for it.
) -> Transaction:
    """Book amounts on both sides; what is nothing leaves no leg.

    Raises UnbalancedError where the sums differ or the recipe knows no such account.
    """
    for side, accounts in zip(RECIPES[rule], (debits, credits), strict=True):
        strangers = [str(name) for name in accounts if name.kind not in side]
        if strangers:
            raise UnbalancedError(f"the recipe {rule} knows no {strangers}")
    legs = [Leg(name, money.minor) for name, money in debits.items() if money]
    legs += [Leg(name, -money.minor) for name, money in credits.items() if money]
    return Transaction(f"{occasion.name}:{rule}", rule, occasion.at, tuple(legs), occasion.engagement)
