"""Pay an accepted milestone: release, invoices and payout, in one change."""

from dataclasses import dataclass
from datetime import datetime

from kpo_billing.domain import releasing
from kpo_billing.domain.errors import MisplacedFactError
from kpo_billing.domain.escrow import Escrow
from kpo_billing.domain.escrow_facts import Due, Engagement
from kpo_billing.domain.ledger import book
from kpo_billing.domain.party import Policy
from kpo_billing.domain.payout import Payout, payout_id
from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, inner_maybe, maybe


@dataclass(frozen=True, slots=True)
class ReleaseMilestone:
    engagement: Engagement
    due: Due


async def release_milestone(
    command: ReleaseMilestone, cause: Cause, *, changes: Changes, policy: Policy
) -> Stored[Escrow]:
    engagement, due = command.engagement, command.due
    escrow = maybe(Escrow, engagement.escrow_id)
    payout = inner_maybe(Payout, payout_id(engagement.id, due.part))

    def decide(states: States, now: datetime) -> Decisions | Needs:
        if states.get(payout) is not None:
            raise MisplacedFactError(f"{due.part} of engagement {engagement.id} is paid already")
        sides = releasing.gather(states, engagement, (due,), policy, now)
        if isinstance(sides, Needs):
            return sides
        found = states.get(escrow) or Escrow.expect(engagement)
        return book(states, *releasing.release(found, due, sides, now))

    return await changes.change(cause, decide, escrow, payout, *releasing.parties(engagement, (due,)))
