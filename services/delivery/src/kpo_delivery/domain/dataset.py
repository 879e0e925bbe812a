"""Data of a client for open calls: uploaded first, named once, never changed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from kpo_chassis.kernel import Decision, Task, TenantId
from kpo_delivery.domain.errors import DatasetExistsError


class DatasetStatus(StrEnum):
    """A dataset has one state: its bytes are there and have a name."""

    STORED = "stored"


@dataclass(frozen=True, slots=True)
class Dataset:
    """Bytes of a client under a name: `size` in bytes, `sha256` in lower-case hexadecimal."""

    id: UUID
    client: TenantId
    name: str
    media_type: str
    size: int
    sha256: str
    stored_at: datetime
    status: DatasetStatus = DatasetStatus.STORED

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset({self.client})

    @property
    def due_at(self) -> datetime | None:
        return None

    @property
    def tasks(self) -> tuple[Task, ...]:
        return ()

    def holds(self, client: UUID) -> bool:
        """Say whether bytes that this tenant uploaded under the dataset's id are the dataset's."""
        return client == self.client


def name_dataset(known: Dataset | None, named: Dataset) -> Decision[Dataset, object]:
    """Name uploaded bytes; DatasetExistsError where they have a name already."""
    if known is not None:
        raise DatasetExistsError(f"The dataset {known.id} exists already; choose a new id for other data.")
    return Decision(named)
