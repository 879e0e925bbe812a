"""A deadline of a challenge ran out: submissions close, spare judges are called, or a round is given up."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from kpo_chassis.kernel import Cause, Reads, Stored
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.use_cases.challenges.close_submissions import CloseSubmissions
from kpo_delivery.use_cases.panels.call_spares import CallSpares
from kpo_delivery.use_cases.rounds.close_round import CloseRound


@dataclass(frozen=True, slots=True)
class RunChallengeClock:
    challenge_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeClock:
    """The steps that the clock of a challenge may take; each checks again whether it is due."""

    close_submissions: Callable[[CloseSubmissions, Cause], Awaitable[Stored[Challenge]]]
    call_spares: Callable[[CallSpares, Cause], Awaitable[Stored[Challenge]]]
    close_round: Callable[[CloseRound, Cause], Awaitable[Stored[Challenge]]]


async def run_challenge_clock(
    command: RunChallengeClock, cause: Cause, *, reads: Reads, steps: ChallengeClock
) -> Stored[Challenge]:
    clock = (await reads.get(Challenge, command.challenge_id)).state.clock
    if clock is None:
        return await steps.close_submissions(CloseSubmissions(command.challenge_id), cause)
    if clock.gives_up_at is None:
        return await steps.call_spares(CallSpares(command.challenge_id), cause)
    return await steps.close_round(CloseRound(command.challenge_id, clock.round), cause)
