"""Something happened to an engagement: its timeline gets one row."""

from dataclasses import dataclass
from datetime import datetime

from kpo_chassis.kernel import Cause, Changes, Decisions, States, together
from kpo_intake.domain.timeline import TimelineRow


@dataclass(frozen=True, slots=True)
class RecordEvent:
    row: TimelineRow


async def record_event(command: RecordEvent, cause: Cause, *, changes: Changes) -> None:
    def decide(_states: States, _now: datetime) -> Decisions:
        return together(entries=(command.row,))

    await changes.change(cause, decide)
