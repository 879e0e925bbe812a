"""Give the money back when nobody is to be paid: the match has ended, or the challenge is void."""

from dataclasses import dataclass
from datetime import datetime

from kpo_billing.domain.escrow import Escrow
from kpo_billing.domain.escrow_facts import Engagement, Outcome
from kpo_billing.domain.ledger import book
from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, maybe


@dataclass(frozen=True, slots=True)
class EndWithoutWork:
    engagement: Engagement
    outcome: Outcome


async def end_without_work(command: EndWithoutWork, cause: Cause, *, changes: Changes) -> Stored[Escrow]:
    escrow = maybe(Escrow, command.engagement.escrow_id)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        found = states.get(escrow) or Escrow.expect(command.engagement)
        return book(states, found.end_without_work(command.outcome, now))

    return await changes.change(cause, decide, escrow)
