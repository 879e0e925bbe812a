"""What an operator's commands ask of the workers of a system that is up, and how they tell the answers."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kpo_cli.__main__ import app
from kpo_cli.stack.endpoints import Endpoints, Phase, Status
from kpo_cli.stack.errors import StackError
from kpo_cli.stack.options import SERVICES
from kpo_cli.stack.state import Home

ABOUT = ("--service", "matching")
WHY = ("--reason", "fixed")
CLOCK = "match/0a000000-0000-4000-8000-000000000001"
STUCK = {
    "aggregate": "match",
    "id": CLOCK.partition("/")[2],
    "due_at": "2026-03-03T09:00:00.000Z",
    "stuck_at": "2026-03-03T09:00:01.000Z",
    "reason": "1 error [type=missing]",
    "wish": None,
}


class WorkerDoor(ThreadingHTTPServer):
    """Stands in for the door of every worker: has one stuck clock, knows nothing else, notes who asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Request(BaseHTTPRequestHandler):
    server: WorkerDoor

    def do_GET(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        if self.path == "/v1/operations/clocks":
            self._answer(200, {"items": [STUCK]})
        else:
            self._answer(404, {"code": "not_found", "detail": "Nothing is parked as that."})

    def do_PUT(self) -> None:
        self.do_GET()

    def _answer(self, status: int, body: object) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@dataclass
class System:
    """A folder in which a system is up, and what its workers were asked."""

    directory: Path
    door: WorkerDoor
    refusals: list[str] = field(default_factory=list)

    def kpo(self, *words: str) -> str:
        """Return what a command printed; keep the sentence that it ended with instead."""
        told = CliRunner().invoke(app, [*words, "--directory", str(self.directory)])
        if isinstance(told.exception, StackError):
            self.refusals.append(str(told.exception))
        return told.output

    @property
    def asked(self) -> list[str]:
        """Method and path of each request, as they went over the wire, without what is asked about it."""
        return [line.partition("?")[0] for line in self.door.asked]


@pytest.fixture
def system(home: Home) -> Iterator[System]:
    with WorkerDoor() as door, home.held("a test"):
        listening = threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.01})
        listening.start()
        up(home, door.url)
        yield System(home.directory, door)
        door.shutdown()
        listening.join()


def up(home: Home, url: str) -> None:
    urls = dict.fromkeys(SERVICES, url)
    endpoints = Endpoints(
        services=urls,
        workers=urls,
        kafka_bootstrap="",
        mongo_admin_url="",
        issuer="",
        audience="",
        jwks_path=home.directory / "jwks.json",
        processes=[],
    )
    Status(pid=os.getpid(), phase=Phase.READY, endpoints=endpoints).save(home)


@pytest.mark.parametrize(
    ("parked_id", "segment"),
    [
        ("intake.client/1/2", "intake.client%2F1%2F2"),
        ("../status", "..%2Fstatus"),
        ("x/../../clocks/match/x", "x%2F..%2F..%2Fclocks%2Fmatch%2Fx"),
        ("a?reveal=true#b", "a%3Freveal%3Dtrue%23b"),
        (".", "%2E"),
        ("..", "%2E%2E"),
    ],
)
def test_whatever_a_parked_event_is_called_only_parked_events_are_asked_about(
    system: System, parked_id: str, segment: str
) -> None:
    system.kpo("parked", "show", parked_id, *ABOUT)
    system.kpo("parked", "retry", parked_id, *ABOUT, *WHY, "--yes")

    assert system.asked == [
        f"GET /v1/operations/parked-records/{segment}",
        f"PUT /v1/operations/parked/{segment}/wish",
    ]


@pytest.mark.parametrize(
    ("clock", "segments"),
    [(CLOCK, CLOCK), ("match/../../parked/x", "match/..%2F..%2Fparked%2Fx"), ("../..", "%2E%2E/%2E%2E")],
)
def test_whatever_a_clock_is_called_only_clocks_are_asked_about(
    system: System, clock: str, segments: str
) -> None:
    system.kpo("clocks", "skip", clock, *ABOUT, *WHY, "--yes")

    assert system.asked == [f"PUT /v1/operations/clocks/{segments}/wish"]


def test_what_a_worker_refuses_is_told_with_one_full_stop(system: System) -> None:
    system.kpo("parked", "show", "intake.client/1", *ABOUT)

    assert [refusal.partition("not_found: ")[2] for refusal in system.refusals] == [
        "Nothing is parked as that."
    ]


def test_whatever_stands_in_a_reason_is_shown_as_it_is(system: System) -> None:
    assert "1 error [type=missing]" in system.kpo("clocks", "list")


@pytest.mark.parametrize("wished", ["retry", "skip"])
@pytest.mark.parametrize("clock", [CLOCK, CLOCK.replace("/0a", "/0A")])
def test_a_wish_about_a_clock_without_a_yes_only_says_what_it_would_do(
    system: System, wished: str, clock: str
) -> None:
    told = system.kpo("clocks", wished, clock, *ABOUT, *WHY)

    assert told == (
        f"Would {wished} {CLOCK} of matching: due at 2026-03-03T09:00:00+00:00, stuck "
        "(1 error [type=missing]). Say --yes to do it.\n"
    )
    assert system.asked == ["GET /v1/operations/clocks"]


@pytest.mark.parametrize("clock", ["match/nonsense", CLOCK.replace("match", "expert")])
def test_a_wish_about_a_clock_that_is_not_stuck_is_told_so_without_a_yes(system: System, clock: str) -> None:
    system.kpo("clocks", "retry", clock, *ABOUT, *WHY)

    assert system.refusals == [
        f"no clock {clock} is among the stuck ones of matching; see `kpo clocks list`."
    ]


def test_a_worker_that_does_not_answer_is_told_in_one_sentence(system: System) -> None:
    system.door.shutdown()
    system.door.server_close()

    system.kpo("doctor")

    assert system.refusals == [
        f"nobody answers at {system.door.url}/v1/operations/status; see who runs with `kpo stack status`."
    ]
