"""Decide to send an unallocated credit back to whoever paid it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_billing.domain.bank_line import BankLine
from kpo_billing.domain.ledger import book
from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, existing


@dataclass(frozen=True, slots=True)
class ReturnBankLine:
    bank_line_id: UUID


async def return_bank_line(command: ReturnBankLine, cause: Cause, *, changes: Changes) -> Stored[BankLine]:
    line = existing(BankLine, command.bank_line_id)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        return book(states, states[line].send_back(now))

    return await changes.change(cause, decide, line)
