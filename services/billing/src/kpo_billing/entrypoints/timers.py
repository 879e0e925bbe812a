"""What happens in billing because time passes."""

from collections.abc import Mapping
from uuid import UUID

from kpo_billing.app import App
from kpo_billing.domain.bank_line import BankLine
from kpo_billing.domain.escrow import Escrow
from kpo_billing.domain.payout import Payout
from kpo_billing.use_cases.bank_lines.mark_bank_line_overdue import MarkBankLineOverdue
from kpo_billing.use_cases.escrows.lapse_escrow import LapseEscrow
from kpo_billing.use_cases.payouts.mark_payout_overdue import MarkPayoutOverdue
from kpo_chassis.doors import ClockHandler
from kpo_chassis.kernel import Aggregate, Clock


def clocks(app: App) -> Mapping[type[Aggregate], ClockHandler]:
    """Give one handler per aggregate that has a deadline."""

    async def fund_by(escrow_id: UUID, cause: Clock) -> object:
        return await app.lapse_escrow(LapseEscrow(escrow_id), cause)

    async def payout_overdue(payout_id: UUID, cause: Clock) -> object:
        return await app.mark_payout_overdue(MarkPayoutOverdue(payout_id), cause)

    async def bank_line_overdue(bank_line_id: UUID, cause: Clock) -> object:
        return await app.mark_bank_line_overdue(MarkBankLineOverdue(bank_line_id), cause)

    return {Escrow: fund_by, Payout: payout_overdue, BankLine: bank_line_overdue}
