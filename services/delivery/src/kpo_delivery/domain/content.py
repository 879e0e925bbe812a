"""Bytes that others upload, as the domain sees them: where they lie, and when they may be named."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from kpo_delivery.domain.errors import BytesMissingError, BytesTooOldError, ContentDiffersError

UNREFERENCED_KEPT = timedelta(hours=24)
"""How long uploaded bytes wait for the change that names them, before they may be removed."""

NAMEABLE_FOR = timedelta(hours=23)
"""How long they may be named for the first time. The hour between is for whatever a change waits for,
and for clocks that differ, so that nothing names bytes which are being removed."""


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


class Shelf(StrEnum):
    """What kind of aggregate names the bytes of a place."""

    WORK_ORDERS = "work_orders"
    ENTRIES = "entries"
    DATASETS = "datasets"


@dataclass(frozen=True, slots=True)
class Place:
    """Where bytes lie: on the shelf of the aggregate `holder_id`, which knows them by `part`."""

    shelf: Shelf
    holder_id: UUID
    part: UUID

    @property
    def key(self) -> str:
        return f"{self.shelf}/{self.holder_id}/{self.part}"

    @classmethod
    def of(cls, key: str) -> "Place":
        shelf, holder_id, part = key.split("/")
        return cls(Shelf(shelf), UUID(holder_id), UUID(part))


def deliverable_place(work_order_id: UUID, deliverable_id: UUID) -> Place:
    return Place(Shelf.WORK_ORDERS, work_order_id, deliverable_id)


def file_place(entry_id: UUID, file_id: UUID) -> Place:
    return Place(Shelf.ENTRIES, entry_id, file_id)


def dataset_place(dataset_id: UUID, client: UUID) -> Place:
    """Keep what different tenants upload under one id apart: only one of them will name it."""
    return Place(Shelf.DATASETS, dataset_id, client)


@dataclass(frozen=True, slots=True)
class Admitted:
    """The place for an upload, and the bytes that something named there already: then nothing is written.

    Bytes that nothing names yet are written again, which gives them a new day to wait.
    """

    key: str
    stored: Content | None


def admit(place: Place, found: Content | None, sha256: str, *, is_named: bool) -> Admitted:
    """Let bytes in; the same may come again, ContentDiffersError where others lie there."""
    if found is not None and found.sha256 != sha256:
        raise ContentDiffersError("Other bytes are stored under this id; choose a new id for these.")
    return Admitted(place.key, found if is_named else None)


def expect_stored(found: Content | None, *, pointer: str) -> Content:
    """Give what a request names; BytesMissingError with the pointer into it where nothing is stored."""
    if found is None:
        raise BytesMissingError("No bytes are stored under this id; upload them first.", pointer=pointer)
    return found


def expect_young(content: Content, now: datetime, *, pointer: str) -> None:
    """Refuse to name bytes for the first time that the clean-up may remove before that is stored."""
    if content.stored_at < now - NAMEABLE_FOR:
        raise BytesTooOldError("These bytes waited too long; upload them again.", pointer=pointer)
