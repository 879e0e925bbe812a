"""The asked expert, or the vendor for them, says yes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, existing
from kpo_matching.domain.match import Match
from kpo_matching.domain.offering import OfferReply, accept
from kpo_matching.domain.roster import of_the_last_offer, with_roster


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    match_id: UUID
    reply: OfferReply


async def accept_offer(command: AcceptOffer, cause: Cause, *, changes: Changes) -> Stored[Match]:
    ref = existing(Match, command.match_id)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        match, called = states[ref], of_the_last_offer(states[ref])
        return with_roster(match, called, states, lambda roster: accept(match, command.reply, roster, now))

    return await changes.change(cause, decide, ref)
