"""No process outlives its parent, and what goes wrong is told in one sentence."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from kpo_cli.stack import ports
from kpo_cli.stack.children import Child, Program
from kpo_cli.stack.errors import StackError

WAIT_SECONDS_MAX = 5.0

PARENT = """
import sys, time
from pathlib import Path
from kpo_cli.stack.children import Child, Program
child = Child.spawn(Program("sleeper", ["/bin/sleep", "60"], Path(sys.argv[1])))
print(child.process.pid, flush=True)
time.sleep(60)
"""


def a_program(tmp_path: Path, script: str) -> Program:
    return Program("a test program", [sys.executable, "-c", script], tmp_path / "program.log")


def a_child(tmp_path: Path, script: str = "import time; time.sleep(60)") -> Child:
    return Child.spawn(a_program(tmp_path, script))


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    """Tell whether the process is gone; a zombie does nothing any more and counts as gone."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_child_dies_when_its_parent_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "child.log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:  # noqa: S603  # Our own script.
        assert parent.stdout is not None
        child_pid = int(parent.stdout.readline())
        wait_until(lambda: psutil.Process(child_pid).name() == "sleep")

        parent.send_signal(signal.SIGKILL)
        parent.wait()

    wait_until(lambda: is_gone(child_pid))


def test_a_child_that_a_short_thread_started_lives_on(tmp_path: Path) -> None:
    started: list[Child] = []
    thread = threading.Thread(target=lambda: started.append(a_child(tmp_path)))
    thread.start()
    thread.join()

    time.sleep(0.2)

    assert started[0].running
    started[0].kill()


def test_stop_kills_a_child_that_ignores_the_request(tmp_path: Path) -> None:
    ignoring = (
        "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    child = a_child(tmp_path, ignoring)
    wait_until(lambda: "deaf" in child.program.log_path.read_text())

    child.stop(deadline_seconds=0.2)

    assert child.process.poll() == -signal.SIGKILL


def test_stop_may_be_called_twice(tmp_path: Path) -> None:
    child = a_child(tmp_path)

    child.stop(deadline_seconds=5)
    child.stop(deadline_seconds=5)

    assert not child.running


def test_a_frozen_child_goes_on_when_thawed(tmp_path: Path) -> None:
    child = a_child(tmp_path)

    child.freeze()
    wait_until(lambda: psutil.Process(child.process.pid).status() == psutil.STATUS_STOPPED)
    child.thaw()
    wait_until(lambda: psutil.Process(child.process.pid).status() != psutil.STATUS_STOPPED)

    assert child.running
    child.kill()


def test_a_child_that_ends_before_it_listens_is_told_with_its_log(tmp_path: Path) -> None:
    child = a_child(tmp_path, "import sys; sys.exit(3)")

    with pytest.raises(
        StackError, match=r"a test program ended with code 3 while starting; see .*program\.log"
    ):
        child.wait_for_port(ports.choose(()), deadline_seconds=10)


def test_a_child_that_never_listens_is_told_after_the_deadline(tmp_path: Path) -> None:
    child = a_child(tmp_path)

    with pytest.raises(StackError, match="did not answer on port"):
        child.wait_for_port(ports.choose(()), deadline_seconds=0.2)
    child.kill()


def test_a_command_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    child = a_child(tmp_path)

    with pytest.raises(StackError, match="took longer than 0 s"):
        child.wait_for_success(deadline_seconds=0.1)

    assert not child.running


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("error while loading shared libraries: libcurl.so.4: cannot open", "apt-get install libcurl4"),
        ("write failed: No space left on device", "the disk is full: free some space"),
        ("bind: Address already in use", "its port was taken meanwhile: start again"),
    ],
)
def test_a_known_cause_in_the_log_is_told_with_its_remedy(tmp_path: Path, line: str, remedy: str) -> None:
    child = a_child(tmp_path, f"import sys; print({line!r}); sys.exit(1)")

    with pytest.raises(StackError, match=remedy):
        child.wait_for_success(deadline_seconds=10)


def test_the_log_of_the_run_before_is_kept(tmp_path: Path) -> None:
    for text in ("first", "second"):
        a_child(tmp_path, f"print({text!r})").wait_for_success(deadline_seconds=10)

    assert (tmp_path / "program.previous.log").read_text() == "first\n"
    assert (tmp_path / "program.log").read_text() == "second\n"
