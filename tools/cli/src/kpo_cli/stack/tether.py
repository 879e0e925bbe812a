"""Ties a child's life to its parent's: runs in the child's place first, then becomes the child's program.

It imports nothing of ours and runs with a bare interpreter, because every child waits for it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with(parent_pid: int) -> None:
    """Ask the kernel for SIGKILL at the parent's death."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        sys.exit(f"prctl failed: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent_pid:  # The parent died before the kernel knew of the wish.
        sys.exit("the parent is gone")


def main(parent_pid: int, command: list[str]) -> None:
    """Tie this process to its parent, then run the command in it."""
    die_with(parent_pid)
    os.execv(command[0], command)  # noqa: S606  # No shell on purpose: the command is a list made by our own code.


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
