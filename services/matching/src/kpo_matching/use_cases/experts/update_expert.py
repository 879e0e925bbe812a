"""A vendor, or the operator for it, says what an expert can do and carry now."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, existing
from kpo_matching.domain.expert import Expert, ExpertFact, ExpertProfile
from kpo_matching.domain.references import References


@dataclass(frozen=True, slots=True)
class UpdateExpert:
    expert_id: UUID
    profile: ExpertProfile


async def update_expert(
    command: UpdateExpert, cause: Cause, *, changes: Changes, references: References
) -> Stored[Expert]:
    expert = existing(Expert, command.expert_id)

    def decide(states: States, _: datetime) -> Decision[Expert, ExpertFact]:
        references.check(command.profile)
        return states[expert].update(command.profile)

    return await changes.change(cause, decide, expert)
