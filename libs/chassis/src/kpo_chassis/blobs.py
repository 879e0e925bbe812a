"""The port for bytes that are too big for events: deliverables, written and read as streams."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

BLOB_BYTES_MAX = 512 * 1024 * 1024
"""The largest content of one deliverable."""


class BlobMismatchError(ValueError):
    """The bytes that arrived are not those that were announced (hash or length); nothing was kept."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes that are stored whole: length in bytes and lower-case hexadecimal SHA-256."""

    key: str
    size: int
    sha256: str
    media_type: str


class Blobs(Protocol):
    """A store of immutable bytes by key; writing the same bytes again under a key is harmless."""

    async def write(self, key: str, chunks: AsyncIterator[bytes], *, sha256: str, media_type: str) -> Blob:
        """Stream bytes in and keep them if they have the hash; BlobMismatchError otherwise."""
        ...

    async def find(self, key: str) -> Blob | None: ...

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Stream the bytes of a stored blob from `start`."""
        ...

    async def forget(self, key: str) -> None:
        """Remove the bytes, if they are there."""
        ...
