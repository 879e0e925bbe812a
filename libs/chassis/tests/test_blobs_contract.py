"""The contract of the blob port: in memory and on GridFS."""

import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from uuid import uuid4

import pytest
from bson.objectid import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase

from kpo_chassis.blobs import Blob, BlobConflictError, BlobCorruptError, BlobMismatchError, Blobs
from kpo_chassis.mongo import GridBlobs, connect
from kpo_chassis.mongo.blobs import BUCKET, CHUNK_BYTES
from kpo_chassis.testing.blobs import MemoryBlobs
from kpo_cli.stack.servers import Servers

Database: TypeAlias = AsyncIOMotorDatabase[dict[str, object]]

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEXT = b"knowledge, not tasks"
BIG_CHUNK, BIG_CHUNKS = bytes(range(256)) * 512, 40
"""Five MiB, in pieces that are none of the store's own size."""


class Clock:
    """Stands still until a test moves it."""

    time = NOW

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def grid(servers: Servers) -> AsyncIterator[Database]:
    """Give a database of one's own on the real server."""
    client = connect(servers.mongo_admin_url)
    name = f"blobs_{uuid4().hex}"
    yield client[name]
    await client.drop_database(name)
    client.close()


@pytest.fixture(params=["memory", "gridfs"])
def blobs(request: pytest.FixtureRequest, clock: Clock) -> Blobs:
    if request.param == "memory":
        return MemoryBlobs(clock.now)
    database = request.getfixturevalue("grid")
    return GridBlobs(database.client, database.name, clock.now)


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def store(
    blobs: Blobs, key: str = "a", content: bytes = TEXT, *, media_type: str = "text/plain"
) -> Blob:
    told = hashlib.sha256(content).hexdigest()
    return await blobs.write(key, pieces(content), sha256=told, media_type=media_type)


async def read(blobs: Blobs, key: str = "a", *, start: int = 0, length: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in blobs.read(key, start=start, length=length)])


async def test_bytes_come_back_as_they_were_written(blobs: Blobs) -> None:
    written = await store(blobs)

    assert written == Blob("a", len(TEXT), hashlib.sha256(TEXT).hexdigest(), "text/plain", NOW)
    assert await blobs.find("a") == written
    assert await read(blobs) == TEXT


async def test_what_was_never_written_is_not_found(blobs: Blobs) -> None:
    assert await blobs.find("a") is None


async def test_no_bytes_are_content_too(blobs: Blobs) -> None:
    assert (await store(blobs, content=b"")).size == 0
    assert await read(blobs) == b""


async def test_content_of_many_pieces_is_stored_whole_and_in_order(blobs: Blobs) -> None:
    content = BIG_CHUNK * BIG_CHUNKS
    told = hashlib.sha256(content).hexdigest()

    written = await blobs.write(
        "a", pieces(*[BIG_CHUNK] * BIG_CHUNKS), sha256=told, media_type="application/pdf"
    )

    assert written.size == len(content)
    assert await read(blobs) == content


@pytest.mark.parametrize(("start", "length"), [(0, 9), (300_000, 700_001), (5_000_000, None)])
async def test_a_range_is_read_without_the_rest(blobs: Blobs, start: int, length: int | None) -> None:
    content = BIG_CHUNK * BIG_CHUNKS
    await store(blobs, content=content)

    end = None if length is None else start + length
    assert await read(blobs, start=start, length=length) == content[start:end]


async def test_bytes_with_another_hash_are_not_kept(blobs: Blobs) -> None:
    with pytest.raises(BlobMismatchError):
        await blobs.write("a", pieces(TEXT), sha256="0" * 64, media_type="text/plain")

    assert await blobs.find("a") is None


async def test_an_upload_that_breaks_off_keeps_nothing(blobs: Blobs) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield BIG_CHUNK * 8
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await blobs.write("a", broken(), sha256="0" * 64, media_type="text/plain")

    assert await blobs.find("a") is None


async def test_the_same_bytes_again_are_harmless_and_make_them_young(blobs: Blobs, clock: Clock) -> None:
    await store(blobs)
    clock.time = NOW + HOUR

    again = await store(blobs)

    assert again.stored_at == NOW + HOUR
    assert await blobs.find("a") == again
    assert await read(blobs) == TEXT


async def test_the_same_bytes_keep_their_first_media_type(blobs: Blobs) -> None:
    await store(blobs)

    assert (await store(blobs, media_type="text/html")).media_type == "text/plain"


async def test_other_bytes_under_a_key_are_refused_and_change_nothing(blobs: Blobs) -> None:
    first = await store(blobs)

    with pytest.raises(BlobConflictError):
        await store(blobs, content=b"something else")

    assert await blobs.find("a") == first
    assert await read(blobs) == TEXT


async def test_old_bytes_are_listed_in_order_page_by_page(blobs: Blobs, clock: Clock) -> None:
    for key in ("c", "a", "b"):
        await store(blobs, key)
    clock.time = NOW + HOUR
    await store(blobs, "young")

    first = await blobs.stored_before(NOW + HOUR, after=None, limit=2)
    rest = await blobs.stored_before(NOW + HOUR, after=first[-1], limit=2)

    assert (first, rest) == (("a", "b"), ("c",))


async def test_forgotten_bytes_are_gone_and_others_are_not(blobs: Blobs) -> None:
    await store(blobs, "a")
    await store(blobs, "b")

    assert await blobs.forget("a")
    assert not await blobs.forget("a")
    assert await blobs.find("a") is None
    assert await read(blobs, "b") == TEXT


async def test_a_forgotten_key_takes_other_bytes(blobs: Blobs) -> None:
    await store(blobs)
    await blobs.forget("a")

    await store(blobs, content=b"something else")

    assert await read(blobs) == b"something else"


async def test_bytes_that_became_young_are_not_forgotten_as_old_ones(blobs: Blobs, clock: Clock) -> None:
    await store(blobs)
    clock.time = NOW + HOUR
    await store(blobs)

    assert not await blobs.forget("a", stored_before=NOW + HOUR)
    assert await blobs.forget("a", stored_before=NOW + 2 * HOUR)


async def test_whole_uploads_are_never_discarded_as_unfinished(blobs: Blobs) -> None:
    await store(blobs, "a")
    await store(blobs, "b", b"")

    assert await blobs.discard_unfinished(datetime.now(UTC) + HOUR) == 0
    assert await read(blobs, "a") == TEXT
    assert await read(blobs, "b") == b""


# Only GridFS has halves -----------------------------------------------------------------------------------


async def halves(database: Database) -> int:
    """Leave behind what processes leave that are killed in mid-upload, or just before their last write."""
    await database[f"{BUCKET}.chunks"].insert_many(
        [{"files_id": key, "n": n, "data": b"x"} for key in (ObjectId(), ObjectId()) for n in range(3)]
    )
    whole = ObjectId()
    await database[f"{BUCKET}.chunks"].insert_one({"files_id": whole, "n": 0, "data": b"x"})
    await database[f"{BUCKET}.files"].insert_one({"_id": whole, "filename": "a", "length": 1})
    return 3


async def left(database: Database) -> tuple[int, int]:
    counted = [await database[f"{BUCKET}.{what}"].count_documents({}) for what in ("files", "chunks")]
    return counted[0], counted[1]


async def test_uploads_that_never_ended_are_discarded(grid: Database, clock: Clock) -> None:
    blobs = GridBlobs(grid.client, grid.name, clock.now)
    await store(blobs)
    count = await halves(grid)

    discarded = await blobs.discard_unfinished(datetime.now(UTC) + HOUR)

    assert discarded == count
    assert await left(grid) == (1, 1)
    assert await read(blobs) == TEXT


async def test_uploads_that_are_under_way_are_left_alone(grid: Database, clock: Clock) -> None:
    blobs = GridBlobs(grid.client, grid.name, clock.now)
    await halves(grid)

    assert await blobs.discard_unfinished(datetime.now(UTC) - HOUR) == 0


async def test_refused_bytes_leave_no_chunks_behind(grid: Database, clock: Clock) -> None:
    blobs = GridBlobs(grid.client, grid.name, clock.now)
    await store(blobs)

    with pytest.raises(BlobMismatchError):
        await blobs.write("b", pieces(TEXT), sha256="0" * 64, media_type="text/plain")
    with pytest.raises(BlobConflictError):
        await store(blobs, content=b"something else")
    await store(blobs)

    assert await left(grid) == (1, 1)


async def test_a_blob_that_lost_a_chunk_is_not_taken_for_a_shorter_one(grid: Database, clock: Clock) -> None:
    blobs = GridBlobs(grid.client, grid.name, clock.now)
    await store(blobs, content=b"x" * (2 * CHUNK_BYTES + 1))

    await grid[f"{BUCKET}.chunks"].delete_one({"n": 1})

    with pytest.raises(BlobCorruptError, match="lacks chunk 1"):
        await read(blobs)
