"""Judges are late: those who are next on the bench take their seats and do what is left."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, existing, together
from kpo_delivery.domain.bench import bench_refs, seatings, spares
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.judging import JudgingPolicy
from kpo_delivery.domain.judging import call_spares as call
from kpo_delivery.domain.tally import reseated, tally_of


@dataclass(frozen=True, slots=True)
class CallSpares:
    challenge_id: UUID


async def call_spares(
    command: CallSpares, cause: Cause, *, changes: Changes, policy: JudgingPolicy
) -> Stored[Challenge]:
    challenge = existing(Challenge, command.challenge_id)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        seen = states[challenge]
        if seen.clock is None or seen.clock.gives_up_at is not None or now < seen.clock.judge_by:
            return together()
        tally = tally_of(seen.id, seen.clock.round)
        refs = (tally, *bench_refs(seen.id, seen.panel.bench))
        if not all(ref in states for ref in refs):
            return Needs(refs)
        late = states[tally].late
        decision = call(seen, late, spares(seen, seen.panel.bench, states), now + policy.give_up_after)
        seated = reseated(states[tally], decision.state)
        return together(decision, seated, *seatings(seen, decision.state, now))

    return await changes.change(cause, decide, challenge)
