"""What happens in matching because time passes."""

from collections.abc import Mapping
from uuid import UUID

from kpo_chassis.doors import ClockHandler
from kpo_chassis.kernel import Aggregate, Clock
from kpo_matching.app import App
from kpo_matching.domain.match import Match
from kpo_matching.use_cases.matches.run_match_clock import RunMatchClock


def clocks(app: App) -> Mapping[type[Aggregate], ClockHandler]:
    """Give one handler per aggregate that has a deadline."""

    async def match_due(match_id: UUID, cause: Clock) -> object:
        return await app.run_match_clock(RunMatchClock(match_id), cause)

    return {Match: match_due}
