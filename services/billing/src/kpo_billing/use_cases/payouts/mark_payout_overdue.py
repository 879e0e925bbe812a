"""Mark a payout that the operator has not sent (again), or the bank not shown, in time."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_billing.domain.ledger import book
from kpo_billing.domain.payout import Payout
from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, existing


@dataclass(frozen=True, slots=True)
class MarkPayoutOverdue:
    payout_id: UUID


async def mark_payout_overdue(
    command: MarkPayoutOverdue, cause: Cause, *, changes: Changes
) -> Stored[Payout]:
    payout = existing(Payout, command.payout_id)

    def decide(states: States, _now: datetime) -> Decisions | Needs:
        return book(states, states[payout].pass_deadline())

    return await changes.change(cause, decide, payout)
