"""A vendor, or the operator for it, offers a person's work."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, existing, inner_maybe
from kpo_matching.domain.expert import Expert, ExpertFact, ExpertProfile, register
from kpo_matching.domain.references import References
from kpo_matching.domain.vendor import Vendor


@dataclass(frozen=True, slots=True)
class RegisterExpert:
    vendor_id: UUID
    person_id: UUID
    profile: ExpertProfile


async def register_expert(
    command: RegisterExpert, cause: Cause, *, changes: Changes, references: References
) -> Stored[Expert]:
    # The caller names the vendor and a person; that the person has a profile elsewhere is an answer of ours.
    expert = inner_maybe(Expert, Expert.id_of(command.person_id))
    vendor = existing(Vendor, command.vendor_id)

    def decide(states: States, _: datetime) -> Decision[Expert, ExpertFact]:
        references.check(command.profile)
        return register(states.get(expert), states[vendor], command.person_id, command.profile)

    return await changes.change(cause, decide, expert, vendor)
