"""The blob port on GridFS: bytes in chunks beside the service's documents, named by a row of their own."""

import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

from bson.objectid import ObjectId
from motor.motor_asyncio import AsyncIOMotorGridFSBucket
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from kpo_chassis.blobs import Blob, BlobConflictError, BlobCorruptError, BlobMismatchError
from kpo_chassis.kernel import TransientError
from kpo_chassis.mongo.database import SAFE
from kpo_chassis.mongo.driver import resolved, translated

BLOBS = "blobs"
BUCKET = "content"
CHUNK_BYTES = 255 * 1024

CHUNKS_AHEAD = 4
"""How many chunks a download fetches at once; left to itself, each would hold 16 MB in memory."""

NAMINGS_MAX = 3
"""How often a row is written again when another writer of the same key was there a moment earlier."""

UNFINISHED_AT_ONCE_MAX = 200
"""How many uploads that never ended one call removes of each sort."""


class GridBlobs:
    """Bytes under a key: first the chunks, then the row that names them, so that a row is always whole."""

    def __init__(self, client: Any, name: str, now: Callable[[], datetime]) -> None:
        database = client.get_database(name, write_concern=SAFE)
        self._now = now
        self._rows = database[BLOBS]
        self._files = database[f"{BUCKET}.files"]
        self._chunks = database[f"{BUCKET}.chunks"]
        self._bucket = AsyncIOMotorGridFSBucket(
            database, bucket_name=BUCKET, chunk_size_bytes=CHUNK_BYTES, write_concern=SAFE
        )

    async def write(self, key: str, chunks: AsyncIterator[bytes], *, sha256: str, media_type: str) -> Blob:
        async with translated():
            stream = self._bucket.open_upload_stream(key)
            try:
                size, told = await _pump(stream, chunks)
                _expect(told, sha256)
            except BaseException:
                await stream.abort()
                raise
            await stream.close()
            file_id = stream._id  # noqa: SLF001 - the driver's public name for the file's id.
            return await self._name(Blob(key, size, told, media_type, self._now()), file_id)

    async def _name(self, blob: Blob, file_id: Any) -> Blob:
        """Make the bytes findable; where the key has the same bytes already, those stay and become young."""
        try:
            before = await self._claim(blob, file_id)
        except BlobConflictError:
            await self._bucket.delete(file_id)
            raise
        if before is None:
            return blob
        await self._bucket.delete(file_id)
        return _blob({**before, "stored_at": blob.stored_at})

    async def _claim(self, blob: Blob, file_id: Any) -> Any:
        """Insert the row or move its time; gives the row as it was before."""
        fresh = {"file": file_id, "size": blob.size, "media_type": blob.media_type}
        for _ in range(NAMINGS_MAX):
            try:
                return await self._rows.find_one_and_update(
                    {"_id": blob.key, "sha256": blob.sha256},
                    {"$set": {"stored_at": blob.stored_at}, "$setOnInsert": fresh},
                    upsert=True,
                    return_document=ReturnDocument.BEFORE,
                )
            except DuplicateKeyError:  # The key has other bytes, or got the same ones a moment ago.
                kept = await self._rows.find_one({"_id": blob.key})
                if kept is not None and kept["sha256"] != blob.sha256:
                    raise BlobConflictError(f"{blob.key} has other bytes") from None
        raise TransientError(f"others write and remove {blob.key} all the time")

    async def find(self, key: str) -> Blob | None:
        async with translated():
            row = await self._rows.find_one({"_id": key})
        return _blob(row) if row else None

    async def read(self, key: str, *, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        async with translated():
            row: Any = await self._rows.find_one({"_id": key})
            assert row is not None, f"no blob {key}"
            left = row["size"] - start if length is None else length
            first, skipped = divmod(start, CHUNK_BYTES)
            where = {"files_id": row["file"], "n": {"$gte": first, "$lte": (start + left - 1) // CHUNK_BYTES}}
            cursor = self._chunks.find(where, {"n": True, "data": True}).sort("n", 1).batch_size(CHUNKS_AHEAD)
            try:
                async for chunk in cursor:
                    if chunk["n"] != first:
                        break
                    data = chunk["data"][skipped : skipped + left]
                    left, skipped, first = left - len(data), 0, first + 1
                    yield data
            finally:
                await cursor.close()
            if left > 0:
                raise BlobCorruptError(f"blob {key} lacks chunk {first}")

    async def stored_before(self, moment: datetime, *, after: str | None, limit: int) -> tuple[str, ...]:
        where: dict[str, object] = {"stored_at": {"$lt": moment}}
        if after is not None:
            where["_id"] = {"$gt": after}
        async with translated():
            rows = await self._rows.find(where, {"_id": 1}).sort("_id", 1).limit(limit).to_list(limit)
        return tuple(row["_id"] for row in rows)

    async def forget(self, key: str, *, stored_before: datetime | None = None) -> bool:
        where: dict[str, object] = {"_id": key}
        if stored_before is not None:
            where["stored_at"] = {"$lt": stored_before}
        async with translated():
            row = await self._rows.find_one_and_delete(where)
            if row is not None:
                await self._bucket.delete(row["file"])
        return row is not None

    # What killed processes leave behind -------------------------------------------------------------------

    async def discard_unfinished(self, moment: datetime) -> int:
        async with translated():
            unnamed = await self._ids(self._files, _unnamed_files(moment))
            for file_id in unnamed:
                await self._bucket.delete(file_id)
            unended = await self._ids(self._chunks, _chunks_without_file(moment))
            if unended:
                await self._chunks.delete_many({"files_id": {"$in": unended}})
        return len(unnamed) + len(unended)

    async def _ids(self, collection: Any, steps: list[dict[str, Any]]) -> list[Any]:
        cursor = await resolved(collection.aggregate([*steps, {"$limit": UNFINISHED_AT_ONCE_MAX}]))
        return [row["_id"] for row in await cursor.to_list(UNFINISHED_AT_ONCE_MAX)]


def _unnamed_files(moment: datetime) -> list[dict[str, Any]]:
    """Find whole files that no row names: their process ended between the two writes."""
    return [
        {"$match": {"_id": {"$lt": ObjectId.from_datetime(moment)}}},
        {"$lookup": {"from": BLOBS, "localField": "filename", "foreignField": "_id", "as": "row"}},
        {"$match": {"$expr": {"$not": [{"$in": ["$_id", "$row.file"]}]}}},
        {"$project": {"_id": 1}},
    ]


def _chunks_without_file(moment: datetime) -> list[dict[str, Any]]:
    """Find uploads that stopped in the middle, by their first chunk: files are written after all chunks."""
    files = f"{BUCKET}.files"
    return [
        {"$match": {"files_id": {"$lt": ObjectId.from_datetime(moment)}, "n": 0}},
        {"$project": {"_id": "$files_id"}},
        {"$lookup": {"from": files, "localField": "_id", "foreignField": "_id", "as": "file"}},
        {"$match": {"file": []}},
    ]


async def _pump(stream: Any, chunks: AsyncIterator[bytes]) -> tuple[int, str]:
    """Write all chunks; gives their length in bytes and their hash."""
    digest, size = hashlib.sha256(), 0
    async for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        await stream.write(chunk)
    return size, digest.hexdigest()


def _expect(told: str, sha256: str) -> None:
    if told != sha256:
        raise BlobMismatchError(f"the bytes have the SHA-256 {told}, not {sha256}")


def _blob(row: Any) -> Blob:
    return Blob(row["_id"], row["size"], row["sha256"], row["media_type"], row["stored_at"])
