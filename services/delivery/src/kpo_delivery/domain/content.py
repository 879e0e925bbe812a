"""The bytes of deliverables as the domain sees them: facts about what lies in the service's store."""

from typing import Protocol
from uuid import UUID


class Content(Protocol):
    """Stored bytes: `size` in bytes, `sha256` in lower-case hexadecimal."""

    @property
    def size(self) -> int: ...

    @property
    def sha256(self) -> str: ...

    @property
    def media_type(self) -> str: ...


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
