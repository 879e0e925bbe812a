"""A vendor, or the operator, stops new work for an expert."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, existing
from kpo_matching.domain.expert import Expert, ExpertFact


@dataclass(frozen=True, slots=True)
class SuspendExpert:
    expert_id: UUID
    reason: str


async def suspend_expert(command: SuspendExpert, cause: Cause, *, changes: Changes) -> Stored[Expert]:
    expert = existing(Expert, command.expert_id)

    def decide(states: States, _: datetime) -> Decision[Expert, ExpertFact]:
        return states[expert].suspend(command.reason)

    return await changes.change(cause, decide, expert)
