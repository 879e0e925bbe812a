"""What Kafka, mongod and the four services have in common for whoever starts and ends them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

from kpo_cli.stack.children import Child

STOP_SECONDS_MAX: Final = 15.0


class Server(ABC):
    """One process that listens; data, users and port stay the same over `stop`, `kill` and `start`."""

    _child: Child | None = None

    @abstractmethod
    def begin(self) -> None:
        """Start the process without waiting for it, so that others can start meanwhile."""

    @abstractmethod
    def wait_ready(self) -> None:
        """Wait until the process does its work; raise StackError when it does not in time."""

    def start(self) -> None:
        self.begin()
        self.wait_ready()

    def stop(self) -> None:
        """SIGTERM, and SIGKILL when that takes too long; harmless when the process is not there."""
        if self._child is not None:
            self._child.stop(STOP_SECONDS_MAX)

    def ask_to_stop(self) -> None:
        """SIGTERM without waiting, so that others can stop meanwhile; `stop` still has to follow."""
        if self.running:
            self._running_child().process.terminate()

    def restart(self) -> None:
        self.stop()
        self.start()

    def kill(self) -> None:
        """SIGKILL, as a power failure would end it."""
        self._running_child().kill()

    def freeze(self) -> None:
        """SIGSTOP: the process holds its connections but does nothing, as in a long pause."""
        self._running_child().freeze()

    def thaw(self) -> None:
        self._running_child().thaw()

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.running

    @property
    def pid(self) -> int:
        return self._running_child().process.pid

    def _running_child(self) -> Child:
        assert self._child is not None, f"{type(self).__name__} was never started"
        return self._child
