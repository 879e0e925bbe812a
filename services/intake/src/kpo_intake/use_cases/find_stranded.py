"""Engagements that were handed on and that nobody took: the one silence that no clock of a holder ends."""

from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from kpo_chassis.kernel import Reads
from kpo_intake.domain.engagement import Engagement, EngagementStatus
from kpo_intake.domain.timeline import TimelineRow

HANDED_ON_WITHIN = timedelta(minutes=15)
"""How long the next service may take; in health it takes a second."""

LOOKED_AT_MAX = 1_000
"""How many open engagements of one state a look takes in."""

OPEN = (EngagementStatus.SUBMITTED, EngagementStatus.CANCELLING)


class CurrentSteps(Protocol):
    """Where an engagement stands, as the timeline knows it."""

    async def current(self, engagement_id: UUID) -> TimelineRow | None:
        """Give the holder's event that is furthest along the chain, whatever order events arrived in."""
        ...


async def find_stranded(now: datetime, *, reads: Reads, steps: CurrentSteps) -> tuple[TimelineRow, ...]:
    """Give the last step of every open engagement that nobody has held for too long."""
    stranded: list[TimelineRow] = []
    for status in OPEN:
        for engagement in await reads.find(Engagement, {"status": status}, limit=LOOKED_AT_MAX):
            step = await steps.current(engagement.id)
            if step is not None and step.hands_on and step.time < now - HANDED_ON_WITHIN:
                stranded.append(step)
    return tuple(stranded)
