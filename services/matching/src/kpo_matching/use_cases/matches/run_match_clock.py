"""Time ran out: the clock chooses for the client, or takes an unanswered offer back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, existing
from kpo_matching.domain.match import Match
from kpo_matching.domain.offering import deadline_passed
from kpo_matching.domain.roster import of_the_ladder, with_roster


@dataclass(frozen=True, slots=True)
class RunMatchClock:
    match_id: UUID


async def run_match_clock(command: RunMatchClock, cause: Cause, *, changes: Changes) -> Stored[Match]:
    ref = existing(Match, command.match_id)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        match, called = states[ref], of_the_ladder(states[ref])
        return with_roster(match, called, states, lambda roster: deadline_passed(match, roster, now))

    return await changes.change(cause, decide, ref)
