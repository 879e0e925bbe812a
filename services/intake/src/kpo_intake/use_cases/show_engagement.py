"""One engagement with where it stands: its own state, and the current step as the timeline knows it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from kpo_chassis.kernel import Caller, Reads, Stored
from kpo_intake.domain.engagement import Engagement
from kpo_intake.domain.timeline import TimelineRow


class Progress(Protocol):
    """What the timeline can say of one engagement."""

    async def current(self, engagement_id: UUID) -> TimelineRow | None:
        """Give the holder's event that is furthest along the chain, whatever order events arrived in."""
        ...

    async def newest(self, engagement_id: UUID) -> TimelineRow | None:
        """Give the row that happened last."""
        ...


@dataclass(frozen=True, slots=True)
class EngagementView:
    """`as_of` is the time of the newest event that the timeline has: it is a copy, a moment behind."""

    stored: Stored[Engagement]
    current: TimelineRow | None
    as_of: datetime | None


async def show_engagement(
    engagement_id: UUID, caller: Caller, *, reads: Reads, progress: Progress
) -> EngagementView:
    stored = await reads.get(Engagement, engagement_id, caller)
    newest = await progress.newest(engagement_id)
    return EngagementView(stored, await progress.current(engagement_id), newest.time if newest else None)
