"""An entrant downloads data, or a range of them: allowed each time anew, and logged each time."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Changes, Command, Decisions, States, existing, inner_maybe, together
from kpo_delivery.domain.admission import expect_active, expect_admitted_country
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.content import dataset_place
from kpo_delivery.domain.copies import ExpertCopy
from kpo_delivery.domain.download import Download
from kpo_delivery.domain.entry import Entry
from kpo_delivery.domain.errors import DatasetUnknownError, NotEnteredError


@dataclass(frozen=True, slots=True)
class DownloadDataset:
    """`id` names the row of the log, `part` is the range as it was asked for."""

    id: UUID
    challenge_id: UUID
    dataset_id: UUID
    part: str | None


async def download_dataset(command: DownloadDataset, cause: Command, *, changes: Changes) -> str:
    """Log the download and give the place of the bytes; nothing is remembered of the request itself."""
    person, tenant = cause.caller.person, cause.caller.tenant
    challenge = existing(Challenge, command.challenge_id)
    entry = inner_maybe(Entry, Entry.id_of(command.challenge_id, person))
    expert = inner_maybe(ExpertCopy, ExpertCopy.id_of(person))

    def decide(states: States, now: datetime) -> Decisions:
        call, entered = states[challenge], states.get(entry)
        if entered is None:
            raise NotEnteredError("Enter the challenge and accept its licence first.", allowed=("enter",))
        expect_admitted_country(call, expect_active(states.get(expert), tenant))
        entered.grant.expect_valid(now)
        call.expect_open(now)
        if command.dataset_id not in {offered.id for offered in call.data}:
            raise DatasetUnknownError(f"The challenge has no dataset {command.dataset_id}.")
        return together(entries=[_row(command, entered, now)])

    stored = await changes.change(cause, decide, challenge, entry, expert)
    return dataset_place(command.dataset_id, stored.state.client).key


def _row(command: DownloadDataset, entry: Entry, now: datetime) -> Download:
    return Download(
        id=command.id,
        challenge_id=command.challenge_id,
        dataset_id=command.dataset_id,
        entry_id=entry.id,
        person=entry.entrant.person,
        vendor=entry.entrant.vendor,
        part=command.part,
        at=now,
    )
