"""What is measured in a run: time from the first record to the last acknowledgement, and CPU per process."""

import asyncio
import os
from dataclasses import dataclass
from time import monotonic

import psutil
from benchmarks.plan import Plan


@dataclass(frozen=True, slots=True)
class Figures:
    """One run in numbers; `complaint` says why it does not count."""

    events_per_second: float
    service_us: float
    mongod_us: float
    broker_us: float
    complaint: str = ""

    @property
    def cpu_us(self) -> float:
        """What an event costs in all three processes together."""
        return self.service_us + self.mongod_us + self.broker_us


class Stopwatch:
    """Starts with the first record that a loop gets, stops when its last event is acknowledged."""

    def __init__(self, plan: Plan) -> None:
        self._events = plan.events
        self._processes = [psutil.Process(pid) for pid in (os.getpid(), plan.mongod_pid, plan.broker_pid)]
        self._began: tuple[float, list[float]] | None = None
        self._ended: tuple[float, list[float]] | None = None
        self._sent = 0
        self.done = asyncio.Event()

    def begin(self) -> None:
        """Start, unless it runs already."""
        self._began = self._began or self._look()

    def count(self, sent: int) -> None:
        """Take note of events that the broker has acknowledged."""
        self._sent += sent
        if self._sent >= self._events and self._ended is None:
            self._ended = self._look()
            self.done.set()

    def figures(self) -> Figures:
        assert self._began is not None
        assert self._ended is not None
        seconds = self._ended[0] - self._began[0]
        pairs = zip(self._began[1], self._ended[1], strict=True)
        service, mongod, broker = (1e6 * (after - before) / self._events for before, after in pairs)
        return Figures(self._events / seconds, service, mongod, broker)

    def _look(self) -> tuple[float, list[float]]:
        times = [process.cpu_times() for process in self._processes]
        return monotonic(), [time.user + time.system for time in times]
