"""What anybody can check who trusts nobody: rankings and a receipt, exported for the command line."""

import asyncio
import json
import sys
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json
from kpo_cli.story.vocabulary import Engaged

VERIFY_SECONDS_MAX: Final = 120.0
FORGED: Final = "forged.json"


@dataclass(frozen=True, slots=True)
class Opened:
    """A submission that its entrant has opened after the deadline, and the keys of the platform."""

    submission: Path
    keys: Path


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the command line said of an exported file."""

    file: str
    is_true: bool
    told: str


async def export_rankings(engaged: Engaged, stranger: Actor, folder: Path) -> list[Path]:
    """Write the ranking of every round as somebody sees it who took no part."""
    challenge = await stranger.get("delivery", engaged.challenge_path)
    files: list[Path] = []
    for each in say.rows(challenge.body["rounds"]):
        number = each["number"]
        answer = await stranger.get("delivery", f"{engaged.challenge_path}/rounds/{number}/ranking")
        files.append(export(folder / f"ranking-{number}.json", answer.body))
    return files


async def export_receipt(entrant: Actor, entry: str, stranger: Actor, folder: Path) -> Opened:
    """Let an entrant open their first submission, with nonce and receipt, for somebody who checks it."""
    opened = await entrant.get("delivery", f"/v1/entries/{entry}/submissions/1")
    keys = await stranger.get("delivery", "/v1/receipt-keys")
    return Opened(
        export(folder / "submission.json", opened.body), export(folder / "receipt-keys.json", keys.body)
    )


def export(path: Path, document: Json) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1))
    return path


def forge(ranking: Path) -> Path:
    """Write a copy of a ranking in which the last one comes first."""
    document = deepcopy(json.loads(ranking.read_text()))
    rows = document["ranking"]
    rows[0]["code"], rows[-1]["code"] = rows[-1]["code"], rows[0]["code"]
    return export(ranking.with_name(FORGED), document)


async def verify(kind: str, file: Path, *options: str) -> Verdict:
    """Let `kpo receipt verify` or `kpo ranking verify` look at a file, in a process of its own."""
    command = (sys.executable, "-m", "kpo_cli", kind, "verify", str(file), *options)
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(VERIFY_SECONDS_MAX):
            told, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return Verdict(file.name, process.returncode == 0, told.decode().strip())
