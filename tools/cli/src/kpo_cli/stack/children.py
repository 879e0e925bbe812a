"""Starts and ends the processes of the stack so that none of them outlives its parent."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol, Self

from kpo_cli.stack.errors import StackError

TETHER: Final = Path(__file__).with_name("tether.py")
LOG_TAIL_BYTES_MAX: Final = 4096
POLL_SECONDS: Final = 0.05
CONNECT_SECONDS_MAX: Final = 0.5
KILL_SECONDS_MAX: Final = 10.0
DISK_FULL_BYTES: Final = 50 << 20

REMEDIES: Final[Mapping[str, str]] = {
    "error while loading shared libraries: libcurl": "install libcurl (on Debian `apt-get install libcurl4`)",
    "No space left on device": "the disk is full: free some space and start again",
    "Address already in use": "its port was taken meanwhile: start again",
}
"""What a person can do about a line in a log."""

# The kernel's parent-death signal fires when the *thread* that made the child ends. So all children are made
# by one thread that lives as long as the process: callers may then start servers from any thread.
_SPAWNER: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="kpo-spawner")


@dataclass(frozen=True, slots=True)
class Program:
    """What to run: a name for people, the command, its environment (ours if None), where its output goes."""

    name: str
    command: Sequence[str]
    log_path: Path
    environment: Mapping[str, str] | None = None


class Process(Protocol):
    """What a child is to us: a Popen, or a fork of the nursery, which answers like one."""

    pid: int

    def poll(self) -> int | None: ...
    def wait(self, timeout: float) -> int: ...
    def send_signal(self, sig: int) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Child:
    """A running process that dies with us; `stop` and `kill` may be called twice."""

    program: Program
    process: Process

    @classmethod
    def spawn(cls, program: Program, stdin: int = subprocess.DEVNULL) -> Self:
        return cls(program, _SPAWNER.submit(_popen, program, stdin).result())

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def stop(self, deadline_seconds: float) -> None:
        """SIGTERM, and SIGKILL when the process has not ended by the deadline."""
        self.process.terminate()
        try:
            self.process.wait(deadline_seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(KILL_SECONDS_MAX)

    def freeze(self) -> None:
        """SIGSTOP: the process holds its connections but does nothing, as in a long pause."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def wait_for_success(self, deadline_seconds: float) -> None:
        """Wait for a command that ends by itself; raise StackError unless it succeeds in time."""
        try:
            self.process.wait(deadline_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise StackError(self.complaint(f"took longer than {deadline_seconds:.0f} s")) from None
        self.check_success()

    def check_success(self) -> None:
        """Raise StackError unless the command, which has ended, succeeded."""
        code = self.process.poll()
        if code != 0:
            raise StackError(self.complaint(f"ended with code {code}"))

    def wait_for_port(self, port: int, deadline_seconds: float) -> None:
        """Wait until the process listens; raise StackError when it ends before or takes too long."""
        deadline = time.monotonic() + deadline_seconds
        while not listens(port):
            self.check_alive()
            if time.monotonic() > deadline:
                raise StackError(self.complaint(f"did not answer on port {port} in {deadline_seconds:.0f} s"))
            time.sleep(POLL_SECONDS)

    def check_alive(self) -> None:
        code = self.process.poll()
        if code is not None:
            raise StackError(self.complaint(f"ended with code {code} while starting"))

    def complaint(self, what: str) -> str:
        path = self.program.log_path
        return f"{self.program.name} {what}; {_known_cause(path) or f'see {path}'}."


def fresh_log(path: Path) -> BinaryIO:
    """Open a new log; the run before is often the one that explains a fault, so its log is kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.replace(path.with_suffix(".previous.log"))
    return path.open("ab")


def _popen(program: Program, stdin: int) -> subprocess.Popen[bytes]:
    tether = [sys.executable, "-I", "-S", str(TETHER), str(os.getpid())]
    with fresh_log(program.log_path) as log:
        return subprocess.Popen(  # noqa: S603  # The command is a list made by our own code, without a shell.
            [*tether, *program.command],
            env=program.environment,
            stdin=stdin,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C in a terminal reaches us alone; we stop the children in order.
        )


def listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), CONNECT_SECONDS_MAX):
            return True
    except OSError:
        return False


def log_tail(path: Path) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - LOG_TAIL_BYTES_MAX))
        return log.read().decode(errors="replace")


def _known_cause(log_path: Path) -> str | None:
    """Return what to do when the cause shows in the log, or is a full disk, which may keep the log empty."""
    if shutil.disk_usage(log_path.parent).free < DISK_FULL_BYTES:
        return "the disk is full: free some space and start again"
    log = log_tail(log_path)
    return next((remedy for sign, remedy in REMEDIES.items() if sign in log), None)
