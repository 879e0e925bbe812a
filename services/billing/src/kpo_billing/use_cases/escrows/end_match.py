"""Give the money back when the match has ended and nobody will do the work."""

from dataclasses import dataclass
from datetime import datetime

from kpo_billing.domain.escrow import Escrow
from kpo_billing.domain.escrow_facts import Engagement, Outcome
from kpo_billing.domain.ledger import book
from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, maybe


@dataclass(frozen=True, slots=True)
class EndMatch:
    engagement: Engagement
    outcome: Outcome


async def end_match(command: EndMatch, cause: Cause, *, changes: Changes) -> Stored[Escrow]:
    escrow = maybe(Escrow, command.engagement.escrow_id)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        found = states.get(escrow) or Escrow.expect(command.engagement)
        return book(states, found.end_match(command.outcome, now))

    return await changes.change(cause, decide, escrow)
