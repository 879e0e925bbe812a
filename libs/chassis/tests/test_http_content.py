"""Bytes over HTTP: announced, streamed, checked, and given back in ranges."""

import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID, uuid4

import httpx2
import pytest
from fastapi import APIRouter, Depends

from kpo_chassis.blobs import Blob, BlobMismatchError
from kpo_chassis.current import JSON_BYTES_MAX
from kpo_chassis.http import ContentBody, Upload, content_put, upload
from kpo_chassis.kernel import TenantId
from kpo_chassis.ranges import ByteRange, range_of
from kpo_chassis.testing.blobs import MemoryBlobs

from .door import READ, WRITE, Door, a_door

TEXT = b"knowledge, not tasks"


def digest_of(content: bytes) -> str:
    return f"sha-256=:{b64encode(hashlib.sha256(content).digest()).decode()}:"


async def put(
    door: Door, key: UUID, content: bytes, digest: str | None = None, **headers: str
) -> httpx2.Response:
    told = door.token(READ, WRITE) | {"Content-Digest": digest or digest_of(content)} | headers
    return await door.http.put(f"/v1/briefs/{key}/content", content=content, headers=told)


async def get(door: Door, key: UUID, **headers: str) -> httpx2.Response:
    told = door.token(READ) | {name.replace("_", "-"): value for name, value in headers.items()}
    return await door.http.get(f"/v1/briefs/{key}/content", headers=told)


async def test_bytes_come_back_as_they_were_sent(door: Door) -> None:
    brief = door.a_brief()

    sent = await put(door, brief.id, TEXT, **{"Content-Type": "text/plain; charset=utf-8"})
    got = await get(door, brief.id)

    assert sent.status_code == 200
    assert sent.json() == {
        "size": len(TEXT),
        "sha256": hashlib.sha256(TEXT).hexdigest(),
        "media_type": "text/plain; charset=utf-8",
    }
    assert got.content == TEXT
    assert got.headers["content-type"] == "text/plain; charset=utf-8"
    assert got.headers["repr-digest"] == digest_of(TEXT)
    assert got.headers["content-disposition"] == "attachment"
    assert got.headers["content-length"] == str(len(TEXT))


async def test_content_may_be_larger_than_json(door: Door) -> None:
    content = b"x" * (JSON_BYTES_MAX + 1)

    answer = await put(door, door.a_brief().id, content)

    assert answer.status_code == 200


async def test_no_bytes_are_content_too(door: Door) -> None:
    brief = door.a_brief()

    await put(door, brief.id, b"")
    got = await get(door, brief.id, Range="bytes=0-")

    assert got.status_code == 416


async def test_sending_again_is_harmless(door: Door) -> None:
    brief = door.a_brief()

    first, second = await put(door, brief.id, TEXT), await put(door, brief.id, TEXT)

    assert first.json() == second.json()


async def test_other_bytes_in_the_same_place_are_refused(door: Door) -> None:
    brief = door.a_brief()
    await put(door, brief.id, TEXT)

    answer = await put(door, brief.id, b"something else")

    assert (answer.status_code, answer.json()["code"]) == (409, "content_differs")
    assert (await get(door, brief.id)).content == TEXT


async def test_other_bytes_than_announced_are_refused(door: Door) -> None:
    brief = door.a_brief()

    answer = await put(door, brief.id, TEXT, digest_of(b"something else"))

    assert answer.status_code == 422
    assert answer.json()["code"] == "content_mismatch"
    assert (await get(door, brief.id)).json()["code"] == "content_not_found"


async def test_fewer_bytes_than_announced_are_refused(door: Door) -> None:
    answer = await put(door, door.a_brief().id, TEXT, **{"Content-Length": "100"})

    assert answer.status_code == 422


async def test_a_media_type_that_is_none_is_refused(door: Door) -> None:
    answer = await put(door, door.a_brief().id, TEXT, **{"Content-Type": "text"})

    assert answer.status_code == 415


async def test_nobody_sends_bytes_to_anothers_brief(door: Door) -> None:
    brief = door.a_brief()
    stranger = Door(door.http, door.shelf, door.issuer, TenantId(uuid4()), door.checks)

    answer = await put(stranger, brief.id, TEXT)

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("asked", "content", "told"),
    [
        ("bytes=0-8", b"knowledge", "bytes 0-8/20"),
        ("bytes=11-", b"not tasks", "bytes 11-19/20"),
        ("bytes=-5", b"tasks", "bytes 15-19/20"),
        ("bytes=15-900", b"tasks", "bytes 15-19/20"),
        ("bytes=-900", TEXT, "bytes 0-19/20"),
    ],
)
async def test_a_range_is_answered_with_206(door: Door, asked: str, content: bytes, told: str) -> None:
    brief = door.a_brief()
    await put(door, brief.id, TEXT)

    got = await get(door, brief.id, Range=asked)

    assert got.status_code == 206
    assert got.content == content
    assert got.headers["content-range"] == told


@pytest.mark.parametrize("asked", ["bytes=20-", "bytes=-0"])
async def test_a_range_behind_the_end_is_416(door: Door, asked: str) -> None:
    brief = door.a_brief()
    await put(door, brief.id, TEXT)

    got = await get(door, brief.id, Range=asked)

    assert got.status_code == 416
    assert got.headers["content-range"] == "bytes */20"


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "lines=0-1", "bytes=5-2", "bytes=-"])
def test_a_range_that_is_not_served_means_the_whole(asked: str) -> None:
    assert range_of(asked, 20) is None


def test_a_range_ends_with_the_bytes() -> None:
    assert range_of("bytes=3-99", 5) == ByteRange(3, 4)


async def test_a_range_of_other_bytes_is_answered_whole(door: Door) -> None:
    brief = door.a_brief()
    await put(door, brief.id, TEXT)

    got = await get(door, brief.id, Range="bytes=0-1", If_Range='"another"')

    assert got.status_code == 200
    assert got.content == TEXT


async def test_who_has_the_bytes_already_gets_304(door: Door) -> None:
    brief = door.a_brief()
    await put(door, brief.id, TEXT)

    got = await get(door, brief.id, If_None_Match=f'"{hashlib.sha256(TEXT).hexdigest()}"')

    assert got.status_code == 304


class PickyBlobs(MemoryBlobs):
    """Stops at the first chunk."""

    async def write(self, key: str, chunks: AsyncIterator[bytes], *, sha256: str, media_type: str) -> Blob:
        first = await anext(chunks)
        raise BlobMismatchError(f"{key}: {first!r} is not {media_type} with {sha256}")


async def test_bytes_are_stored_while_they_arrive() -> None:
    routes, sent = APIRouter(), list[bytes]()

    @content_put(routes, "/v1/picky/content")
    async def put_picky(arriving: Annotated[Upload, Depends(upload)]) -> ContentBody:
        return ContentBody.of(await arriving.into(PickyBlobs(), "k"))

    async def chunks() -> AsyncIterator[bytes]:
        for part in (b"ab", b"cd", b"ef"):
            sent.append(part)
            yield part

    async with a_door(routes) as door:
        headers = {"Content-Digest": digest_of(b"abcdef"), "Content-Length": "6"}
        answer = await door.http.put("/v1/picky/content", content=chunks(), headers=headers)

    assert answer.status_code == 422
    assert sent == [b"ab"]
