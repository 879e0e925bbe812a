"""The timeline: what every service announced about an engagement, one immutable row per event."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

FILED_STAGE = 0
"""The first stage: what is filed waits for its escrow, whomever its event names."""


@dataclass(frozen=True, slots=True)
class WaitingOn:
    """Who must act, and when a clock acts instead."""

    party: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One event of an engagement, as its client may read it.

    `id` is topic/key/number, so a repeated event cannot make a second row. `stage` says how far along the
    chain its sender is, where the event is one of whoever holds the engagement; else it is None.
    """

    id: str
    engagement_id: UUID
    time: datetime
    service: str
    type: str
    subject: UUID
    number: int
    stage: int | None
    actor: str
    trace_id: str | None
    sentence: str
    waiting_on: WaitingOn | None

    @property
    def hands_on(self) -> bool:
        """Say whether another service must act next: the holder waits for nobody, or has only just filed."""
        return self.stage == FILED_STAGE or self.waiting_on is None
