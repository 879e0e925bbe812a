"""An operator at a terminal: a system that is up, an event that nobody can read, and what to do about it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from uuid import UUID, uuid4

import pytest

from kpo_chassis.kafka import KafkaBroker
from kpo_cli.stack.endpoints import running_endpoints
from kpo_cli.stack.state import Home
from kpo_cli.story import vocabulary as say
from kpo_cli.story.patience import LOOK_SECONDS

from .test_bad_records import TOO_LARGE, a_record

pytestmark = [pytest.mark.real, pytest.mark.trial, pytest.mark.timeout(300)]

WIDE = {"COLUMNS": "300"}
SERVICE = "billing"
WHY = "sent by a test"


class Terminal:
    """Runs `kpo` for the system of one folder, and gives what it printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def kpo(self, *words: str) -> str:
        command = [sys.executable, "-m", "kpo_cli", *words, "--directory", str(self.folder)]
        told = subprocess.run(  # noqa: S603 - our own command line.
            command, env={**os.environ, **WIDE}, stdout=subprocess.PIPE, text=True, check=False
        )
        return told.stdout

    def until(self, wanted: str, *words: str) -> str:
        """Look again and again until it prints what is wanted."""
        deadline = monotonic() + say.WAIT_SECONDS_MAX
        while wanted not in (told := self.kpo(*words)):
            assert monotonic() < deadline, told
            sleep(LOOK_SECONDS)
        return told


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path_factory.mktemp("operators"))
    terminal.kpo("stack", "up")
    yield terminal
    terminal.kpo("stack", "down")


@pytest.fixture
async def parked(terminal: Terminal) -> str:
    """Let an event be parked that is too large for every consumer, and give its id."""
    endpoints = running_endpoints(Home.open(terminal.folder))
    assert endpoints is not None, "the system is up"
    subject: UUID = uuid4()
    producer = await KafkaBroker(endpoints.kafka_bootstrap, "operators").producer()
    await producer.send([a_record(subject, TOO_LARGE)])
    await producer.close()
    terminal.until(str(subject), "parked", "list", "--code", "unreadable")
    return f"intake.engagement/{subject}/1"


def test_an_operator_looks_tries_again_leaves_out_and_is_on_record(terminal: Terminal, parked: str) -> None:
    about = ("--service", SERVICE, "--reason", WHY)

    shown = json.loads(terminal.kpo("parked", "show", parked, "--service", SERVICE))
    exported = [
        json.loads(line) for line in terminal.kpo("parked", "export", "--service", SERVICE).splitlines()
    ]
    tried = terminal.kpo("parked", "retry-all", "unreadable", *about)
    terminal.kpo("parked", "retry-all", "unreadable", *about, "--yes")
    failed = terminal.until("failed_again", "audit", "--service", SERVICE)
    would = terminal.kpo("parked", "skip", parked, *about)
    terminal.kpo("parked", "skip", parked, *about, "--yes")
    audit = terminal.until("done", "audit", "--service", SERVICE, "--about", f"parked/{parked}")

    assert (shown["code"], shown["waiting_behind"], shown["masked"]) == ("unreadable", 0, True)
    assert [(line["id"], line["masked"]) for line in exported] == [(parked, True)]
    assert "1 events with the code unreadable would be handled again" in tried
    assert WHY in failed
    assert would.startswith(f"Would skip {parked} of {SERVICE}")
    assert [step for step in ("done", "failed_again", "wished") if step in audit] == [
        "done",
        "failed_again",
        "wished",
    ]
    assert parked not in terminal.kpo("parked", "export", "--service", SERVICE)
