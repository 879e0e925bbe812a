"""The work order ended: the expert gets their hours back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, maybe
from kpo_matching.domain.expert import WorkOutcome
from kpo_matching.domain.match import Match
from kpo_matching.domain.offering import work_ended
from kpo_matching.domain.roster import of_the_last_offer, with_roster


@dataclass(frozen=True, slots=True)
class EndWork:
    engagement_id: UUID
    client_id: UUID
    outcome: WorkOutcome


async def end_work(command: EndWork, cause: Cause, *, changes: Changes) -> Stored[Match]:
    ref = maybe(Match, Match.id_of(command.engagement_id))

    def decide(states: States, _: datetime) -> Decisions | Needs:
        match = states.get(ref) or Match.expected(command.engagement_id, command.client_id)
        called = of_the_last_offer(match)
        return with_roster(match, called, states, lambda roster: work_ended(match, command.outcome, roster))

    return await changes.change(cause, decide, ref)
