"""The client chooses a judge: one of the bench, or any known expert who is not close to it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import (
    Changes,
    Command,
    Decisions,
    PersonId,
    States,
    Stored,
    existing,
    inner_maybe,
    together,
)
from kpo_delivery.domain.bench import judge_of, participation
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.copies import ExpertCopy
from kpo_delivery.domain.judging import appoint
from kpo_delivery.domain.judging_errors import JudgeConflictError, JudgeUnknownError
from kpo_delivery.domain.participation import ParticipantRole, take_part


@dataclass(frozen=True, slots=True)
class AppointJudge:
    challenge_id: UUID
    person_id: PersonId


async def appoint_judge(command: AppointJudge, cause: Command, *, changes: Changes) -> Stored[Challenge]:
    challenge = existing(Challenge, command.challenge_id)
    part = participation(command.challenge_id, command.person_id)
    expert = inner_maybe(ExpertCopy, ExpertCopy.id_of(command.person_id))

    def decide(states: States, now: datetime) -> Decisions:
        seen, known = states[challenge], states.get(expert)
        seen.expect_client(cause.caller.tenant)
        if known is None or not known.is_active:
            raise JudgeUnknownError("No active expert of this person is known.", pointer="/person_id")
        if known.is_close_to(seen.client):
            raise JudgeConflictError(
                "This person is close to your organisation; choose another.", pointer="/person_id"
            )
        decision = appoint(seen, judge_of(known))
        judge = take_part(states.get(part), seen.id, command.person_id, ParticipantRole.JUDGE, now)
        return together(decision, judge)

    return await changes.change(cause, decide, challenge, part, expert)
