"""Engagements that were handed on and that nobody took: the one silence that no clock of a holder ends."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from kpo_chassis.kernel import Reads
from kpo_intake.domain.engagement import Engagement, EngagementStatus
from kpo_intake.domain.timeline import TimelineRow

HANDED_ON_WITHIN = timedelta(minutes=15)
"""How long the next service may take; in health it takes a second."""

PAGE_MAX = 100
"""How many engagements are read at once."""

OPEN = (EngagementStatus.SUBMITTED, EngagementStatus.CANCELLING)


class CurrentSteps(Protocol):
    """Where an engagement stands, as the timeline knows it."""

    async def current(self, engagement_id: UUID) -> TimelineRow | None:
        """Give the holder's event that is furthest along the chain, whatever order events arrived in."""
        ...


async def find_stranded(now: datetime, *, reads: Reads, steps: CurrentSteps) -> tuple[TimelineRow, ...]:
    """Give the last step of every open engagement that nobody has held for too long."""
    stranded: list[TimelineRow] = []
    async for engagement in _open_engagements(reads):
        step = await steps.current(engagement.id)
        if step is not None and step.hands_on and step.time < now - HANDED_ON_WITHIN:
            stranded.append(step)
    return tuple(stranded)


async def _open_engagements(reads: Reads) -> AsyncIterator[Engagement]:
    """Read all of them, page by page."""
    for status in OPEN:
        where, after = {"status": status}, None
        while page := await reads.find(Engagement, where, after=after, limit=PAGE_MAX):
            for engagement in page:
                yield engagement
            after = page[-1].id
