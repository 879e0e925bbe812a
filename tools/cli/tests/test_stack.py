"""`kpo stack` from the shell: the real supervisor and real servers, with services that have no business."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from kpo_cli.stack.endpoints import Endpoints, running_endpoints
from kpo_cli.stack.state import Home

pytestmark = pytest.mark.real

STAND_INS = Path(__file__).with_name("stand_ins")
COMMAND_SECONDS_MAX = 200.0
WAIT_SECONDS_MAX = 60.0


@dataclass
class Checkout:
    """A folder like a checkout's, with the command line that a person would type there."""

    directory: Path
    environment: dict[str, str] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603  # Our own command.
            [sys.executable, "-m", "kpo_cli", *arguments],
            cwd=self.directory,
            env={**os.environ, "PYTHONPATH": str(STAND_INS), **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def kpo(self, *arguments: str) -> tuple[int, str, str]:
        """Return exit code, output and complaints of a command."""
        with self.begin(*arguments) as process:
            out, complaints = process.communicate(timeout=COMMAND_SECONDS_MAX)
        return process.returncode, out, complaints

    @property
    def home(self) -> Home:
        return Home.open(self.directory / ".kpo")

    @property
    def endpoints(self) -> Endpoints:
        found = running_endpoints(self.home)
        assert found is not None, "the system is not up"
        return found

    @property
    def supervisor(self) -> psutil.Process:
        holder = self.home.holder()
        assert holder is not None, "nothing runs"
        return psutil.Process(holder.pid)

    @property
    def names(self) -> set[str]:
        return {each.name for each in self.endpoints.processes}

    @property
    def pids(self) -> set[int]:
        return {each.pid for each in self.endpoints.processes}

    def kill_supervisor(self) -> list[psutil.Process]:
        """Return the processes that it leaves behind, which must all end by themselves."""
        supervisor = self.supervisor
        children = supervisor.children(recursive=True)
        supervisor.send_signal(signal.SIGKILL)
        return children


@pytest.fixture(autouse=True, scope="module")
def interruptible() -> Iterator[None]:
    """Let children hear Ctrl-C even where these tests run in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    made = Checkout(tmp_path)
    yield made
    if made.home.holder() is not None:
        made.kpo("stack", "down")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """Give one running system to all tests that do not end it; two people start it at once."""
    made = Checkout(tmp_path_factory.mktemp("running"))
    both = [made.begin("stack", "up") for _ in range(2)]
    made.told = [each.communicate(timeout=COMMAND_SECONDS_MAX) for each in both]
    assert [each.returncode for each in both] == [0, 0], made.told
    yield made
    if made.home.holder() is not None:
        made.kpo("stack", "down")


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def all_gone(processes: list[psutil.Process]) -> bool:
    return not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in processes)


def is_ready(url: str) -> bool:
    with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:  # noqa: S310  # Always http on loopback.
        return bool(answer.status == 200)


def test_up_tells_where_everything_is_and_what_to_try(running: Checkout) -> None:
    out, complaints = running.told[0]

    assert complaints == ""
    assert all(url in out for url in running.endpoints.services.values())
    assert out.count("curl ") == 3


def test_up_leaves_four_services_and_two_servers_running(running: Checkout) -> None:
    assert [is_ready(url) for url in running.endpoints.services.values()] == [True] * 4
    assert running.names == {"kafka", "mongod", "intake", "matching", "delivery", "billing"}
    assert running.pids < {child.pid for child in running.supervisor.children(recursive=True)}
    assert running.kpo("stack", "status")[0] == 0


def test_two_ups_at_once_give_one_system(running: Checkout) -> None:
    url = running.endpoints.services["intake"]

    assert [url in out for out, _ in running.told] == [True, True]


def test_another_checkout_runs_beside_it_with_api_and_worker_apart(
    running: Checkout, checkout: Checkout
) -> None:
    assert checkout.kpo("stack", "up", "--roles", "apart")[0] == 0

    urls = {url for each in (running, checkout) for url in each.endpoints.services.values()}
    assert len(urls) == 8
    assert all(is_ready(url) for url in urls)
    assert {"billing", "billing-worker"} < checkout.names
    assert not running.pids & checkout.pids
    assert checkout.endpoints.services["billing"] != checkout.endpoints.workers["billing"]


def test_status_names_a_process_that_has_ended(running: Checkout) -> None:
    billing = next(each for each in running.endpoints.processes if each.name == "billing")

    os.kill(billing.pid, signal.SIGKILL)

    wait_until(lambda: "ended: billing" in running.kpo("stack", "status")[1])
    assert running.kpo("stack", "status")[0] == 1


def test_down_leaves_nothing_running(running: Checkout) -> None:
    processes = [running.supervisor, *running.supervisor.children(recursive=True)]

    code, out, _ = running.kpo("stack", "down")

    assert (code, "Everything is stopped" in out) == (0, True)
    assert all_gone(processes)
    assert running.kpo("stack", "status")[0] == 1


def test_a_kill_in_the_middle_of_a_start_and_one_after_it_leave_nothing_that_disturbs_the_next(
    checkout: Checkout,
) -> None:
    starting = checkout.begin("stack", "up")
    wait_until(lambda: checkout.home.holder() is not None)
    wait_until(lambda: len(checkout.supervisor.children()) > 1)
    half = checkout.kill_supervisor()
    starting.communicate(timeout=COMMAND_SECONDS_MAX)
    wait_until(lambda: all_gone(half))

    assert checkout.kpo("stack", "up")[0] == 0
    first = checkout.endpoints
    whole = checkout.kill_supervisor()
    wait_until(lambda: all_gone(whole))

    assert checkout.kpo("stack", "up")[0] == 0
    assert checkout.endpoints.services == first.services
    assert checkout.endpoints.kafka_bootstrap == first.kafka_bootstrap


def test_ctrl_c_while_it_starts_stops_everything(checkout: Checkout) -> None:
    starting = checkout.begin("stack", "up")
    wait_until(lambda: checkout.home.holder() is not None)
    supervisor = checkout.supervisor
    wait_until(lambda: len(supervisor.children()) > 1)
    processes = supervisor.children(recursive=True)

    starting.send_signal(signal.SIGINT)
    starting.communicate(timeout=COMMAND_SECONDS_MAX)

    assert starting.returncode != 0
    assert all_gone([supervisor, *processes])


def test_a_service_that_fails_is_told_and_the_rest_is_stopped(checkout: Checkout) -> None:
    checkout.environment["STAND_IN_FAILS"] = "kpo_matching"

    code, _, complaints = checkout.kpo("stack", "up")

    assert code == 1
    assert "kpo: matching init ended with code 7; see" in complaints
    wait_until(lambda: checkout.home.holder() is None)


def test_a_given_port_that_is_taken_is_told_in_one_sentence(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        code, _, complaints = checkout.kpo("stack", "up", "--port", f"kafka={port}")

    assert code == 1
    assert (
        complaints
        == f"kpo: port {port}, given for kafka, is taken; name another one or end what listens there.\n"
    )


def test_a_port_for_nobody_is_refused(checkout: Checkout) -> None:
    code, _, complaints = checkout.kpo("stack", "up", "--port", "zookeeper=2181")

    assert code == 1
    assert "--port zookeeper=2181 is not NAME=NUMBER" in complaints


def test_reset_throws_the_data_away(checkout: Checkout) -> None:
    checkout.kpo("token")
    assert (checkout.directory / ".kpo" / "jwks.json").exists()

    code, _, _ = checkout.kpo("stack", "reset")

    assert code == 0
    assert not (checkout.directory / ".kpo").exists()


def test_a_token_from_the_shell_speaks_for_whom_it_is_told(checkout: Checkout) -> None:
    tenant = "0b7d2c1e-6a53-4f0e-9d53-2f1f5c0a7b11"

    code, out, _ = checkout.kpo("token", "vendor", "--tenant", tenant, "--scope", "offers:answer")

    assert code == 0
    assert len(out.strip().split(".")) == 3
    assert json.loads((checkout.directory / ".kpo" / "jwks.json").read_text())["keys"]
