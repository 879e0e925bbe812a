"""Tell the bank to pay."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_billing.domain.ledger import book
from kpo_billing.domain.payout import Payout
from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, existing


@dataclass(frozen=True, slots=True)
class SendPayout:
    payout_id: UUID


async def send_payout(command: SendPayout, cause: Cause, *, changes: Changes) -> Stored[Payout]:
    payout = existing(Payout, command.payout_id)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        return book(states, states[payout].send(now))

    return await changes.change(cause, decide, payout)
