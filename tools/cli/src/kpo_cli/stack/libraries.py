"""Lends mongod a libcurl where the system has none: a fresh Debian has none, and only root may install one.

mongod is linked against `libcurl.so.4` but uses it for features that nobody turns on here. The wheel of
pycurl brings a libcurl under another file name; a link with the right name makes the loader find it.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
from pathlib import Path
from typing import Final

LIBRARY: Final = "libcurl.so.4"


def environment(folder: Path) -> dict[str, str] | None:
    """Return the environment in which mongod finds its libraries, or None when ours will do."""
    return None if system_has(LIBRARY) else lend(folder)


def lend(folder: Path) -> dict[str, str] | None:
    """Link the bundled library into the folder; None when there is no bundle."""
    bundled = _bundled()
    if bundled is None:
        return None
    folder.mkdir(exist_ok=True)
    link = folder / LIBRARY
    link.unlink(missing_ok=True)
    link.symlink_to(bundled)
    # The second folder is for what the bundled library needs itself.
    return {**os.environ, "LD_LIBRARY_PATH": f"{folder}:{bundled.parent}"}


def system_has(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _bundled() -> Path | None:
    try:
        files = importlib.metadata.files("pycurl") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    return next((Path(str(file.locate())) for file in files if file.name.startswith("libcurl-")), None)
