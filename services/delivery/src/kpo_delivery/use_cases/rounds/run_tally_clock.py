"""The last scorecard of a round is in: the round is closed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from kpo_chassis.kernel import Cause, Reads, Stored
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.tally import Tally
from kpo_delivery.use_cases.rounds.close_round import CloseRound


@dataclass(frozen=True, slots=True)
class RunTallyClock:
    round_id: UUID


async def run_tally_clock(
    command: RunTallyClock,
    cause: Cause,
    *,
    reads: Reads,
    close_round: Callable[[CloseRound, Cause], Awaitable[Stored[Challenge]]],
) -> Stored[Challenge]:
    tally = (await reads.get(Tally, command.round_id)).state
    return await close_round(CloseRound(tally.challenge_id, tally.number), cause)
