"""Pay the awards of a challenge and settle its purse: all releases, invoices and payouts, in one change."""

from dataclasses import dataclass
from datetime import datetime

from kpo_billing.domain import releasing
from kpo_billing.domain.escrow import Escrow
from kpo_billing.domain.escrow_facts import Due, Engagement
from kpo_billing.domain.ledger import book
from kpo_billing.domain.party import Policy
from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, maybe


@dataclass(frozen=True, slots=True)
class AwardChallenge:
    engagement: Engagement
    dues: tuple[Due, ...]


async def award_challenge(
    command: AwardChallenge, cause: Cause, *, changes: Changes, policy: Policy
) -> Stored[Escrow]:
    engagement, dues = command.engagement, command.dues
    escrow = maybe(Escrow, engagement.escrow_id)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        sides = releasing.gather(states, engagement, dues, policy, now)
        if isinstance(sides, Needs):
            return sides
        found = states.get(escrow) or Escrow.expect(engagement)
        return book(states, *releasing.award(found, dues, sides, now))

    return await changes.change(cause, decide, escrow, *releasing.parties(engagement, dues))
