"""Starts services as forks of one process that has imported them already, which saves most of their start."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Self

from kpo_cli.stack.children import Child, Program, fresh_log
from kpo_cli.stack.errors import StackError
from kpo_cli.stack.forking import Order

FORKING: Final = "kpo_cli.stack.forking"
IMPORT_SECONDS_MAX: Final = 60.0
STOP_SECONDS_MAX: Final = 5.0
REPLY_BYTES_MAX: Final = 32


class Fork:
    """A process that the nursery is the parent of; it answers like a Popen.

    The descriptor of the process, which the nursery opened, never means another process, unlike its number.
    """

    def __init__(self, name: str, pid: int, process: int, status: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._name = name
        self._process = process
        self._status = status
        self._lock = threading.Lock()
        for descriptor in (process, status):
            weakref.finalize(self, os.close, descriptor)

    def poll(self) -> int | None:
        with self._lock:
            if self.returncode is None and self._ended(0):
                told = os.read(self._status, REPLY_BYTES_MAX)
                # The nursery's own death tells nothing: then the kernel has killed its children.
                self.returncode = int(told) if told else -signal.SIGKILL
            return self.returncode

    def wait(self, timeout: float) -> int:
        self._ended(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(self._name, timeout)
        return code

    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._process, sig)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _ended(self, timeout_seconds: float) -> bool:
        """Tell whether the process ends within this time."""
        poll = select.poll()
        poll.register(self._process, select.POLLIN)
        return bool(poll.poll(timeout_seconds * 1000))


class Nursery:
    """The process that forks, and the line on which it takes orders one by one, from any thread."""

    def __init__(self, child: Child, line: socket.socket) -> None:
        self._child = child
        self._line = line
        self._lock = threading.Lock()

    @classmethod
    @contextlib.contextmanager
    def open(cls, logs: Path, modules: Sequence[str], environment: Mapping[str, str]) -> Iterator[Self]:
        """Begin to import the modules, without waiting; all forks die at the end of the block."""
        command = [sys.executable, "-m", FORKING, *modules]
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours:
            with theirs:
                program = Program("nursery", command, logs / "nursery.log", environment)
                child = Child.spawn(program, stdin=theirs.fileno())
            ours.settimeout(IMPORT_SECONDS_MAX)
            try:
                yield cls(child, ours)
            finally:
                child.stop(STOP_SECONDS_MAX)

    def spawn(self, program: Program) -> Child:
        """Run a program of the form `python -m <module> <arguments>`, where the module is an imported one."""
        _, _, module, *arguments = program.command
        environment = os.environ if program.environment is None else program.environment
        order = Order(program.name, module, arguments, dict(environment))
        status, theirs = os.pipe()
        try:
            with fresh_log(program.log_path) as log:
                pid, process = self._ask(order, [log.fileno(), theirs])
        except BaseException:
            os.close(status)
            raise
        finally:
            os.close(theirs)
        return Child(program, Fork(program.name, pid, process, status))

    def _ask(self, order: Order, descriptors: list[int]) -> tuple[int, int]:
        """Return the number and the descriptor of a new process."""
        try:
            with self._lock:
                socket.send_fds(self._line, [order.encode()], descriptors)
                reply, processes, _, _ = socket.recv_fds(self._line, REPLY_BYTES_MAX, 1)
        except OSError as error:
            raise StackError(self._child.complaint(f"forks no {order.name} ({error})")) from error
        if not reply:
            raise StackError(self._child.complaint(f"ended before it forked {order.name}"))
        return int(reply), processes[0]
