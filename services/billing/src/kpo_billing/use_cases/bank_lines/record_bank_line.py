"""Record a line of a bank statement, and put it where the reference in its text points."""

from dataclasses import dataclass
from datetime import datetime

from kpo_billing.domain import allocating
from kpo_billing.domain.allocating import Target
from kpo_billing.domain.bank_line import BankLine, Reason, Statement, recorded
from kpo_billing.domain.escrow import Escrow
from kpo_billing.domain.ledger import book
from kpo_billing.domain.party import Policy
from kpo_billing.domain.payout import Payout
from kpo_billing.domain.reference import Purpose, purpose_of, references_in
from kpo_chassis.kernel import (
    Cause,
    Changes,
    Decisions,
    Needs,
    Reads,
    Ref,
    States,
    Stored,
    inner,
    maybe,
)

SEVERAL = 2
"""Two things with one reference are as bad as many: nothing is guessed."""


@dataclass(frozen=True, slots=True)
class RecordBankLine:
    statement: Statement


async def record_bank_line(
    command: RecordBankLine, cause: Cause, *, changes: Changes, reads: Reads, policy: Policy
) -> Stored[BankLine]:
    statement = command.statement
    line = maybe(BankLine, statement.id)
    quoted = references_in(statement.remittance)
    target = await _find(quoted, reads)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        known = states.get(line)
        if known is not None:
            return book(states, known.repeat(statement))
        new = recorded(statement, policy.operator.id)
        where = target if isinstance(target, Reason) else _still(states[target], quoted)
        return book(states, *allocating.record(new, where, now))

    return await changes.change(cause, decide, line, *(() if isinstance(target, Reason) else (target,)))


async def _find(quoted: tuple[str, ...], reads: Reads) -> Ref[Target] | Reason:
    """Look for the one thing that a text refers to."""
    match quoted:
        case ():
            return Reason.NO_REFERENCE
        case (reference,):
            return await _find_one(reference, reads)
        case _:
            return Reason.SEVERAL_REFERENCES


async def _find_one(reference: str, reads: Reads) -> Ref[Target] | Reason:
    match purpose_of(reference):
        case Purpose.ESCROW:
            return _only(await reads.find(Escrow, {"terms.payment_reference": reference}, limit=SEVERAL))
        case Purpose.PAYOUT:
            return _only(await reads.find(Payout, {"reference": reference}, limit=SEVERAL))
        case Purpose.RETURN:
            return _only(await reads.find(BankLine, {"return_reference": reference}, limit=SEVERAL))


def _only(found: tuple[Escrow, ...] | tuple[Payout, ...] | tuple[BankLine, ...]) -> Ref[Target] | Reason:
    match found:
        case ():
            return Reason.UNKNOWN_REFERENCE
        case (target,):
            return inner(type(target), target.id)
        case _:
            return Reason.SEVERAL_REFERENCES


def _still(target: Target, quoted: tuple[str, ...]) -> Target | Reason:
    """Check again what was read before: a payout changes its reference with every attempt."""
    match target:
        case Payout(reference=current) if current not in quoted:
            return Reason.UNKNOWN_REFERENCE
        case _:
            return target
