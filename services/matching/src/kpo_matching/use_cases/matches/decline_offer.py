"""The asked expert, or the vendor for them, says no."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, States, Stored, existing
from kpo_matching.domain.match import Match
from kpo_matching.domain.offering import OfferReply, decline
from kpo_matching.domain.roster import of_the_ladder, with_roster


@dataclass(frozen=True, slots=True)
class DeclineOffer:
    match_id: UUID
    reply: OfferReply
    reason: str


async def decline_offer(command: DeclineOffer, cause: Cause, *, changes: Changes) -> Stored[Match]:
    ref = existing(Match, command.match_id)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        match, called = states[ref], of_the_ladder(states[ref])
        return with_roster(
            match, called, states, lambda r: decline(match, command.reply, command.reason, r, now)
        )

    return await changes.change(cause, decide, ref)
