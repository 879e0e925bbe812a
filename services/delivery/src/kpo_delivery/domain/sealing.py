"""What is submitted to a challenge, and the commitment that seals it before anybody may read it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from kpo_chassis.kernel import PersonId

NONCE_BYTES = 32

RECEIPT_TYPE = "kpo-receipt+jwt"
"""What a receipt calls itself, so that nothing else that is signed passes for one."""


@dataclass(frozen=True, slots=True)
class Item:
    """One structured answer, such as a target with its co-ordinates: short texts by name."""

    label: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SealedFile:
    """Bytes that belong to a submission; what the entrant called them is nowhere, since judges are blind."""

    id: UUID
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SealedContent:
    """What one submission says, kept apart from its entry: whatever shows an entry cannot show this.

    `nonce` is NONCE_BYTES random bytes in hexadecimal: nobody can guess short answers by their hash.
    """

    challenge_id: UUID
    entry_id: UUID
    person: PersonId
    number: int
    nonce: str
    items: tuple[Item, ...]
    file: SealedFile | None

    @staticmethod
    def id_of(entry_id: UUID, number: int) -> str:
        return f"{entry_id}/{number}"

    @property
    def id(self) -> str:
        return self.id_of(self.entry_id, self.number)

    @property
    def commitment(self) -> str:
        """Hash everything (SHA-256, hex) as canonical JSON: names sorted, no spaces, UTF-8."""
        told = {
            "challenge_id": str(self.challenge_id),
            "entry_id": str(self.entry_id),
            "person_id": str(self.person),
            "submission": self.number,
            "nonce": self.nonce,
            "items": [{"label": item.label, "values": dict(item.values)} for item in self.items],
            "file_sha256": self.file.sha256 if self.file else None,
        }
        text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()
