"""The payout: money on its way out, sent again only after the bank has said that it did not arrive."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from kpo_billing.domain.account import AccountName, payout_transit
from kpo_billing.domain.errors import PayoutStateError
from kpo_billing.domain.ledger import Booked, Transaction
from kpo_billing.domain.part import Part
from kpo_billing.domain.payout_facts import (
    Order,
    PayoutBooked,
    PayoutFailed,
    PayoutRequested,
    PayoutReturned,
    PayoutSent,
)
from kpo_billing.domain.recipes import Occasion, Rule, transfer
from kpo_billing.domain.reference import Purpose, reference
from kpo_chassis.kernel import Task, TenantId

PAYOUT_DAYS_MAX = 5
"""How long a payout may wait for the operator, or for the bank, before it counts as overdue.

It waits for the operator as long after a bad outcome as after the request.
"""


class PayoutStatus(StrEnum):
    """`failed`: the bank refused. `returned`: the money came back after it was booked."""

    REQUESTED = "requested"
    SENT = "sent"
    BOOKED = "booked"
    FAILED = "failed"
    RETURNED = "returned"


def payout_id(engagement: UUID, part: Part) -> UUID:
    """Derive the id of a release's payout: there is one, however often its cause is seen."""
    return uuid5(engagement, f"payout:{part}")


@dataclass(frozen=True, slots=True)
class Payout:
    """One order to pay; its money is set aside from the request on, and payable again after a bad outcome.

    `attempt` counts how often the bank was told, `reference` is what it was told last, `deadline` is when
    somebody must look at it, `reason` says how the last attempt went wrong.
    """

    id: UUID
    order: Order
    operator: TenantId
    status: PayoutStatus
    deadline: datetime | None
    attempt: int = 0
    reference: str | None = None
    reason: str | None = None
    overdue: bool = False

    @classmethod
    def request(cls, order: Order, operator: TenantId, now: datetime) -> Booked["Payout"]:
        """Set the money aside for the payee."""
        payout = cls(order.payout, order, operator, PayoutStatus.REQUESTED, _deadline(now))
        return Booked(payout, (PayoutRequested(order),), (payout._reserve(1, now),))

    # What others may know of it ---------------------------------------------------------------------------

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset({self.order.payee.id})

    @property
    def due_at(self) -> datetime | None:
        return None if self.overdue else self.deadline

    @property
    def tasks(self) -> tuple[Task, ...]:
        path = f"/v1/payouts/{self.id}"
        match self.status:
            case PayoutStatus.REQUESTED | PayoutStatus.FAILED | PayoutStatus.RETURNED:
                return (Task(self.operator, "send", f"{path}/send", self.deadline),)
            case PayoutStatus.SENT if self.overdue:
                return (Task(self.operator, "ask_bank", path, self.deadline),)
            case _:
                return ()

    @property
    def allowed(self) -> tuple[str, ...]:
        match self.status:
            case PayoutStatus.REQUESTED | PayoutStatus.FAILED | PayoutStatus.RETURNED:
                return ("send",)
            case PayoutStatus.SENT:
                return ("fail",)
            case PayoutStatus.BOOKED:
                return ()

    @property
    def transit(self) -> AccountName:
        """The account that holds the money while it is neither payable nor gone."""
        return payout_transit(self.id, self.order.payee.id, self.order.amount.currency)

    @property
    def source(self) -> AccountName:
        """The account that the money is taken from."""
        return self.order.payee.account(self.order.amount.currency)

    # Rows of the fact table -------------------------------------------------------------------------------

    def send(self, now: datetime) -> Booked["Payout"]:
        """Tell the bank, under a reference of this attempt's own; after a bad outcome, set aside anew."""
        if "send" not in self.allowed:
            raise PayoutStateError(
                f"The payout is {self.status}; it is sent again only after a known bad outcome.",
                allowed=self.allowed,
            )
        attempt = self.attempt + 1
        sent = replace(
            self,
            status=PayoutStatus.SENT,
            deadline=_deadline(now),
            overdue=False,
            attempt=attempt,
            reference=reference(Purpose.PAYOUT, uuid5(self.id, f"attempt:{attempt}")),
            reason=None,
        )
        again = self.status is not PayoutStatus.REQUESTED
        return Booked(
            sent,
            (PayoutSent(self.order, attempt, sent.reference or ""),),
            (self._reserve(attempt, now),) if again else (),
        )

    def fail(self, reason: str, now: datetime) -> Booked["Payout"]:
        """Note that the bank refused; the money is payable again."""
        if self.status is not PayoutStatus.SENT:
            raise PayoutStateError(
                f"The payout is {self.status}; only one that was sent can fail.", allowed=self.allowed
            )
        failed = replace(
            self, status=PayoutStatus.FAILED, deadline=_deadline(now), overdue=False, reason=reason
        )
        back = transfer(
            Rule.PAYOUT_FAILED,
            self._occasion(self.attempt, now),
            self.order.amount,
            debit=self.transit,
            credit=self.source,
        )
        return Booked(failed, (PayoutFailed(self.order, self.attempt, reason),), (back,))

    def book(self) -> Booked["Payout"]:
        """Note that a bank statement shows it; the bank line's own booking moves the money."""
        assert self.status is PayoutStatus.SENT
        booked = replace(self, status=PayoutStatus.BOOKED, deadline=None, overdue=False)
        return Booked(booked, (PayoutBooked(self.order, self.attempt, self.reference or ""),))

    def take_back(self, reason: str, now: datetime) -> Booked["Payout"]:
        """Note that the money came back; the bank line's own booking makes it payable again."""
        assert self.status is PayoutStatus.BOOKED
        returned = replace(self, status=PayoutStatus.RETURNED, deadline=_deadline(now), reason=reason)
        return Booked(returned, (PayoutReturned(self.order, self.attempt, reason),))

    def pass_deadline(self) -> Booked["Payout"]:
        """Mark it overdue: the operator's task stays until somebody acts."""
        if self.status is PayoutStatus.BOOKED:
            return Booked(self)
        return Booked(replace(self, overdue=True))

    def _reserve(self, attempt: int, now: datetime) -> Transaction:
        return transfer(
            Rule.PAYOUT_RESERVED,
            self._occasion(attempt, now),
            self.order.amount,
            debit=self.source,
            credit=self.transit,
        )

    def _occasion(self, attempt: int, now: datetime) -> Occasion:
        work = self.order.work
        return Occasion(f"payout/{self.id}/{attempt}", now, work.engagement if work else None)


def _deadline(now: datetime) -> datetime:
    return now + timedelta(days=PAYOUT_DAYS_MAX)
