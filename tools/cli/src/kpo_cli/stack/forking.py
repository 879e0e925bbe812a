"""Runs as the nursery: imports the services' modules once, then forks itself into one service per order.

It stays a process of one thread without an event loop, because only such a process can be forked safely.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import runpy
import select
import socket
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, Self

from kpo_cli.stack import tether

MESSAGE_BYTES_MAX: Final = 1 << 17
"""An order carries a whole environment; a socket of packets takes no more than this at once by default."""

FIRST_OWN_DESCRIPTOR: Final = 3
PR_SET_NAME: Final = 15  # linux/prctl.h


@dataclass(frozen=True, slots=True)
class Order:
    """What a fork shall become: as `python -m <module> <arguments>`, in this environment and no other."""

    name: str
    module: str
    arguments: Sequence[str]
    environment: dict[str, str]

    @classmethod
    def decode(cls, message: bytes) -> Self:
        return cls(**json.loads(message))

    def encode(self) -> bytes:
        return json.dumps(asdict(self)).encode()


@dataclass(frozen=True, slots=True)
class Birth:
    """What a fork finds itself with: its order, the descriptor of its log, and who its parent must be."""

    order: Order
    log: int
    parent_pid: int


def main(modules: Sequence[str]) -> None:
    """Serve orders from the socket at standard input until its other end is closed."""
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as line:
        _redirect(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
        _import(modules)
        birth = _serve(line)
    if birth is not None:  # From here on this is a child, and what the nursery had open is closed.
        _become(birth)


def _import(modules: Sequence[str]) -> None:
    """Import what the modules' main programs import, without running them."""
    gc.disable()
    for module in modules:
        runpy.run_module(module)
    gc.freeze()  # What the collector never touches stays shared between the forks.
    gc.enable()
    assert threading.active_count() == 1, "a module that starts a thread at import cannot be forked"


def _serve(line: socket.socket) -> Birth | None:
    """Fork for each order and bury each child; return what to become in a child, None at the end."""
    children: dict[int, tuple[int, int]] = {}
    while True:
        readable, _, _ = select.select([line.fileno(), *children], [], [])
        for ended in [each for each in readable if each in children]:
            _bury(ended, *children.pop(ended))
        if line.fileno() not in readable:
            continue
        message, (*descriptors,), _, _ = socket.recv_fds(line, MESSAGE_BYTES_MAX, 2)
        if not message:
            return None
        log, status = descriptors
        nursery_pid, pid = os.getpid(), os.fork()
        if pid == 0:
            return Birth(Order.decode(message), log, nursery_pid)
        os.close(log)
        child = os.pidfd_open(pid)
        children[child] = (pid, status)
        socket.send_fds(line, [str(pid).encode()], [child])


def _bury(descriptor: int, pid: int, status: int) -> None:
    """Tell the exit code of an ended child, as subprocess counts them."""
    _, ending = os.waitpid(pid, 0)
    with contextlib.suppress(BrokenPipeError):  # Whoever asked for the child has forgotten it.
        os.write(status, str(os.waitstatus_to_exitcode(ending)).encode())
    os.close(status)
    os.close(descriptor)


def _become(birth: Birth) -> None:
    """Take on the ordered environment, log and arguments, and run the module as the main program."""
    tether.die_with(birth.parent_pid)
    os.setsid()
    os.dup2(birth.log, sys.stdout.fileno())
    os.dup2(birth.log, sys.stderr.fileno())
    os.closerange(FIRST_OWN_DESCRIPTOR, os.sysconf("SC_OPEN_MAX"))
    order = birth.order
    ctypes.CDLL(None).prctl(PR_SET_NAME, order.name.encode(), 0, 0, 0)  # For `ps`: the command line is ours.
    os.environ.clear()
    os.environ.update(order.environment)
    sys.argv[1:] = order.arguments
    runpy.run_module(order.module, run_name="__main__", alter_sys=True)


def _redirect(source: int, target: int) -> None:
    os.dup2(source, target)
    os.close(source)


if __name__ == "__main__":
    main(sys.argv[1:])
