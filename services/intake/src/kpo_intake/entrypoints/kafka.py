"""What intake does when anybody announces something about an engagement: it writes the timeline."""

from kpo_chassis.doors import Handlers
from kpo_chassis.kernel import Occurrence
from kpo_events.billing import EscrowClosingPayload, EscrowLapsedV1, EscrowSettledV1
from kpo_events.catalogue import Event
from kpo_events.challenges import ChallengeCancelRefusedV1
from kpo_events.payload import Payload
from kpo_intake import wire
from kpo_intake.app import App
from kpo_intake.use_cases.record_event import RecordEvent

TIMELINE_TOPICS = (
    "intake.engagement",
    "matching.match",
    "matching.invitation",
    "matching.panel",
    "delivery.workorder",
    "delivery.challenge",
    "delivery.entry",
    "billing.escrow",
    "billing.invoice",
    "billing.payout",
)
"""All topics whose events are about engagements, our own among them."""


def handlers(app: App) -> Handlers:
    """Give the whole table: a holder's no and the escrow's last word are acted on, all else is a row."""

    async def cancel_refused(event: Event[ChallengeCancelRefusedV1], cause: Occurrence) -> object:
        return await app.resume_engagement(wire.resume_engagement(event), cause)

    async def escrow_closed(event: Event[EscrowClosingPayload], cause: Occurrence) -> object:
        return await app.close_engagement(wire.close_engagement(event), cause)

    async def happened(event: Event[Payload], cause: Occurrence) -> None:
        row = wire.timeline_row(event)
        if row is not None:
            await app.record_event(RecordEvent(row), cause)

    table = Handlers().on(ChallengeCancelRefusedV1, cancel_refused)
    table.on(EscrowSettledV1, escrow_closed).on(EscrowLapsedV1, escrow_closed)
    for topic in TIMELINE_TOPICS:
        table.on_topic(topic, happened)
    return table
