"""The client wishes to call it off, perhaps before there is anything to call off."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, maybe
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.challenge_facts import ChallengeFact


@dataclass(frozen=True, slots=True)
class AnswerCancelWish:
    engagement_id: UUID
    reason: str


async def answer_cancel_wish(
    command: AnswerCancelWish, cause: Cause, *, changes: Changes
) -> Stored[Challenge]:
    challenge = maybe(Challenge, Challenge.id_of(command.engagement_id))

    def decide(states: States, now: datetime) -> Decision[Challenge, ChallengeFact]:
        known = states.get(challenge) or Challenge.expect(command.engagement_id)
        return known.wish_cancelled(command.reason, now)

    return await changes.change(cause, decide, challenge)
