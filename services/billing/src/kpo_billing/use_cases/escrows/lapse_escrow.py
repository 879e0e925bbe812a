"""Lapse an escrow whose time to be funded is over."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_billing.domain.escrow import Escrow
from kpo_billing.domain.ledger import book
from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, existing


@dataclass(frozen=True, slots=True)
class LapseEscrow:
    escrow_id: UUID


async def lapse_escrow(command: LapseEscrow, cause: Cause, *, changes: Changes) -> Stored[Escrow]:
    escrow = existing(Escrow, command.escrow_id)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        return book(states, states[escrow].pass_fund_by(now))

    return await changes.change(cause, decide, escrow)
