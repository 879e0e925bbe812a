"""The escrow has spoken its last word: the engagement closes, and its timeline says so."""

from dataclasses import dataclass
from datetime import datetime

from kpo_chassis.kernel import Cause, Changes, Decisions, States, Stored, inner, together
from kpo_intake.domain.engagement import Engagement, Outcome
from kpo_intake.domain.timeline import TimelineRow


@dataclass(frozen=True, slots=True)
class CloseEngagement:
    outcome: Outcome
    row: TimelineRow


async def close_engagement(command: CloseEngagement, cause: Cause, *, changes: Changes) -> Stored[Engagement]:
    engagement = inner(Engagement, command.row.engagement_id)

    def decide(states: States, now: datetime) -> Decisions:
        return together(states[engagement].close(command.outcome, now), entries=(command.row,))

    return await changes.change(cause, decide, engagement)
