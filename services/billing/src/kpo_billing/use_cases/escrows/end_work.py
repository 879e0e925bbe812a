"""Settle the escrow when the work or the challenge has ended: what is left goes back to client cash."""

from dataclasses import dataclass
from datetime import datetime

from kpo_billing.domain.escrow import Escrow
from kpo_billing.domain.escrow_facts import Engagement, Outcome
from kpo_billing.domain.ledger import book
from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, maybe


@dataclass(frozen=True, slots=True)
class EndWork:
    engagement: Engagement
    outcome: Outcome


async def end_work(command: EndWork, cause: Cause, *, changes: Changes) -> Stored[Escrow]:
    escrow = maybe(Escrow, command.engagement.escrow_id)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        found = states.get(escrow) or Escrow.expect(command.engagement)
        return book(states, found.end_work(command.outcome, now))

    return await changes.change(cause, decide, escrow)
