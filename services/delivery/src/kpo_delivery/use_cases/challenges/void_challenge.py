"""The operator ends a challenge: nobody is paid, or those whom judged rounds have ranked already."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import (
    Changes,
    Command,
    Decision,
    Decisions,
    Needs,
    States,
    Stored,
    existing,
    together,
)
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.tally import tally_of


@dataclass(frozen=True, slots=True)
class VoidChallenge:
    challenge_id: UUID
    reason: str


async def void_challenge(command: VoidChallenge, cause: Command, *, changes: Changes) -> Stored[Challenge]:
    challenge = existing(Challenge, command.challenge_id)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        seen = states[challenge]
        decision = seen.void(command.reason, now)
        if seen.clock is None:
            return together(decision)
        tally = tally_of(seen.id, seen.clock.round)
        if tally not in states:
            return Needs.of(tally)
        return together(decision, Decision(states[tally].closed()))

    return await changes.change(cause, decide, challenge)
