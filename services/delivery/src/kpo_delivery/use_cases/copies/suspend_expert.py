"""An expert was suspended: from now on they enter nothing and download nothing."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, inner
from kpo_delivery.domain.copies import ExpertCopy


@dataclass(frozen=True, slots=True)
class SuspendExpert:
    expert_id: UUID


async def suspend_expert(command: SuspendExpert, cause: Cause, *, changes: Changes) -> Stored[ExpertCopy]:
    expert = inner(ExpertCopy, command.expert_id)

    def decide(states: States, _: datetime) -> Decision[ExpertCopy, object]:
        return states[expert].suspend()

    return await changes.change(cause, decide, expert)
