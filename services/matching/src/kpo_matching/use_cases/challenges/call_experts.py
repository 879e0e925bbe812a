"""A challenge opened: tell the best experts of it, and propose who could judge."""

from dataclasses import dataclass
from datetime import datetime

from kpo_chassis.kernel import Cause, Changes, Decisions, Needs, Reads, States, Stored, inner, maybe
from kpo_matching.domain.calling import called_at_opening, challenge_opened, with_experts
from kpo_matching.domain.challenge import Challenge
from kpo_matching.domain.client import ClientCopy
from kpo_matching.domain.invitation import Invitation
from kpo_matching.domain.panel import Panel
from kpo_matching.domain.selection import select
from kpo_matching.use_cases.read_pool import read_pool


@dataclass(frozen=True, slots=True)
class CallExperts:
    challenge: Challenge


async def call_experts(
    command: CallExperts, cause: Cause, *, changes: Changes, reads: Reads
) -> Stored[Panel]:
    challenge = command.challenge
    selection = select(challenge, await read_pool(challenge.practice_area, reads))
    ref = maybe(Panel, Panel.id_of(challenge.id))
    # Conflicts were ruled out by the client's id; a client about whom nothing is known makes this wait.
    client = inner(ClientCopy, challenge.client_id)
    invitations = (maybe(Invitation, Invitation.id_of(challenge.id, e.id)) for e in selection.invited)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        panel = states.get(ref) or Panel.expected(challenge.id, challenge.engagement_id, challenge.client_id)
        called = called_at_opening(panel, selection)
        return with_experts(
            called, states, lambda experts: challenge_opened(panel, challenge, selection, experts, now)
        )

    return await changes.change(cause, decide, ref, client, *invitations)
