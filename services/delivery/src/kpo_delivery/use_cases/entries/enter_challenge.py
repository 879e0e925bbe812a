"""An expert enters a challenge: accepts the licence of its data, and is granted access to them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import (
    Changes,
    Command,
    Decisions,
    PersonId,
    States,
    Stored,
    existing,
    inner_maybe,
    maybe,
    together,
)
from kpo_delivery.domain.admission import accept_licence, expect_eligible
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.copies import ExpertCopy
from kpo_delivery.domain.entry import Entry
from kpo_delivery.domain.entry_facts import Entrant
from kpo_delivery.domain.participation import ParticipantRole, Participation, take_part


@dataclass(frozen=True, slots=True)
class EnterChallenge:
    challenge_id: UUID
    licence_version: str
    licence_sha256: str


async def enter_challenge(command: EnterChallenge, cause: Command, *, changes: Changes) -> Stored[Entry]:
    person, tenant = cause.caller.person, cause.caller.tenant
    entry = maybe(Entry, Entry.id_of(command.challenge_id, person))
    challenge = existing(Challenge, command.challenge_id)
    part = inner_maybe(Participation, Participation.id_of(command.challenge_id, person))
    expert = inner_maybe(ExpertCopy, ExpertCopy.id_of(person))

    def decide(states: States, now: datetime) -> Decisions:
        call = states[challenge]
        call.expect_open(now)
        eligible = expect_eligible(call, states.get(expert), tenant)
        licence = accept_licence(call, command.licence_version, command.licence_sha256, now)
        entrant = take_part(states.get(part), call.id, person, ParticipantRole.ENTRANT, now)
        entered = Entry.enter(_entrant(call, eligible), licence, eligible.profile.country, call.closes_at)
        return together(entered, entrant)

    return await changes.change(cause, decide, entry, challenge, part, expert)


def _entrant(challenge: Challenge, expert: ExpertCopy) -> Entrant:
    person: PersonId = expert.profile.person
    return Entrant(
        entry_id=Entry.id_of(challenge.id, person),
        challenge_id=challenge.id,
        engagement_id=challenge.engagement_id,
        client=challenge.client,
        expert_id=expert.id,
        person=person,
        vendor=expert.profile.vendor,
    )
