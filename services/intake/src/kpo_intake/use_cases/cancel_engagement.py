"""A client wishes to cancel an engagement; whoever holds it answers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Changes, Command, States, Stored, existing
from kpo_intake.domain.engagement import Engagement, EngagementDecision


@dataclass(frozen=True, slots=True)
class CancelEngagement:
    engagement_id: UUID
    reason: str


async def cancel_engagement(
    command: CancelEngagement, cause: Command, *, changes: Changes
) -> Stored[Engagement]:
    engagement = existing(Engagement, command.engagement_id)

    def decide(states: States, _: datetime) -> EngagementDecision:
        return states[engagement].cancel(command.reason)

    return await changes.change(cause, decide, engagement)
