"""Sends files from disk and counts what comes back, piece by piece: nothing large is held in memory."""

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from kpo_cli.story.actors import Actor, Answer
from kpo_cli.story.orebody import DataFile

PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """What a download gave."""

    size: int
    sha256: str


async def upload_file(actor: Actor, path: str, source: DataFile) -> Answer:
    """Upload a file to delivery, as it lies on the disk."""
    headers = {
        "Content-Type": source.media_type,
        "Content-Length": str(source.size),
        "Content-Digest": f"sha-256=:{b64encode(bytes.fromhex(source.sha256)).decode()}:",
    }
    return await actor.put_content("delivery", path, _pieces(source.path), headers)


async def download(actor: Actor, path: str, *, first: int = 0, size: int | None = None) -> Received:
    """Download `size` bytes from `first` on, or all that follow, and keep nothing but their hash."""
    last = "" if size is None else first + size - 1
    received, told = 0, hashlib.sha256()
    async with actor.stream("delivery", path, {"Range": f"bytes={first}-{last}"}) as answer:
        async for piece in answer.aiter_raw():
            received += len(piece)
            told.update(piece)
    return Received(received, told.hexdigest())


def part_of(source: Path, *, first: int = 0, size: int | None = None) -> Received:
    """Say what a download of the same bytes must give."""
    with source.open("rb") as file:
        file.seek(first)
        content = file.read(-1 if size is None else size)
    return Received(len(content), hashlib.sha256(content).hexdigest())


async def _pieces(source: Path) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(source.open, "rb")
    try:
        while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
            yield piece
    finally:
        file.close()
