"""How billing refuses, named as finance people name it, and the one error that is never a refusal."""

from kpo_chassis.kernel import ConflictError
from kpo_chassis.money import Money


class MisplacedFactError(Exception):
    """A fact met a state in which the chain of an engagement cannot produce it: a bug, so its event parks."""


class UnbalancedError(Exception):
    """A ledger transaction that does not add up was about to be booked: a bug in a recipe."""


class OverdrawnError(ConflictError):
    """An account holds less than what should leave it.

    A domain does not know the decimals of currencies, so that the edge tells callers both amounts in them.
    """

    code = "insufficient_funds"

    def __init__(self, account: str, holder: str, held: Money, asked: Money) -> None:
        super().__init__(f"The account {account} holds {held.minor} minor units; {asked.minor} are asked.")
        self.holder = holder
        self.held = held
        self.asked = asked


class NotAwaitingFundsError(ConflictError):
    """The escrow takes no money (any more)."""

    code = "escrow_not_awaiting_funds"


class NoCashError(ConflictError):
    """The client's cash account in this currency is empty."""

    code = "no_client_cash"


class BankLineDiffersError(ConflictError):
    """The same bank account and reference were recorded before, saying something else."""

    code = "bank_line_differs"

    def __init__(self, detail: str, *, pointer: str) -> None:
        super().__init__(detail)
        self.pointer = pointer


class BankLineSettledError(ConflictError):
    """The bank line is no longer unallocated."""

    code = "bank_line_not_unallocated"


class AllocationMisfitError(ConflictError):
    """The bank line and the chosen target do not belong together."""

    code = "allocation_does_not_fit"


class PayoutStateError(ConflictError):
    """The payout's state does not allow the action."""

    code = "payout_state"
