"""The blob port on GridFS: bytes in chunks beside the service's documents, named by a row of their own."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

from motor.motor_asyncio import AsyncIOMotorGridFSBucket

from kpo_chassis.blobs import Blob, BlobMismatchError
from kpo_chassis.mongo.database import SAFE
from kpo_chassis.mongo.driver import resolved, translated

BLOBS = "blobs"
BUCKET = "content"
CHUNK_BYTES = 255 * 1024


class GridBlobs:
    """Bytes under a key: first the chunks, then the row that names them, so that a row is always whole."""

    def __init__(self, client: Any, name: str) -> None:
        database = client.get_database(name, write_concern=SAFE)
        self._rows = database[BLOBS]
        self._bucket = AsyncIOMotorGridFSBucket(
            database, bucket_name=BUCKET, chunk_size_bytes=CHUNK_BYTES, write_concern=SAFE
        )

    async def write(self, key: str, chunks: AsyncIterator[bytes], *, sha256: str, media_type: str) -> Blob:
        async with translated():
            stream = self._bucket.open_upload_stream(key)
            try:
                blob = await self._pump(stream, key, chunks, media_type)
                _expect(blob, sha256)
            except BaseException:
                await stream.abort()
                raise
            await stream.close()
            await self._name(blob, stream._id)  # noqa: SLF001 - the driver's public name for the file's id.
        return blob

    async def _pump(self, stream: Any, key: str, chunks: AsyncIterator[bytes], media_type: str) -> Blob:
        digest, size = hashlib.sha256(), 0
        async for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            await stream.write(chunk)
        return Blob(key, size, digest.hexdigest(), media_type)

    async def _name(self, blob: Blob, file_id: Any) -> None:
        row = {"file": file_id, "size": blob.size, "sha256": blob.sha256, "media_type": blob.media_type}
        before = await self._rows.find_one_and_replace({"_id": blob.key}, row, upsert=True)
        if before is not None:
            await self._bucket.delete(before["file"])

    async def find(self, key: str) -> Blob | None:
        async with translated():
            row = await self._rows.find_one({"_id": key})
        return Blob(key, row["size"], row["sha256"], row["media_type"]) if row else None

    async def read(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        async with translated():
            row: Any = await self._rows.find_one({"_id": key})
            assert row is not None, f"no blob {key}"
            stream: Any = await self._bucket.open_download_stream(row["file"])
            await resolved(stream.seek(start))
            left = row["size"] - start if length is None else length
            while left > 0:
                chunk: bytes = await stream.read(min(left, CHUNK_BYTES))
                if not chunk:
                    return
                left -= len(chunk)
                yield chunk

    async def forget(self, key: str) -> None:
        async with translated():
            row = await self._rows.find_one_and_delete({"_id": key})
            if row is not None:
                await self._bucket.delete(row["file"])


def _expect(blob: Blob, sha256: str) -> None:
    if blob.sha256 != sha256:
        raise BlobMismatchError(f"the bytes have the SHA-256 {blob.sha256}, not {sha256}")
