"""The demo as a stranger runs it: a system of its own, api and worker of each service in one process."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

DEMO_SECONDS_MAX = 600
STOPPING_SECONDS_MAX = 60

pytestmark = [
    pytest.mark.real,
    pytest.mark.trial,
    pytest.mark.timeout(DEMO_SECONDS_MAX + STOPPING_SECONDS_MAX),
]

WIDE = {"COLUMNS": "200"}


async def test_the_demo_tells_its_stories_and_all_its_checks_hold(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "kpo_cli", "demo", "--directory", str(tmp_path))
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **WIDE}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(DEMO_SECONDS_MAX):
        told, _ = await process.communicate()

    text = told.decode()
    assert process.returncode == 0, text
    assert "500 experts of 120 vendors" in text
    assert "The engagement is closed: completed." in text
    assert "60 experts accept the licence and enter." in text
    assert "The engagement is closed: awarded." in text
    assert " NO " not in text
    assert not running_in(tmp_path), "the demo leaves nothing running"


def running_in(folder: Path) -> list[str]:
    """Name the processes whose command line mentions a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # It has ended while we looked.
        if str(folder) in line:
            found.append(line)
    return found
