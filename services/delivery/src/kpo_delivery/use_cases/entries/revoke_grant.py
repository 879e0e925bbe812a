"""The client takes its data away from an entrant."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Changes, Command, Decision, States, Stored, existing, inner_maybe
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.entry import Entry
from kpo_delivery.domain.entry_facts import EntryFact
from kpo_delivery.domain.errors import EntryUnknownError


@dataclass(frozen=True, slots=True)
class RevokeGrant:
    challenge_id: UUID
    entry_id: UUID
    reason: str


async def revoke_grant(command: RevokeGrant, cause: Command, *, changes: Changes) -> Stored[Entry]:
    """End the grant; the entrant's submissions stay, since they were made while it held."""
    entry = inner_maybe(Entry, command.entry_id)
    challenge = existing(Challenge, command.challenge_id)

    def decide(states: States, now: datetime) -> Decision[Entry, EntryFact]:
        states[challenge].expect_client(cause.caller.tenant)
        found = states.get(entry)
        if found is None or found.challenge_id != command.challenge_id:
            raise EntryUnknownError(f"The challenge has no entry {command.entry_id}.")
        return found.revoke(command.reason, now)

    return await changes.change(cause, decide, entry, challenge)
