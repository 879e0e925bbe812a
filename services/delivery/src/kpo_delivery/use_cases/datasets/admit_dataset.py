"""A client wants to upload data before it files the engagement that they belong to."""

from dataclasses import dataclass
from uuid import UUID

from kpo_chassis.kernel import Caller, NotFoundError, Reads
from kpo_delivery.domain.content import Admitted, Contents, admit, dataset_place
from kpo_delivery.domain.dataset import Dataset


@dataclass(frozen=True, slots=True)
class AdmitDataset:
    dataset_id: UUID
    sha256: str


async def admit_dataset(
    command: AdmitDataset, caller: Caller, *, reads: Reads, contents: Contents
) -> Admitted:
    """Give each tenant a place of its own under the id, so that nobody learns of others' data."""
    place = dataset_place(command.dataset_id, caller.tenant)
    found = await contents.find(place.key)
    return admit(place, found, command.sha256, is_named=await _is_named(command, caller, reads))


async def _is_named(command: AdmitDataset, caller: Caller, reads: Reads) -> bool:
    try:
        stored = await reads.get(Dataset, command.dataset_id)
    except NotFoundError:
        return False
    return stored.state.holds(caller.tenant)
