"""Pay a client's own cash back to it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid5

from kpo_billing.domain.ledger import Booked, book
from kpo_billing.domain.party import Policy
from kpo_billing.domain.payout import Payout
from kpo_billing.domain.payout_facts import Order, Payee, PayeeKind
from kpo_chassis.kernel import Changes, Command, Decisions, Needs, States, Stored, maybe
from kpo_chassis.money import Money


@dataclass(frozen=True, slots=True)
class RequestPayout:
    amount: Money


async def request_payout(
    command: RequestPayout, cause: Command, *, changes: Changes, policy: Policy
) -> Stored[Payout]:
    client = cause.caller.tenant
    payout = maybe(Payout, uuid5(client, f"payout:{cause.key}:{cause.fingerprint}"))
    order = Order(payout.id, Payee(PayeeKind.CLIENT, client), command.amount)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        known = states.get(payout)
        if known is not None:  # The same request, long after its stored answer was forgotten.
            return book(states, Booked(known))
        return book(states, Payout.request(order, policy.operator.id, now))

    return await changes.change(cause, decide, payout)
