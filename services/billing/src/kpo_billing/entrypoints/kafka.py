"""What billing does when others announce something: event model, and the use case that answers it."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from kpo_billing import wire
from kpo_billing.app import App, Change
from kpo_chassis.doors import Handlers
from kpo_chassis.kernel import Occurrence
from kpo_events.catalogue import Event
from kpo_events.challenges import ChallengeAwardedV1, ChallengeCancelledV1, ChallengeVoidedV1
from kpo_events.delivery import MilestoneAcceptedV1, WorkOrderCancelledV1, WorkOrderCompletedV1
from kpo_events.intake import (
    ClientRegisteredV1,
    ClientUpdatedV1,
    EngagementCancellationRequestedV1,
    EngagementSubmittedV1,
)
from kpo_events.matching import MatchEndedV1, VendorOnboardedV1, VendorUpdatedV1
from kpo_events.payload import Payload

P = TypeVar("P", bound=Payload)
C = TypeVar("C")
S = TypeVar("S")


def handlers(app: App) -> Handlers:
    """Give the whole table; what is not in it only moves its number."""
    return (
        Handlers()
        .on(ClientRegisteredV1, _act(wire.copy_client, app.copy_client))
        .on(ClientUpdatedV1, _act(wire.copy_client, app.copy_client))
        .on(VendorOnboardedV1, _act(wire.copy_vendor, app.copy_vendor))
        .on(VendorUpdatedV1, _act(wire.copy_vendor, app.copy_vendor))
        .on(EngagementSubmittedV1, _act(wire.open_escrow, app.open_escrow))
        .on(EngagementCancellationRequestedV1, _act(wire.note_cancel_wish, app.note_cancel_wish))
        .on(MatchEndedV1, _act(wire.end_match, app.end_without_work))
        .on(MilestoneAcceptedV1, _act(wire.release_milestone, app.release_milestone))
        .on(WorkOrderCompletedV1, _act(wire.complete_work, app.end_work))
        .on(WorkOrderCancelledV1, _act(wire.cancel_work, app.end_work))
        .on(ChallengeAwardedV1, _act(wire.award_challenge, app.award_challenge))
        .on(ChallengeVoidedV1, _act(wire.void_challenge, app.end_without_work))
        .on(ChallengeCancelledV1, _act(wire.cancel_challenge, app.end_work))
    )


def _act(
    read: Callable[[P], C], use_case: Change[C, S]
) -> Callable[[Event[P], Occurrence], Awaitable[object]]:
    """Turn the payload into a command and hand it to its use case, with the event as the cause."""

    async def handle(event: Event[P], cause: Occurrence) -> object:
        return await use_case(read(event.data), cause)

    return handle
