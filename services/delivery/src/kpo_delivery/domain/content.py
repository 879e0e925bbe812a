"""The bytes of deliverables as the domain sees them: facts about what lies in the service's store."""

from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

UNREFERENCED_KEPT = timedelta(hours=24)
"""How long uploaded bytes wait for the submission that names them, before they may be removed."""

SUBMITTABLE_FOR = timedelta(hours=23)
"""How long they may be named for the first time. The hour between is for whatever a submission waits for,
and for clocks that differ, so that no submission names bytes which are being removed."""


class Content(Protocol):
    """Stored bytes: `size` in bytes, `sha256` in lower-case hexadecimal, `stored_at` the last upload."""

    @property
    def size(self) -> int: ...

    @property
    def sha256(self) -> str: ...

    @property
    def media_type(self) -> str: ...

    @property
    def stored_at(self) -> datetime: ...


class Contents(Protocol):
    """Looks up what is stored; bytes under a key never change."""

    async def find(self, key: str) -> Content | None: ...


def content_key(work_order_id: UUID, deliverable_id: UUID) -> str:
    """Name the place of a deliverable's bytes."""
    return f"{work_order_id}/{deliverable_id}"


def ids_of(key: str) -> tuple[UUID, UUID]:
    """Give back the work order and the deliverable that a place belongs to."""
    work_order_id, _, deliverable_id = key.partition("/")
    return UUID(work_order_id), UUID(deliverable_id)
