"""Put an unallocated bank line where finance says it belongs."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_billing.domain import allocating
from kpo_billing.domain.allocating import Target
from kpo_billing.domain.bank_line import Allocation, BankLine, TargetKind
from kpo_billing.domain.escrow import Escrow
from kpo_billing.domain.ledger import book
from kpo_billing.domain.party import Client
from kpo_billing.domain.payout import Payout
from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, Ref, States, Stored, existing


@dataclass(frozen=True, slots=True)
class AllocateBankLine:
    bank_line_id: UUID
    to: Allocation


async def allocate_bank_line(
    command: AllocateBankLine, cause: Cause, *, changes: Changes
) -> Stored[BankLine]:
    line, target = existing(BankLine, command.bank_line_id), _ref(command.to)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        return book(states, *allocating.allocate(states[line], states[target], now))

    return await changes.change(cause, decide, line, target)


def _ref(to: Allocation) -> Ref[Target]:
    match to.kind:
        case TargetKind.ESCROW:
            return existing(Escrow, to.id)
        case TargetKind.CLIENT_CASH:
            return existing(Client, to.id)
        case TargetKind.PAYOUT:
            return existing(Payout, to.id)
        case TargetKind.BANK_LINE:
            return existing(BankLine, to.id)
