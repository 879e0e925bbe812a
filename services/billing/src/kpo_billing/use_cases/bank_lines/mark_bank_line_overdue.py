"""Mark a bank line that finance has not dealt with in time."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_billing.domain.bank_line import BankLine
from kpo_billing.domain.ledger import book
from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, existing


@dataclass(frozen=True, slots=True)
class MarkBankLineOverdue:
    bank_line_id: UUID


async def mark_bank_line_overdue(
    command: MarkBankLineOverdue, cause: Cause, *, changes: Changes
) -> Stored[BankLine]:
    line = existing(BankLine, command.bank_line_id)

    def decide(states: States, _now: datetime) -> Decisions | Needs:
        return book(states, states[line].pass_deadline())

    return await changes.change(cause, decide, line)
