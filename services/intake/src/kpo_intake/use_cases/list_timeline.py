"""Everything that happened to one engagement, oldest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from kpo_chassis.kernel import Caller, Reads
from kpo_intake.domain.engagement import Engagement
from kpo_intake.domain.timeline import TimelineRow

Place: TypeAlias = tuple[datetime, str]
"""Where a page ended: time and id of its last row."""


class Timeline(Protocol):
    """The rows of all engagements."""

    async def page(self, engagement_id: UUID, *, after: Place | None, limit: int) -> tuple[TimelineRow, ...]:
        """Give at most `limit` rows in the order of (time, id), behind `after`."""
        ...


@dataclass(frozen=True, slots=True)
class ListTimeline:
    engagement_id: UUID
    after: Place | None
    limit: int


async def list_timeline(
    query: ListTimeline, caller: Caller, *, reads: Reads, timeline: Timeline
) -> tuple[TimelineRow, ...]:
    await reads.get(Engagement, query.engagement_id, caller)
    return await timeline.page(query.engagement_id, after=query.after, limit=query.limit)
