"""An entrant opens what they submitted, once nobody can gain by it: content and nonce."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Changes, Command, Decisions, EntryReads, Needs, States, existing, inner
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.entry import Entry
from kpo_delivery.domain.entry_facts import Submission
from kpo_delivery.domain.errors import SealedError
from kpo_delivery.domain.sealing import SealedContent


@dataclass(frozen=True, slots=True)
class OpenSubmission:
    entry_id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class OpenedSubmission:
    """A submission with everything that its commitment was made of."""

    entry: Entry
    submission: Submission
    content: SealedContent


async def open_submission(
    query: OpenSubmission, cause: Command, *, changes: Changes, entries: EntryReads
) -> OpenedSubmission:
    """Ask the clock that decides about deadlines; SealedError until submissions have closed.

    Others of the vendor wait until the challenge has ended: one of them may be a judge, who would know then
    whose blind code it is.
    """
    entry, who = existing(Entry, query.entry_id), cause.caller

    def decide(states: States, now: datetime) -> Decisions | Needs:
        challenge = inner(Challenge, states[entry].challenge_id)
        if challenge not in states:
            return Needs.of(challenge)
        if states[challenge].is_sealed(now):
            raise SealedError("Nobody may read what was submitted before submissions have closed.")
        if not (states[entry].is_of(who.person) or who.is_operator or states[challenge].has_ended):
            raise SealedError("Until the challenge has ended, only who submitted it may read it.")
        states[entry].submission(query.number)
        return Decisions()

    opened = (await changes.change(cause, decide, entry)).state
    where = {"_id": SealedContent.id_of(query.entry_id, query.number)}
    (content,) = await entries.entries(SealedContent, where, order=("_id",), limit=1)
    return OpenedSubmission(opened, opened.submission(query.number), content)
