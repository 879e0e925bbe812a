"""Billing says which share of each prize is the operator's."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, maybe
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.challenge_facts import ChallengeFact


@dataclass(frozen=True, slots=True)
class NoteFee:
    engagement_id: UUID
    basis_points: int


async def note_fee(command: NoteFee, cause: Cause, *, changes: Changes) -> Stored[Challenge]:
    challenge = maybe(Challenge, Challenge.id_of(command.engagement_id))

    def decide(states: States, _: datetime) -> Decision[Challenge, ChallengeFact]:
        known = states.get(challenge) or Challenge.expect(command.engagement_id)
        return known.note_fee(command.basis_points)

    return await changes.change(cause, decide, challenge)
