"""Bytes over HTTP: uploads with an announced length and hash, downloads in ranges, never whole in memory."""

import asyncio
import re
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

from fastapi import APIRouter, Header, Request
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from kpo_chassis.blobs import BLOB_BYTES_MAX, Blob, BlobConflictError, BlobMismatchError, Blobs
from kpo_chassis.bodies import ResponseBody
from kpo_chassis.current import current_request
from kpo_chassis.kernel import NotFoundError
from kpo_chassis.problem import HttpProblem, ProblemError
from kpo_chassis.ranges import range_of

F = TypeVar("F", bound=Callable[..., object])

CONTENT_TIMEOUT_SECONDS = 3_600.0
"""How long the bytes of one upload or download may take: 512 MiB over a line of 1.2 Mbit/s."""
MEDIA_TYPE_CHARS_MAX = 128
DIGEST_CHARS_MAX = 512
ETAG_CHARS_MAX = 80
RANGE_CHARS_MAX = 128
OCTETS = "application/octet-stream"

_SHA_256 = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*(?=,|$)")
_MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+(?:\s*;\s*[a-z0-9-]+=[\w.-]+)*", re.IGNORECASE)
_BINARY = {"schema": {"type": "string", "format": "binary"}}


class ContentBody(ResponseBody):
    """Bytes as they were stored."""

    size: int = Field(description="Length in bytes.", ge=0, le=BLOB_BYTES_MAX)
    sha256: str = Field(description="Hash, in lower-case hexadecimal.", pattern=r"^[0-9a-f]{64}$")
    media_type: str = Field(max_length=MEDIA_TYPE_CHARS_MAX, examples=["application/pdf"])

    @classmethod
    def of(cls, blob: Blob) -> "ContentBody":
        return cls(size=blob.size, sha256=blob.sha256, media_type=blob.media_type)


@dataclass(frozen=True, slots=True)
class Upload:
    """Bytes that were announced and are still on the wire: check first who may send them, then store."""

    size: int
    sha256: str
    media_type: str
    chunks: AsyncIterator[bytes] = field(repr=False)

    async def into(self, blobs: Blobs, key: str) -> Blob:
        """Stream the bytes into the store.

        HttpProblem 422 if they are not those that were announced, 409 if the place has other bytes.
        """
        current_request().body_bytes_max = BLOB_BYTES_MAX
        _allow_long()
        try:
            return await blobs.write(key, self._counted(), sha256=self.sha256, media_type=self.media_type)
        except BlobMismatchError:
            told = ProblemError(
                source="header",
                pointer="/Content-Digest",
                code="mismatch",
                detail="The bytes have another hash.",
            )
            detail = "The bytes are not those that Content-Digest announces; send them again."
            raise HttpProblem(422, "content_mismatch", detail, errors=[told]) from None
        except BlobConflictError:
            detail = "Other bytes are stored here already; send these under a new id."
            raise HttpProblem(409, "content_differs", detail) from None

    async def _counted(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self.chunks:
            size += len(chunk)
            yield chunk
        if size != self.size:
            raise BlobMismatchError(f"{size} bytes came, {self.size} were announced")


async def upload(
    request: Request,
    size: Annotated[
        int,
        Header(alias="Content-Length", ge=0, description=f"Length in bytes, at most {BLOB_BYTES_MAX}."),
    ],
    digest: Annotated[
        str,
        Header(
            alias="Content-Digest",
            max_length=DIGEST_CHARS_MAX,
            description="The SHA-256 of the bytes (RFC 9530).",
            examples=["sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"],
        ),
    ],
) -> Upload:
    """Read what an upload announces: use it as `Depends(upload)` in a route made with `content_put`."""
    if size > BLOB_BYTES_MAX:
        raise HttpProblem(413, "content_too_large", f"Content has at most {BLOB_BYTES_MAX} bytes.")
    found = _SHA_256.search(digest)
    if found is None:
        detail = "Send the SHA-256 of the bytes: Content-Digest: sha-256=:<base64>:."
        raise HttpProblem(400, "content_digest_malformed", detail)
    return Upload(size, b64decode(found[1]).hex(), _media_type(request), request.stream())


def _media_type(request: Request) -> str:
    told = request.headers.get("content-type", OCTETS)
    if len(told) > MEDIA_TYPE_CHARS_MAX or not _MEDIA_TYPE.fullmatch(told):
        detail = "Content-Type must be a media type such as application/pdf."
        raise HttpProblem(415, "media_type_unsupported", detail)
    return told


class ContentNotFoundError(NotFoundError):
    """No bytes were stored here yet."""

    code = "content_not_found"


@dataclass(frozen=True, slots=True)
class Download:
    """Which part of which bytes the caller still needs."""

    wanted: str | None
    if_range: str | None
    if_none_match: str | None

    async def answer(self, blobs: Blobs, key: str) -> Response:
        """Stream stored bytes, or the one range that was asked for.

        Raises ContentNotFoundError where nothing is stored, HttpProblem 416 for a range behind the end.
        """
        blob = await blobs.find(key)
        if blob is None:
            raise ContentNotFoundError("There is no content here yet.")
        headers = _headers(blob)
        if self.if_none_match == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        _allow_long()
        part = None if self.if_range not in {None, headers["ETag"]} else range_of(self.wanted, blob.size)
        if part is None:
            headers["Content-Length"] = str(blob.size)
            return StreamingResponse(blobs.read(key), 200, headers, blob.media_type)
        headers["Content-Length"] = str(part.length)
        headers["Content-Range"] = f"bytes {part.start}-{part.end}/{blob.size}"
        chunks = blobs.read(key, start=part.start, length=part.length)
        return StreamingResponse(chunks, 206, headers, blob.media_type)


async def download(
    wanted: Annotated[
        str | None,
        Header(alias="Range", max_length=RANGE_CHARS_MAX, description="One range, such as bytes=0-1023."),
    ] = None,
    if_range: Annotated[str | None, Header(alias="If-Range", max_length=ETAG_CHARS_MAX)] = None,
    if_none_match: Annotated[str | None, Header(alias="If-None-Match", max_length=ETAG_CHARS_MAX)] = None,
) -> Download:
    """Read what a download asks for: use it as `Depends(download)` in a route made with `content_get`."""
    return Download(wanted, if_range, if_none_match)


def _headers(blob: Blob) -> dict[str, str]:
    """Describe bytes; a browser must save them, never show them, since a stranger may have sent them."""
    return {
        "ETag": f'"{blob.sha256}"',
        "Accept-Ranges": "bytes",
        "Content-Disposition": "attachment",
        "Repr-Digest": f"sha-256=:{b64encode(bytes.fromhex(blob.sha256)).decode()}:",
        "X-Content-Type-Options": "nosniff",
    }


def _allow_long() -> None:
    current_request().deadline.reschedule(asyncio.get_running_loop().time() + CONTENT_TIMEOUT_SECONDS)


def content_put(routes: APIRouter, path: str) -> Callable[[F], F]:
    """Add a PUT route that takes bytes of any media type; its function depends on `upload`."""
    return routes.put(
        path, openapi_extra={"requestBody": {"required": True, "content": {OCTETS: dict(_BINARY)}}}
    )


def content_get(routes: APIRouter, path: str) -> Callable[[F], F]:
    """Add a GET route that gives bytes; its function depends on `download`."""
    described = {"content": {OCTETS: dict(_BINARY)}}
    return routes.get(
        path,
        response_class=StreamingResponse,
        responses={
            200: {"description": "All bytes.", **described},
            206: {"description": "The range that was asked for.", **described},
            304: {"description": "You have these bytes already."},
            416: {"description": "The range begins behind the last byte."},
        },
    )
