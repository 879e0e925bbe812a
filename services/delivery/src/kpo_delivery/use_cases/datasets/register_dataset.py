"""A client names what it has uploaded: from then on it is a dataset that a challenge may use."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Changes, Command, Decision, States, Stored, maybe
from kpo_delivery.domain.content import Contents, dataset_place, expect_stored, expect_young
from kpo_delivery.domain.dataset import Dataset, name_dataset

POINTER = "/dataset_id"


@dataclass(frozen=True, slots=True)
class RegisterDataset:
    """Without a media type of its own the dataset has that of the upload."""

    dataset_id: UUID
    name: str
    media_type: str | None


async def register_dataset(
    command: RegisterDataset, cause: Command, *, changes: Changes, contents: Contents
) -> Stored[Dataset]:
    client = cause.caller.tenant
    found = await contents.find(dataset_place(command.dataset_id, client).key)
    dataset = maybe(Dataset, command.dataset_id)

    def decide(states: States, now: datetime) -> Decision[Dataset, object]:
        stored = expect_stored(found, pointer=POINTER)
        expect_young(stored, now, pointer=POINTER)
        media_type = command.media_type or stored.media_type
        named = Dataset(dataset.id, client, command.name, media_type, stored.size, stored.sha256, now)
        return name_dataset(states.get(dataset), named)

    return await changes.change(cause, decide, dataset)
