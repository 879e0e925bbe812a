"""What an entry announces; what was submitted is in none of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from kpo_chassis.kernel import PersonId, TenantId


@dataclass(frozen=True, slots=True)
class Entrant:
    """Who takes part in which challenge of whom."""

    entry_id: UUID
    challenge_id: UUID
    engagement_id: UUID
    client: TenantId
    expert_id: UUID
    person: PersonId
    vendor: TenantId


@dataclass(frozen=True, slots=True)
class Submission:
    """That something was submitted, and the hash that seals it; `file_id` names bytes, if there are any."""

    number: int
    at: datetime
    commitment: str
    file_id: UUID | None


@dataclass(frozen=True, slots=True)
class EntryEntered:
    entrant: Entrant
    licence_version: str
    country: str


@dataclass(frozen=True, slots=True)
class SubmissionReceived:
    entrant: Entrant
    submission: Submission


EntryFact: TypeAlias = EntryEntered | SubmissionReceived
