"""The blob port in memory."""

import hashlib
from collections.abc import AsyncIterator

from kpo_chassis.blobs import Blob, BlobMismatchError


class MemoryBlobs:
    def __init__(self) -> None:
        self._kept: dict[str, tuple[Blob, bytes]] = {}

    async def write(self, key: str, chunks: AsyncIterator[bytes], *, sha256: str, media_type: str) -> Blob:
        content = b"".join([chunk async for chunk in chunks])
        blob = Blob(key, len(content), hashlib.sha256(content).hexdigest(), media_type)
        if blob.sha256 != sha256:
            raise BlobMismatchError(f"the bytes have the SHA-256 {blob.sha256}, not {sha256}")
        self._kept[key] = blob, content
        return blob

    async def find(self, key: str) -> Blob | None:
        return self._kept[key][0] if key in self._kept else None

    async def read(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        content = self._kept[key][1]
        yield content[start : None if length is None else start + length]

    async def forget(self, key: str) -> None:
        self._kept.pop(key, None)
