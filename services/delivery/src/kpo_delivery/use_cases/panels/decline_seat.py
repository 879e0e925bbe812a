"""A judge leaves the panel; whoever is next on the bench does what is left."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Changes, Command, Decisions, Needs, Ref, States, Stored, existing, together
from kpo_delivery.domain.bench import bench_refs, seatings, spares
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.judging import decline
from kpo_delivery.domain.tally import Tally, reseated, tally_of


@dataclass(frozen=True, slots=True)
class DeclineSeat:
    challenge_id: UUID
    seat: int
    reason: str


async def decline_seat(command: DeclineSeat, cause: Command, *, changes: Changes) -> Stored[Challenge]:
    challenge = existing(Challenge, command.challenge_id)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        seen = states[challenge]
        refs, tally = bench_refs(seen.id, seen.panel.bench), _tally(seen)
        wanted = (*refs, *((tally,) if tally else ()))
        if not all(ref in states for ref in wanted):
            return Needs(wanted)
        person = cause.caller.person
        decision = decline(seen, command.seat, person, command.reason, spares(seen, seen.panel.bench, states))
        seated = reseated(states[tally], decision.state) if tally else None
        return together(decision, seated, *seatings(seen, decision.state, now))

    return await changes.change(cause, decide, challenge)


def _tally(challenge: Challenge) -> Ref[Tally] | None:
    return tally_of(challenge.id, challenge.clock.round) if challenge.clock else None
