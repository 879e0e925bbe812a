"""The download log: who took which part of which data, and when; never changed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import PersonId, TenantId


@dataclass(frozen=True, slots=True)
class Download:
    """One request for data; `part` is the range as it was asked for, None for all bytes."""

    id: UUID
    challenge_id: UUID
    dataset_id: UUID
    entry_id: UUID
    person: PersonId
    vendor: TenantId
    part: str | None
    at: datetime
