"""Starts, joins and ends the supervisor from the shell; light to import, because a person waits for it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from typing import Final

import psutil
from pydantic import TypeAdapter

from kpo_cli.stack import requirements
from kpo_cli.stack.endpoints import Endpoints, Phase, Status, last_status
from kpo_cli.stack.errors import StackError
from kpo_cli.stack.options import SystemOptions
from kpo_cli.stack.reports import Report
from kpo_cli.stack.state import Home

PURPOSE: Final = "the kpo system"
SUPERVISOR: Final = "kpo_cli.stack.supervisor"
START_SECONDS_MAX: Final = 300.0
STOP_SECONDS_MAX: Final = 60.0
KILL_SECONDS_MAX: Final = 10.0
FOLLOW_SECONDS: Final = 0.1

OPTIONS: Final = TypeAdapter(SystemOptions)


def launch(home: Home, options: SystemOptions) -> subprocess.Popen[bytes]:
    """Start a supervisor that outlives this process and its terminal."""
    command = [sys.executable, "-m", SUPERVISOR, str(home.directory), OPTIONS.dump_json(options).decode()]
    home.logs.mkdir(exist_ok=True)
    with (home.logs / "supervisor.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603  # The command is a list made by our own code, without a shell.
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )


def bring_up(home: Home, options: SystemOptions, report: Report) -> Endpoints:
    """Start the system of this folder, or join the start that is under way, and wait until it is up."""
    holder = home.holder()
    if holder is not None and holder.purpose != PURPOSE:
        raise StackError(home.occupation())
    launched = launch(home, options) if holder is None else None
    try:
        return _follow(home, launched, report)
    except KeyboardInterrupt:
        end(home)
        raise


def _follow(home: Home, launched: subprocess.Popen[bytes] | None, report: Report) -> Endpoints:
    """Wait for whoever holds the folder: two who call this at once get the same system."""
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        launch_ended = launched is None or launched.poll() is not None
        holder, status = home.holder(), last_status(home)
        if holder and status and status.pid == holder.pid:
            if status.phase is Phase.READY and status.endpoints:
                return status.endpoints
            report(status.detail)
        elif holder is None and launch_ended:
            raise StackError(_complaint(home, launched, status))
        time.sleep(FOLLOW_SECONDS)
    raise StackError(f"the system was not up within {START_SECONDS_MAX:.0f} s; see the files in {home.logs}.")


def end(home: Home) -> bool:
    """End whatever holds the folder; return False when nothing does."""
    holder = home.holder()
    if holder is None:
        return False
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(holder.pid)
        process.terminate()
        try:
            process.wait(STOP_SECONDS_MAX)
        except psutil.TimeoutExpired:
            process.kill()  # The kernel ends all others with it.
            process.wait(KILL_SECONDS_MAX)
    return True


def _complaint(home: Home, launched: subprocess.Popen[bytes] | None, status: Status | None) -> str:
    """Return the supervisor's own sentence; on a full disk it could not even write one."""
    requirements.check_disk(home.directory, requirements.DISK_BYTES_MIN)
    if launched and status and status.pid == launched.pid and status.phase is Phase.FAILED:
        return status.detail
    return f"the system ended while it started; see {home.logs / 'supervisor.log'}."
