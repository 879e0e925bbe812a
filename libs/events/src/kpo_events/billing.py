"""Events that billing announces: money held, released, invoiced and paid out."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from kpo_events.money import Money
from kpo_events.payload import EngagementPayload, HeldPayload, Payload, Stage, Text, Value


class EscrowPayload(HeldPayload):
    """An event of the escrow that holds an engagement's money; `mode` is the engagement's."""

    escrow_id: UUID
    mode: Text


class EscrowOpenedV1(EscrowPayload):
    """The engagement waits for money: pay `amount`, quoting `payment_reference`, before `fund_by`."""

    event_type: ClassVar = "billing.escrow.opened.v1"
    stage: ClassVar = Stage.ESCROW

    amount: Money
    fund_by: datetime
    payment_reference: Text
    fee_basis_points: int


class EscrowPartFundedV1(EscrowPayload):
    """Some of the money arrived."""

    event_type: ClassVar = "billing.escrow.part_funded.v1"
    stage: ClassVar = Stage.ESCROW

    received: Money
    funded: Money
    missing: Money


class EscrowFundedV1(EscrowPayload):
    """All of the money is there; the engagement is handed over to matching or delivery."""

    event_type: ClassVar = "billing.escrow.funded.v1"
    stage: ClassVar = Stage.ESCROW

    funded: Money


class EscrowReleasedV1(EngagementPayload):
    """An accepted milestone or an award was paid from the escrow: gross = net to the vendor + fee."""

    event_type: ClassVar = "billing.escrow.released.v1"
    public: ClassVar = True

    escrow_id: UUID
    vendor_id: UUID
    milestone: int | None = None
    award: int | None = None
    gross: Money
    fee: Money
    net: Money

    @property
    def part(self) -> str:
        """Name the part of the work that was paid."""
        return f"Milestone {self.milestone}" if self.award is None else f"Award {self.award}"


class EscrowClosingPayload(EscrowPayload):
    """The last word about the money: released + fees + refunded = funded."""

    stage: ClassVar = Stage.SETTLING

    outcome: Text
    funded: Money
    released: Money
    fees: Money
    refunded: Money


class EscrowSettledV1(EscrowClosingPayload):
    """The escrow is empty: released, and the rest refunded to the client's cash."""

    event_type: ClassVar = "billing.escrow.settled.v1"


class EscrowLapsedV1(EscrowClosingPayload):
    """The escrow was never fully funded; part payments went to the client's cash."""

    event_type: ClassVar = "billing.escrow.lapsed.v1"


class Party(Value):
    """A seller or buyer as an invoice froze it."""

    id: UUID
    name: Text
    country: Text


class InvoiceIssuedV1(EngagementPayload):
    """A document was issued: kind `vendor` (vendor to client) or `fee` (operator to vendor)."""

    event_type: ClassVar = "billing.invoice.issued.v1"

    invoice_id: UUID
    kind: Text
    number: Text
    issued_at: datetime
    milestone: int | None = None
    award: int | None = None
    seller: Party
    buyer: Party
    net: Money
    tax_category: Text
    tax_basis_points: int
    tax: Money
    gross: Money


class PayoutPayload(Payload):
    """An event of a payout: money on its way to a vendor, or back to a client from its cash."""

    payout_id: UUID
    payee_kind: Annotated[str, Field(description="vendor or client")]
    payee_id: UUID
    amount: Money
    engagement_id: UUID | None = None
    milestone: int | None = None
    award: int | None = None


class PayoutRequestedV1(PayoutPayload):
    """Money is set aside for the payee; the operator sends it."""

    event_type: ClassVar = "billing.payout.requested.v1"


class PayoutSentV1(PayoutPayload):
    """The bank was told to pay: attempt 1, 2, ... with its own reference."""

    event_type: ClassVar = "billing.payout.sent.v1"

    attempt: int
    reference: Text


class PayoutBookedV1(PayoutPayload):
    """The bank statement shows the payment."""

    event_type: ClassVar = "billing.payout.booked.v1"

    attempt: int
    reference: Text


class PayoutFailedV1(PayoutPayload):
    """The bank refused; the money is payable again."""

    event_type: ClassVar = "billing.payout.failed.v1"

    attempt: int
    reason: Text


class PayoutReturnedV1(PayoutPayload):
    """The payment came back after it was booked; the money is payable again."""

    event_type: ClassVar = "billing.payout.returned.v1"

    attempt: int
    reason: Text
