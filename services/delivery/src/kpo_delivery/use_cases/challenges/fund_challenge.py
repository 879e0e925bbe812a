"""The purse is there: the call opens, or remembers it until its plan arrives."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, maybe
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.challenge_facts import ChallengeFact


@dataclass(frozen=True, slots=True)
class FundChallenge:
    engagement_id: UUID


async def fund_challenge(command: FundChallenge, cause: Cause, *, changes: Changes) -> Stored[Challenge]:
    challenge = maybe(Challenge, Challenge.id_of(command.engagement_id))

    def decide(states: States, now: datetime) -> Decision[Challenge, ChallengeFact]:
        known = states.get(challenge) or Challenge.expect(command.engagement_id)
        return known.fund(now)

    return await changes.change(cause, decide, challenge)
