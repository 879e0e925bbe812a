"""The client wishes to cancel, perhaps before there is anything to cancel here."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, maybe
from kpo_matching.domain.joining import cancel_wished
from kpo_matching.domain.match import Match
from kpo_matching.domain.roster import of_the_last_offer, with_roster


@dataclass(frozen=True, slots=True)
class NoteCancelWish:
    engagement_id: UUID
    client_id: UUID
    reason: str


async def note_cancel_wish(command: NoteCancelWish, cause: Cause, *, changes: Changes) -> Stored[Match]:
    ref = maybe(Match, Match.id_of(command.engagement_id))

    def decide(states: States, _: datetime) -> Decisions | Needs:
        match = states.get(ref) or Match.expected(command.engagement_id, command.client_id)
        called = of_the_last_offer(match)
        return with_roster(match, called, states, lambda roster: cancel_wished(match, command.reason, roster))

    return await changes.change(cause, decide, ref)
