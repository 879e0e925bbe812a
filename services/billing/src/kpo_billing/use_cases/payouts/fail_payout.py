"""Note that the bank refused a payout: its money is payable again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_billing.domain.ledger import book
from kpo_billing.domain.payout import Payout
from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, existing


@dataclass(frozen=True, slots=True)
class FailPayout:
    payout_id: UUID
    reason: str


async def fail_payout(command: FailPayout, cause: Cause, *, changes: Changes) -> Stored[Payout]:
    payout = existing(Payout, command.payout_id)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        return book(states, states[payout].fail(command.reason, now))

    return await changes.change(cause, decide, payout)
