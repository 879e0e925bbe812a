"""Asks before anything starts whether this machine can carry the stack, and says what it lacks."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path
from typing import Final

import psutil

from kpo_cli.stack.errors import StackError

GIGABYTE: Final = 1 << 30
MEMORY_BYTES_MIN: Final = 2 * GIGABYTE
DISK_BYTES_MIN: Final = GIGABYTE
CACHE_BYTES_MIN: Final = GIGABYTE // 5
CGROUP: Final = Path("/sys/fs/cgroup")


def check(home: Path, cache: Path) -> None:
    """Raise StackError when the system is another, or when memory or disk is short."""
    check_platform(platform.system(), platform.machine())
    check_memory(available_memory_bytes())
    check_disk(home, DISK_BYTES_MIN)
    check_disk(cache, CACHE_BYTES_MIN)


def check_platform(system: str, machine: str) -> None:
    if system != "Linux":
        raise StackError(
            f"the local stack runs on Linux only, not on {system}; use a Linux machine or container."
        )
    if machine != "x86_64" and not os.environ.get("KPO_MONGOD"):
        raise StackError(f"no mongod comes for {machine}; name one (6.0 or later) in KPO_MONGOD.")


def check_memory(available_bytes: int) -> None:
    if available_bytes < MEMORY_BYTES_MIN:
        raise StackError(
            f"only {available_bytes / GIGABYTE:.1f} GiB of memory are available and the stack needs "
            f"{MEMORY_BYTES_MIN // GIGABYTE}; end some programs and start again."
        )


def check_disk(directory: Path, bytes_min: int) -> None:
    free_bytes = shutil.disk_usage(_existing(directory)).free
    if free_bytes < bytes_min:
        raise StackError(
            f"the disk of {directory} has {free_bytes / GIGABYTE:.1f} GiB left and "
            f"{bytes_min / GIGABYTE:.1f} are needed; free some space and start again."
        )


def available_memory_bytes(cgroup: Path = CGROUP) -> int:
    """Return what is available to this process: the machine's memory, or less inside a limited container."""
    available = psutil.virtual_memory().available
    try:
        limit = (cgroup / "memory.max").read_text().strip()
        used = int((cgroup / "memory.current").read_text()) - _reclaimable_bytes(cgroup)
    except OSError:  # No container, or one without a limit of its own.
        return available
    return available if limit == "max" else min(available, int(limit) - used)


def _reclaimable_bytes(cgroup: Path) -> int:
    """Return the file cache that the kernel gives back on demand."""
    lines = (line.split() for line in (cgroup / "memory.stat").read_text().splitlines())
    return sum(int(value) for name, value in lines if name == "inactive_file")


def _existing(directory: Path) -> Path:
    """Return the folder or the nearest one above it that exists."""
    return next(folder for folder in (directory, *directory.parents) if folder.exists())
