"""Matching proposes judges: they wait on the bench until a seat is free for them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, maybe, together
from kpo_delivery.domain.bench import bench_refs, seatings, spares
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.judging import propose_bench
from kpo_delivery.domain.panel import Judge
from kpo_delivery.domain.tally import reseated, tally_of


@dataclass(frozen=True, slots=True)
class ProposePanel:
    engagement_id: UUID
    bench: tuple[Judge, ...]


async def propose_panel(command: ProposePanel, cause: Cause, *, changes: Changes) -> Stored[Challenge]:
    challenge = maybe(Challenge, Challenge.id_of(command.engagement_id))

    def decide(states: States, now: datetime) -> Decisions | Needs:
        known = states.get(challenge) or Challenge.expect(command.engagement_id)
        if known.clock is None:
            return together(propose_bench(known, command.bench, ()))
        tally = tally_of(known.id, known.clock.round)
        refs = (tally, *bench_refs(known.id, command.bench))
        if not all(ref in states for ref in refs):
            return Needs(refs)
        decision = propose_bench(known, command.bench, spares(known, command.bench, states))
        seated = reseated(states[tally], decision.state)
        return together(decision, seated, *seatings(known, decision.state, now))

    return await changes.change(cause, decide, challenge)
