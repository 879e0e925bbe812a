"""Open an engagement's escrow: from now on it waits for the client's money."""

from dataclasses import dataclass
from datetime import datetime

from kpo_billing.domain.escrow import Escrow
from kpo_billing.domain.escrow_facts import Engagement, Terms
from kpo_billing.domain.ledger import book
from kpo_billing.domain.part import Mode
from kpo_billing.domain.party import Policy
from kpo_billing.domain.reference import Purpose, reference
from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, maybe
from kpo_chassis.money import Money


@dataclass(frozen=True, slots=True)
class OpenEscrow:
    """`amount` is all that the engagement may cost, fees included."""

    engagement: Engagement
    mode: Mode
    amount: Money
    fund_by: datetime


async def open_escrow(
    command: OpenEscrow, cause: Cause, *, changes: Changes, policy: Policy
) -> Stored[Escrow]:
    escrow = maybe(Escrow, command.engagement.escrow_id)
    quoting = reference(Purpose.ESCROW, escrow.id)
    terms = Terms(command.mode, command.amount, policy.fee_basis_points, quoting, command.fund_by)

    def decide(states: States, _now: datetime) -> Decisions | Needs:
        found = states.get(escrow) or Escrow.expect(command.engagement)
        return book(states, found.open(terms))

    return await changes.change(cause, decide, escrow)
