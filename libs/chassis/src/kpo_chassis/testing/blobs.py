"""The blob port in memory."""

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime

from kpo_chassis.blobs import Blob, BlobConflictError, BlobMismatchError


def _wall_time() -> datetime:
    return datetime.now(UTC)


class MemoryBlobs:
    def __init__(self, now: Callable[[], datetime] = _wall_time) -> None:
        self._now = now
        self._kept: dict[str, tuple[Blob, bytes]] = {}

    async def write(self, key: str, chunks: AsyncIterator[bytes], *, sha256: str, media_type: str) -> Blob:
        content = b"".join([chunk async for chunk in chunks])
        blob = Blob(key, len(content), hashlib.sha256(content).hexdigest(), media_type, self._now())
        if blob.sha256 != sha256:
            raise BlobMismatchError(f"the bytes have the SHA-256 {blob.sha256}, not {sha256}")
        before = await self.find(key)
        if before is not None and before.sha256 != sha256:
            raise BlobConflictError(f"{key} has other bytes")
        kept = replace(before, stored_at=blob.stored_at) if before else blob
        self._kept[key] = kept, content
        return kept

    async def find(self, key: str) -> Blob | None:
        return self._kept[key][0] if key in self._kept else None

    async def read(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        content = self._kept[key][1]
        yield content[start : None if length is None else start + length]

    async def stored_before(self, moment: datetime, *, after: str | None, limit: int) -> tuple[str, ...]:
        old = sorted(key for key, (blob, _) in self._kept.items() if blob.stored_at < moment)
        return tuple([key for key in old if after is None or key > after][:limit])

    async def forget(self, key: str, *, stored_before: datetime | None = None) -> bool:
        kept = await self.find(key)
        if kept is None or (stored_before is not None and kept.stored_at >= stored_before):
            return False
        del self._kept[key]
        return True

    async def discard_unfinished(self, moment: datetime) -> int:  # noqa: ARG002 - nothing is half in memory.
        return 0
