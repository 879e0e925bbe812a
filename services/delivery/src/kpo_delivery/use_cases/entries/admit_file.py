"""An entrant wants to upload the file of a submission: whether they may, and whether it is there already."""

from dataclasses import dataclass
from uuid import UUID

from kpo_chassis.kernel import Caller, Reads
from kpo_delivery.domain.challenge import Challenge, ChallengeStatus
from kpo_delivery.domain.content import Admitted, Contents, admit, file_place
from kpo_delivery.domain.entry import Entry


@dataclass(frozen=True, slots=True)
class AdmitFile:
    entry_id: UUID
    file_id: UUID
    sha256: str


async def admit_file(command: AdmitFile, caller: Caller, *, reads: Reads, contents: Contents) -> Admitted:
    """Let the entrant of an open challenge in; whether there is still time, the submission decides."""
    entry = (await reads.get(Entry, command.entry_id, caller)).state
    entry.expect_person(caller.person)
    challenge = (await reads.get(Challenge, entry.challenge_id)).state
    challenge.expect_state("upload", ChallengeStatus.OPEN)
    place = file_place(command.entry_id, command.file_id)
    found = await contents.find(place.key)
    return admit(place, found, command.sha256, is_named=entry.holds(command.file_id))
