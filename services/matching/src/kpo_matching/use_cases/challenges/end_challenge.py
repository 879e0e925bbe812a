"""A challenge ended: its judges are free for other panels, and its winners have more standing."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, maybe
from kpo_matching.domain.calling import called_at_end, challenge_ended, with_experts
from kpo_matching.domain.panel import ChallengeEnd, Panel


@dataclass(frozen=True, slots=True)
class EndChallenge:
    challenge_id: UUID
    engagement_id: UUID
    client_id: UUID
    end: ChallengeEnd


async def end_challenge(command: EndChallenge, cause: Cause, *, changes: Changes) -> Stored[Panel]:
    ref = maybe(Panel, Panel.id_of(command.challenge_id))

    def decide(states: States, _: datetime) -> Decisions | Needs:
        expected = Panel.expected(command.challenge_id, command.engagement_id, command.client_id)
        panel = states.get(ref) or expected
        called = called_at_end(panel, command.end)
        return with_experts(called, states, lambda experts: challenge_ended(panel, command.end, experts))

    return await changes.change(cause, decide, ref)
