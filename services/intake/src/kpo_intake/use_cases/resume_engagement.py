"""The holder said no to the wish to cancel: the engagement goes on, and its timeline says so."""

from dataclasses import dataclass
from datetime import datetime

from kpo_chassis.kernel import Cause, Changes, Decisions, States, Stored, inner, together
from kpo_intake.domain.engagement import Engagement
from kpo_intake.domain.timeline import TimelineRow


@dataclass(frozen=True, slots=True)
class ResumeEngagement:
    row: TimelineRow


async def resume_engagement(
    command: ResumeEngagement, cause: Cause, *, changes: Changes
) -> Stored[Engagement]:
    engagement = inner(Engagement, command.row.engagement_id)

    def decide(states: States, _: datetime) -> Decisions:
        return together(states[engagement].cancel_refused(), entries=(command.row,))

    return await changes.change(cause, decide, engagement)
