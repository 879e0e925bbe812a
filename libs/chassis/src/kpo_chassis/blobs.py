"""The port for bytes that are too big for events: deliverables, written and read as streams."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

BLOB_BYTES_MAX = 512 * 1024 * 1024
"""The largest content of one deliverable."""


class BlobMismatchError(ValueError):
    """The bytes that arrived are not those that were announced (hash or length); nothing was kept."""


class BlobConflictError(ValueError):
    """Other bytes are stored under the key already, and stay there; nothing else was kept."""


class BlobCorruptError(Exception):
    """A stored blob lacks bytes; what was read of it before is right, and there is no more."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes that are stored whole: length in bytes and lower-case hexadecimal SHA-256.

    `stored_at` is when they were written last: writing the same bytes again makes them young.
    """

    key: str
    size: int
    sha256: str
    media_type: str
    stored_at: datetime


class Blobs(Protocol):
    """A store of immutable bytes by key; writing the same bytes again under a key is harmless."""

    async def write(self, key: str, chunks: AsyncIterator[bytes], *, sha256: str, media_type: str) -> Blob:
        """Stream bytes in and keep them if they have the hash; BlobMismatchError otherwise.

        BlobConflictError where the key has other bytes. The same bytes again only move `stored_at`.
        """
        ...

    async def find(self, key: str) -> Blob | None: ...

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Stream the bytes of a stored blob from `start`."""
        ...

    async def stored_before(self, moment: datetime, *, after: str | None, limit: int) -> tuple[str, ...]:
        """Give keys of bytes that were stored before a moment, in order, behind the key `after`."""
        ...

    async def forget(self, key: str, *, stored_before: datetime | None = None) -> bool:
        """Remove the bytes, if they are there and, where a moment is given, were stored before it.

        Says whether they were removed. The look and the removal are one step, so that nobody's new bytes go.
        """
        ...

    async def discard_unfinished(self, moment: datetime) -> int:
        """Remove what uploads left behind that began before a moment and never ended; say how many did.

        One call is bounded; what is more stays for the next.
        """
        ...
