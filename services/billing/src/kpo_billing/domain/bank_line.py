"""A line of a bank statement: a fact that is always recorded, and waits for finance where it fits nothing."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

from kpo_billing.domain.account import AccountName, bank, unallocated
from kpo_billing.domain.errors import BankLineDiffersError, BankLineSettledError
from kpo_billing.domain.ledger import Booked, Transaction
from kpo_billing.domain.recipes import Occasion, Rule, transfer
from kpo_billing.domain.reference import Purpose, reference
from kpo_chassis.kernel import Task, TenantId
from kpo_chassis.money import Money

ALLOCATION_DAYS_MAX = 5
"""How long unallocated money may lie before it counts as overdue."""

_BANK_LINES = uuid5(NAMESPACE_URL, "urn:kpo:billing:bank-line")


class Direction(StrEnum):
    """Seen from the operator: a credit comes in, a debit goes out."""

    CREDIT = "credit"
    DEBIT = "debit"


class BankLineStatus(StrEnum):
    """`returning`: the operator sends it back; `returned`: the statement shows that it left."""

    ALLOCATED = "allocated"
    UNALLOCATED = "unallocated"
    RETURNING = "returning"
    RETURNED = "returned"


class Reason(StrEnum):
    """Why a line could not be allocated by itself."""

    NO_REFERENCE = "no_reference"
    SEVERAL_REFERENCES = "several_references"
    UNKNOWN_REFERENCE = "unknown_reference"
    WRONG_DIRECTION = "wrong_direction"
    WRONG_CURRENCY = "wrong_currency"
    WRONG_AMOUNT = "wrong_amount"
    NOT_AWAITED = "not_awaited"


class TargetKind(StrEnum):
    """To what a line can belong."""

    ESCROW = "escrow"
    CLIENT_CASH = "client_cash"
    PAYOUT = "payout"
    BANK_LINE = "bank_line"


@dataclass(frozen=True, slots=True)
class Allocation:
    """To what a line does belong; the id is the client's for its cash."""

    kind: TargetKind
    id: UUID


@dataclass(frozen=True, slots=True)
class Statement:
    """What the bank said; account and reference together name the line for good."""

    direction: Direction
    account: str
    reference: str
    amount: Money
    remittance: str
    booked_at: datetime

    @property
    def id(self) -> UUID:
        return uuid5(_BANK_LINES, f"{self.account}\n{self.reference}")

    def differing(self, other: "Statement") -> tuple[str, ...]:
        """Name the fields in which two statements about one line differ, as requests do."""
        same = {
            "direction": self.direction == other.direction,
            "amount": self.amount == other.amount,
            "remittance": self.remittance == other.remittance,
            "booked_at": self.booked_at == other.booked_at,
        }
        return tuple(name for name, is_same in same.items() if not is_same)


@dataclass(frozen=True, slots=True)
class BankLine:
    """A recorded line; `deadline` is when finance must have dealt with it."""

    id: UUID
    statement: Statement
    operator: TenantId
    status: BankLineStatus
    allocation: Allocation | None = None
    reason: Reason | None = None
    deadline: datetime | None = None
    return_reference: str | None = None
    overdue: bool = False

    # What others may know of it ---------------------------------------------------------------------------

    @property
    def parties(self) -> frozenset[TenantId]:
        """Bank lines are the operator's alone, and the operator may know everything."""
        return frozenset()

    @property
    def due_at(self) -> datetime | None:
        return None if self.overdue else self.deadline

    @property
    def tasks(self) -> tuple[Task, ...]:
        path = f"/v1/bank-lines/{self.id}"
        match self.status:
            case BankLineStatus.UNALLOCATED:
                return (Task(self.operator, "allocate", f"{path}/allocate", self.deadline),)
            case BankLineStatus.RETURNING:
                return (Task(self.operator, "send_back", path, self.deadline),)
            case _:
                return ()

    @property
    def allowed(self) -> tuple[str, ...]:
        if self.status is not BankLineStatus.UNALLOCATED:
            return ()
        return ("allocate", "return") if self.statement.direction is Direction.CREDIT else ("allocate",)

    @property
    def bank(self) -> AccountName:
        return bank(self.statement.account, self.statement.amount.currency)

    @property
    def unallocated(self) -> AccountName:
        return unallocated(self.statement.amount.currency)

    # What happens to it -----------------------------------------------------------------------------------

    def repeat(self, statement: Statement) -> Booked["BankLine"]:
        """Answer a line that was recorded before: the same content changes nothing, other content clashes."""
        if differing := self.statement.differing(statement):
            raise BankLineDiffersError(
                f"{statement.account} has a line {statement.reference} already, with another "
                f"{', '.join(differing)}; send what the bank wrote.",
                pointer=f"/{differing[0]}",
            )
        return Booked(self)

    def settle(self, allocation: Allocation, transactions: tuple[Transaction, ...]) -> Booked["BankLine"]:
        """Note to what it belongs."""
        settled = replace(
            self,
            status=BankLineStatus.ALLOCATED,
            allocation=allocation,
            reason=None,
            deadline=None,
            overdue=False,
        )
        return Booked(settled, (), transactions)

    def wait(self, reason: Reason, now: datetime) -> Booked["BankLine"]:
        """Leave it to finance, with the reason."""
        waiting = replace(self, reason=reason, deadline=_deadline(now))
        if self.statement.direction is Direction.CREDIT:
            moved = self.move(Rule.RECEIVED, now, debit=self.bank, credit=self.unallocated)
        else:
            moved = self.move(Rule.LEFT, now, debit=self.unallocated, credit=self.bank)
        return Booked(waiting, (), (moved,))

    def send_back(self, now: datetime) -> Booked["BankLine"]:
        """Decide to return a credit; the debit that quotes `return_reference` will close it."""
        if "return" not in self.allowed:
            raise BankLineSettledError(
                f"This {self.statement.direction} is {self.status}; only an unallocated credit goes back.",
                allowed=self.allowed,
            )
        return Booked(
            replace(
                self,
                status=BankLineStatus.RETURNING,
                return_reference=reference(Purpose.RETURN, self.id),
                deadline=_deadline(now),
                overdue=False,
            )
        )

    def close_return(self) -> Booked["BankLine"]:
        """Note that the money is back with its sender."""
        assert self.status is BankLineStatus.RETURNING
        return Booked(replace(self, status=BankLineStatus.RETURNED, deadline=None, overdue=False))

    def pass_deadline(self) -> Booked["BankLine"]:
        """Mark it overdue: the operator's task stays until somebody acts."""
        if self.status in (BankLineStatus.UNALLOCATED, BankLineStatus.RETURNING):
            return Booked(replace(self, overdue=True))
        return Booked(self)

    def move(self, rule: Rule, now: datetime, *, debit: AccountName, credit: AccountName) -> Transaction:
        """Book its amount by one rule."""
        return transfer(
            rule, Occasion(f"bank-line/{self.id}", now), self.statement.amount, debit=debit, credit=credit
        )


def recorded(statement: Statement, operator: TenantId) -> BankLine:
    """Make the line of a statement, before anybody looked to what it belongs."""
    return BankLine(statement.id, statement, operator, BankLineStatus.UNALLOCATED)


def _deadline(now: datetime) -> datetime:
    return now + timedelta(days=ALLOCATION_DAYS_MAX)
