"""The process that is the parent of all others after `make up` has returned to the shell."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from kpo_cli.stack.control import OPTIONS, PURPOSE
from kpo_cli.stack.endpoints import Phase, Status
from kpo_cli.stack.errors import StackError
from kpo_cli.stack.options import SystemOptions
from kpo_cli.stack.reports import Report
from kpo_cli.stack.state import Home
from kpo_cli.stack.system import System

WATCH_SECONDS: Final = 0.5
STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


class StopAskedError(BaseException):
    """SIGTERM or SIGINT came; no `except Exception` may swallow it."""


def supervise(directory: Path, options: SystemOptions) -> None:
    """Run the system until somebody asks to stop, and say in the status file how it goes."""
    for number in STOP_SIGNALS:
        signal.signal(number, _ask_to_stop)
    home = Home.open(directory)
    with (
        contextlib.suppress(StopAskedError),
        home.held(PURPOSE),
        _failure_told(home),
        System.within(home, options, _reporter(home)) as system,
    ):
        _watch(home, system)


def _watch(home: Home, system: System) -> NoReturn:
    """Say who has ended since; the rest goes on, so that a person can look at it."""
    told: set[str] | None = None
    while True:
        ended = {name for name, process in system.processes.items() if not process.running}
        if ended != told:
            told = ended
            detail = f"ended: {', '.join(sorted(ended))}" if ended else "all is well"
            Status(pid=os.getpid(), phase=Phase.READY, detail=detail, endpoints=system.endpoints).save(home)
        time.sleep(WATCH_SECONDS)


@contextlib.contextmanager
def _failure_told(home: Home) -> Iterator[None]:
    try:
        yield
    except StackError as error:
        Status(pid=os.getpid(), phase=Phase.FAILED, detail=str(error)).save(home)
        raise


def _reporter(home: Home) -> Report:
    def report(detail: str) -> None:
        Status(pid=os.getpid(), phase=Phase.STARTING, detail=detail).save(home)

    return report


def _ask_to_stop(_number: int, _frame: FrameType | None) -> NoReturn:
    for number in STOP_SIGNALS:  # A second signal must not break the first one's orderly end.
        signal.signal(number, signal.SIG_IGN)
    raise StopAskedError


if __name__ == "__main__":
    supervise(Path(sys.argv[1]), OPTIONS.validate_json(sys.argv[2]))
