"""What delivery does when others announce something: event model, and the use case that answers it."""

from kpo_chassis.doors import Handlers
from kpo_chassis.kernel import Occurrence
from kpo_delivery import wire
from kpo_delivery.app import App
from kpo_delivery.use_cases.challenges.fund_challenge import FundChallenge
from kpo_delivery.use_cases.challenges.lapse_challenge import LapseChallenge
from kpo_delivery.use_cases.challenges.note_fee import NoteFee
from kpo_delivery.use_cases.copies.suspend_expert import SuspendExpert
from kpo_events.billing import EscrowFundedV1, EscrowLapsedV1, EscrowOpenedV1
from kpo_events.catalogue import Event
from kpo_events.intake import (
    ClientRegisteredV1,
    ClientUpdatedV1,
    EngagementCancellationRequestedV1,
    EngagementSubmittedV1,
)
from kpo_events.matching import (
    ExpertRegisteredV1,
    ExpertSuspendedV1,
    ExpertUpdatedV1,
    MatchAcceptedV1,
    PanelProposedV1,
)

CHALLENGE = "challenge"
"""The mode whose engagements are open calls; those of the other one end in a work order."""


def handlers(app: App) -> Handlers:
    """Give the whole table; what is not in it only moves its number."""
    table = Handlers()
    _add_work_orders(table, app)
    _add_challenges(table, app)
    _add_purses(table, app)
    _add_copies(table, app)
    return table


def _add_work_orders(table: Handlers, app: App) -> None:
    async def match_accepted(event: Event[MatchAcceptedV1], cause: Occurrence) -> object:
        return await app.open_work_order(wire.open_work_order(event.data), cause)

    table.on(MatchAcceptedV1, match_accepted)


def _add_challenges(table: Handlers, app: App) -> None:
    async def engagement_submitted(event: Event[EngagementSubmittedV1], cause: Occurrence) -> object:
        if event.data.mode != CHALLENGE:
            return None
        return await app.challenges.plan_challenge(wire.plan_challenge(event.data), cause)

    async def cancel_wished(event: Event[EngagementCancellationRequestedV1], cause: Occurrence) -> object:
        if event.data.mode == CHALLENGE:
            return await app.challenges.answer_cancel_wish(wire.answer_cancel_wish(event.data), cause)
        return await app.note_cancel_wish(wire.note_cancel_wish(event.data), cause)

    async def panel_proposed(event: Event[PanelProposedV1], cause: Occurrence) -> object:
        return await app.challenges.propose_panel(wire.propose_panel(event.data), cause)

    table.on(EngagementSubmittedV1, engagement_submitted)
    table.on(EngagementCancellationRequestedV1, cancel_wished)
    table.on(PanelProposedV1, panel_proposed)


def _add_copies(table: Handlers, app: App) -> None:
    async def client_described(event: Event[ClientRegisteredV1], cause: Occurrence) -> object:
        return await app.entrants.copy_client(wire.copy_client(event.data), cause)

    async def expert_described(event: Event[ExpertRegisteredV1], cause: Occurrence) -> object:
        return await app.entrants.copy_expert(wire.copy_expert(event.data), cause)

    async def expert_suspended(event: Event[ExpertSuspendedV1], cause: Occurrence) -> object:
        return await app.entrants.suspend_expert(SuspendExpert(event.data.expert_id), cause)

    table.on(ClientRegisteredV1, client_described)
    table.on(ClientUpdatedV1, client_described)
    table.on(ExpertRegisteredV1, expert_described)
    table.on(ExpertUpdatedV1, expert_described)
    table.on(ExpertSuspendedV1, expert_suspended)


def _add_purses(table: Handlers, app: App) -> None:
    """Follow the money of open calls alone: work orders begin with a match that has waited for theirs."""

    async def escrow_opened(event: Event[EscrowOpenedV1], cause: Occurrence) -> object:
        if event.data.mode != CHALLENGE:
            return None
        return await app.challenges.note_fee(
            NoteFee(event.data.engagement_id, event.data.fee_basis_points), cause
        )

    async def escrow_funded(event: Event[EscrowFundedV1], cause: Occurrence) -> object:
        if event.data.mode != CHALLENGE:
            return None
        return await app.challenges.fund_challenge(FundChallenge(event.data.engagement_id), cause)

    async def escrow_lapsed(event: Event[EscrowLapsedV1], cause: Occurrence) -> object:
        if event.data.mode != CHALLENGE:
            return None
        return await app.challenges.lapse_challenge(LapseChallenge(event.data.engagement_id), cause)

    table.on(EscrowOpenedV1, escrow_opened)
    table.on(EscrowFundedV1, escrow_funded)
    table.on(EscrowLapsedV1, escrow_lapsed)
