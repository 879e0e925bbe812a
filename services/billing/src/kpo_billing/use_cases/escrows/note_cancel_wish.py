"""Answer the client's wish to cancel, if the escrow holds the engagement."""

from dataclasses import dataclass
from datetime import datetime

from kpo_billing.domain.escrow import Escrow
from kpo_billing.domain.escrow_facts import Engagement
from kpo_billing.domain.ledger import book
from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, maybe


@dataclass(frozen=True, slots=True)
class NoteCancelWish:
    engagement: Engagement


async def note_cancel_wish(command: NoteCancelWish, cause: Cause, *, changes: Changes) -> Stored[Escrow]:
    escrow = maybe(Escrow, command.engagement.escrow_id)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        found = states.get(escrow) or Escrow.expect(command.engagement)
        return book(states, found.wish_cancel(now))

    return await changes.change(cause, decide, escrow)
