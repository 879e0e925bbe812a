"""What matching does when others announce something: event model, and the use case that answers it."""

from kpo_chassis.doors import Handlers
from kpo_chassis.kernel import Occurrence
from kpo_events.billing import EscrowFundedV1, EscrowLapsedV1
from kpo_events.catalogue import Event
from kpo_events.challenges import (
    ChallengeAwardedV1,
    ChallengeCancelledV1,
    ChallengeOpenedV1,
    ChallengeVoidedV1,
)
from kpo_events.delivery import WorkOrderCancelledV1, WorkOrderCompletedV1
from kpo_events.intake import (
    ClientRegisteredV1,
    ClientUpdatedV1,
    EngagementCancellationRequestedV1,
    EngagementSubmittedV1,
)
from kpo_matching import wire
from kpo_matching.app import App

ASSIGNMENT = "assignment"
"""The mode whose engagements are matched; a challenge has no match, and tells of itself when it opens."""


def handlers(app: App) -> Handlers:
    """Give the whole table; what is not in it only moves its number."""
    table = Handlers()
    _add_intake(table, app)
    _add_money(table, app)
    _add_work(table, app)
    _add_challenges(table, app)
    return table


def _add_intake(table: Handlers, app: App) -> None:
    async def client_described(event: Event[ClientRegisteredV1], cause: Occurrence) -> object:
        return await app.copy_client(wire.copy_client(event.data), cause)

    async def engagement_submitted(event: Event[EngagementSubmittedV1], cause: Occurrence) -> object:
        if event.data.mode != ASSIGNMENT:
            return None
        return await app.shortlist_candidates(wire.shortlist_candidates(event.data), cause)

    async def cancel_wished(event: Event[EngagementCancellationRequestedV1], cause: Occurrence) -> object:
        if event.data.mode != ASSIGNMENT:
            return None
        return await app.note_cancel_wish(wire.note_cancel_wish(event.data), cause)

    table.on(ClientRegisteredV1, client_described)
    table.on(ClientUpdatedV1, client_described)
    table.on(EngagementSubmittedV1, engagement_submitted)
    table.on(EngagementCancellationRequestedV1, cancel_wished)


def _add_money(table: Handlers, app: App) -> None:
    async def escrow_funded(event: Event[EscrowFundedV1], cause: Occurrence) -> object:
        if event.data.mode != ASSIGNMENT:
            return None
        return await app.open_choice(wire.open_choice(event.data), cause)

    async def escrow_lapsed(event: Event[EscrowLapsedV1], cause: Occurrence) -> object:
        if event.data.mode != ASSIGNMENT:
            return None
        return await app.withdraw_match(wire.withdraw_match(event.data), cause)

    table.on(EscrowFundedV1, escrow_funded)
    table.on(EscrowLapsedV1, escrow_lapsed)


def _add_work(table: Handlers, app: App) -> None:
    async def work_completed(event: Event[WorkOrderCompletedV1], cause: Occurrence) -> object:
        return await app.end_work(wire.end_work(event.data), cause)

    async def work_cancelled(event: Event[WorkOrderCancelledV1], cause: Occurrence) -> object:
        return await app.end_work(wire.end_work(event.data), cause)

    table.on(WorkOrderCompletedV1, work_completed)
    table.on(WorkOrderCancelledV1, work_cancelled)


def _add_challenges(table: Handlers, app: App) -> None:
    async def challenge_opened(event: Event[ChallengeOpenedV1], cause: Occurrence) -> object:
        return await app.call_experts(wire.call_experts(event.data), cause)

    async def challenge_awarded(event: Event[ChallengeAwardedV1], cause: Occurrence) -> object:
        return await app.end_challenge(wire.end_challenge(event.data), cause)

    async def challenge_voided(event: Event[ChallengeVoidedV1], cause: Occurrence) -> object:
        return await app.end_challenge(wire.end_challenge(event.data), cause)

    async def challenge_cancelled(event: Event[ChallengeCancelledV1], cause: Occurrence) -> object:
        return await app.end_challenge(wire.end_challenge(event.data), cause)

    table.on(ChallengeOpenedV1, challenge_opened)
    table.on(ChallengeAwardedV1, challenge_awarded)
    table.on(ChallengeVoidedV1, challenge_voided)
    table.on(ChallengeCancelledV1, challenge_cancelled)
