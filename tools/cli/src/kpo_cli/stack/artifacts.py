"""Knows which jars the broker needs, and trusts no byte of them that the lock file does not name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LOCK_FILE: Final = Path(__file__).with_name("kafka-jars.lock")


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock file."""

    coordinate: str
    size_bytes: int
    sha256: str

    @property
    def file_name(self) -> str:
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}-{self.sha256[:8]}.jar"


def cache_directory() -> Path:
    """Return the folder that all checkouts of this person share."""
    if given := os.environ.get("KPO_CACHE"):
        return Path(given).absolute()
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "kpo"


def read_lock(path: Path = LOCK_FILE) -> list[Jar]:
    lines = (line.split() for line in path.read_text().splitlines() if line and not line.startswith("#"))
    return [Jar(coordinate, int(size), sha256) for coordinate, size, sha256 in lines]


def missing(jars: Sequence[Jar], cache: Path) -> list[Jar]:
    """Return the jars that are not in the cache or not as the lock file names them."""
    return [jar for jar in jars if not is_whole(cache / jar.file_name, jar)]


def classpath(cache: Path) -> list[Path]:
    """Return the jars' places in the cache; they must have been fetched."""
    return [cache / jar.file_name for jar in read_lock()]


def is_whole(path: Path, jar: Jar) -> bool:
    if not path.is_file() or path.stat().st_size != jar.size_bytes:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
