"""What delivery does when others announce something: event model, and the use case that answers it."""

from kpo_chassis.doors import Handlers
from kpo_chassis.kernel import Occurrence
from kpo_delivery import wire
from kpo_delivery.app import App
from kpo_events.catalogue import Event
from kpo_events.intake import EngagementCancellationRequestedV1
from kpo_events.matching import MatchAcceptedV1

ASSIGNMENT = "assignment"
"""The mode whose engagements end in a work order; a challenge's wish is not for us."""


def handlers(app: App) -> Handlers:
    """Give the whole table; what is not in it only moves its number."""

    async def match_accepted(event: Event[MatchAcceptedV1], cause: Occurrence) -> object:
        return await app.open_work_order(wire.open_work_order(event.data), cause)

    async def cancel_wished(event: Event[EngagementCancellationRequestedV1], cause: Occurrence) -> object:
        if event.data.mode != ASSIGNMENT:
            return None
        return await app.note_cancel_wish(wire.note_cancel_wish(event.data), cause)

    return Handlers().on(MatchAcceptedV1, match_accepted).on(EngagementCancellationRequestedV1, cancel_wished)
