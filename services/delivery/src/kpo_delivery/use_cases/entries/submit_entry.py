"""An entrant submits: sealed at once, counted if it is decided before the deadline."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Changes, Command, Decisions, Needs, States, Stored, existing, inner, together
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.content import Content, Contents, expect_stored, expect_young, file_place
from kpo_delivery.domain.entry import Entry
from kpo_delivery.domain.errors import SubmissionEmptyError
from kpo_delivery.domain.sealing import Item, SealedContent, SealedFile

FILE = "/file_id"
"""Where the request names the file."""


@dataclass(frozen=True, slots=True)
class SubmitEntry:
    """`nonce` is made at the door: 32 random bytes in hexadecimal."""

    entry_id: UUID
    items: tuple[Item, ...]
    file_id: UUID | None
    nonce: str


async def submit_entry(
    command: SubmitEntry, cause: Command, *, changes: Changes, contents: Contents
) -> Stored[Entry]:
    """Write the entry and its sealed content; the challenge only to note that there is something now."""
    if not command.items and command.file_id is None:
        raise SubmissionEmptyError("Submit items, a file, or both.", pointer="/items")
    found = None
    if command.file_id is not None:
        found = await contents.find(file_place(command.entry_id, command.file_id).key)
    entry = existing(Entry, command.entry_id)

    def decide(states: States, now: datetime) -> Decisions | Needs:
        seen = states[entry]
        seen.expect_person(cause.caller.person)
        challenge = inner(Challenge, seen.challenge_id)
        if challenge not in states:
            return Needs.of(challenge)
        states[challenge].expect_open(now)
        content = _sealed(command, seen, _file(command, seen, found, now))
        return together(seen.submit(content, now), states[challenge].received_submission(), entries=[content])

    return await changes.change(cause, decide, entry)


def _sealed(command: SubmitEntry, entry: Entry, file: SealedFile | None) -> SealedContent:
    return SealedContent(
        challenge_id=entry.challenge_id,
        entry_id=entry.id,
        person=entry.entrant.person,
        number=entry.next_number,
        nonce=command.nonce,
        items=command.items,
        file=file,
    )


def _file(command: SubmitEntry, entry: Entry, found: Content | None, now: datetime) -> SealedFile | None:
    if command.file_id is None:
        return None
    stored = expect_stored(found, pointer=FILE)
    if not entry.holds(command.file_id):
        expect_young(stored, now, pointer=FILE)
    return SealedFile(command.file_id, stored.media_type, stored.size, stored.sha256)
