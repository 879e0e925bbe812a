"""Fund an escrow from the cash that the client holds with the operator."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_billing.domain.account import Account
from kpo_billing.domain.escrow import Escrow
from kpo_billing.domain.ledger import account_ref, book
from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, existing


@dataclass(frozen=True, slots=True)
class FundEscrowFromCash:
    escrow_id: UUID


async def fund_escrow_from_cash(
    command: FundEscrowFromCash, cause: Cause, *, changes: Changes
) -> Stored[Escrow]:
    escrow = existing(Escrow, command.escrow_id)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        cash = account_ref(states[escrow].cash)
        if cash not in states:
            return Needs.of(cash)
        held = states.get(cash) or Account.of(states[escrow].cash)
        return book(states, states[escrow].fund_from_cash(held.money, now))

    return await changes.change(cause, decide, escrow)
