"""The escrow is funded: offers may go out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, maybe
from kpo_matching.domain.joining import called_at_choice, escrow_funded
from kpo_matching.domain.match import Match
from kpo_matching.domain.roster import with_roster


@dataclass(frozen=True, slots=True)
class OpenChoice:
    engagement_id: UUID
    client_id: UUID


async def open_choice(command: OpenChoice, cause: Cause, *, changes: Changes) -> Stored[Match]:
    ref = maybe(Match, Match.id_of(command.engagement_id))

    def decide(states: States, now: datetime) -> Decisions | Needs:
        match = states.get(ref) or Match.expected(command.engagement_id, command.client_id)
        called = called_at_choice(match)
        return with_roster(match, called, states, lambda roster: escrow_funded(match, roster, now))

    return await changes.change(cause, decide, ref)
