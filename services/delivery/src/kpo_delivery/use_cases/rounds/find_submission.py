"""A judge reads a submission without learning whose it is; the client does once it is awarded."""

from dataclasses import dataclass
from uuid import UUID

from kpo_chassis.kernel import Caller, EntryReads, Reads
from kpo_delivery.domain.challenge import Challenge, ChallengeStatus
from kpo_delivery.domain.content import file_place
from kpo_delivery.domain.judging_errors import AssignmentUnknownError
from kpo_delivery.domain.round import Assignment, Round
from kpo_delivery.domain.sealing import Item, SealedContent, SealedFile
from kpo_delivery.domain.tally import Tally
from kpo_delivery.use_cases.rounds.read_round import read_assignment

FIRST_ROUND = 1
"""Every submission that counts is in it."""


@dataclass(frozen=True, slots=True)
class FindSubmission:
    challenge_id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class BlindSubmission:
    """What was submitted; `key` is the place of the file's bytes."""

    code: str
    items: tuple[Item, ...]
    file: SealedFile | None
    key: str | None


async def find_submission(
    query: FindSubmission, caller: Caller, *, reads: Reads, entries: EntryReads
) -> BlindSubmission:
    """Open a submission; rounds exist only once the deadline and its grace are over, so none is sealed."""
    challenge = (await reads.get(Challenge, query.challenge_id, caller)).state
    assignment = await _assignment(challenge, query.code, caller, reads, entries)
    if assignment is None:
        raise AssignmentUnknownError(f"There is no submission {query.code} that you may read now.")
    candidate = assignment.candidate
    where = {"_id": SealedContent.id_of(candidate.entry_id, candidate.submission)}
    (content,) = await entries.entries(SealedContent, where, order=("_id",), limit=1)
    key = file_place(candidate.entry_id, content.file.id).key if content.file else None
    return BlindSubmission(query.code, content.items, content.file, key)


async def _assignment(
    challenge: Challenge, code: str, caller: Caller, reads: Reads, entries: EntryReads
) -> Assignment | None:
    """Find what the caller may read: the panel while it judges, the client once it pays for it."""
    if challenge.clock is not None:
        key = Round.id_of(challenge.id, challenge.clock.round)
        seat = (await reads.get(Tally, key)).state.seat_of(caller.person)
        found = await read_assignment(key, code, entries)
        return found if found is not None and seat in found.seats else None
    if challenge.status is ChallengeStatus.AWARDED and caller.tenant == challenge.client:
        return await read_assignment(Round.id_of(challenge.id, FIRST_ROUND), code, entries)
    return None
