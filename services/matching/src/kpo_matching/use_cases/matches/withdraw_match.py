"""The escrow lapsed: nobody will be asked."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decisions, States, Stored, maybe
from kpo_matching.domain.joining import escrow_lapsed
from kpo_matching.domain.match import Match


@dataclass(frozen=True, slots=True)
class WithdrawMatch:
    engagement_id: UUID
    client_id: UUID


async def withdraw_match(command: WithdrawMatch, cause: Cause, *, changes: Changes) -> Stored[Match]:
    ref = maybe(Match, Match.id_of(command.engagement_id))

    def decide(states: States, _: datetime) -> Decisions:
        return escrow_lapsed(states.get(ref) or Match.expected(command.engagement_id, command.client_id))

    return await changes.change(cause, decide, ref)
