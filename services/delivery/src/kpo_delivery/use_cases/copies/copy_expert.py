"""An expert was registered or updated: delivery keeps what entering and judging need."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, maybe
from kpo_delivery.domain.copies import ExpertCopy, ExpertProfile, describe_expert


@dataclass(frozen=True, slots=True)
class CopyExpert:
    expert_id: UUID
    profile: ExpertProfile


async def copy_expert(command: CopyExpert, cause: Cause, *, changes: Changes) -> Stored[ExpertCopy]:
    expert = maybe(ExpertCopy, command.expert_id)

    def decide(states: States, _: datetime) -> Decision[ExpertCopy, object]:
        return describe_expert(states.get(expert), command.expert_id, command.profile)

    return await changes.change(cause, decide, expert)
