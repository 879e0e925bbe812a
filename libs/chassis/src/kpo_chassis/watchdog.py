"""Finds a consumer that has fallen silent: the log goes on, and nothing of it arrives."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from kpo_chassis.broker import Consumer, Partition
from kpo_chassis.consumer import Consuming
from kpo_chassis.meters import Meters
from kpo_chassis.work import Lane

log = logging.getLogger("kpo.watchdog")

WATCH_SECONDS = 10.0
"""How much time lies between two looks."""

SILENT_SECONDS_MAX = 60.0
"""How long nothing may arrive from a partition before the broker is asked whether it has more."""


class SilentConsumerError(Exception):
    """The client has stopped fetching and does not know it; only a new process helps."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often the watchdog looks, and how long it bears silence."""

    look_seconds: float = WATCH_SECONDS
    silent_seconds_max: float = SILENT_SECONDS_MAX


PATIENCE = Patience()


@dataclass(slots=True)
class _Heard:
    """How far a partition had been read, since when, and whether the broker had more at the last look."""

    lane: Lane
    read_offset: int
    since: float
    lags: bool = False


class Watchdog:
    """Looks now and then at how far each partition has been read; it costs nothing per record.

    The broker is asked for its log's end: what the client last saw of it is as old as its last fetch.
    """

    def __init__(
        self,
        consuming: Consuming,
        consumer: Consumer,
        meters: Meters,
        *,
        patience: Patience = PATIENCE,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._consuming = consuming
        self._consumer = consumer
        self._meters = meters
        self.patience = patience
        self._clock = clock
        self._heard: dict[str, _Heard] = {}

    async def look(self) -> None:
        """Raise SilentConsumerError when a partition had more at two looks, and gave nothing for too long."""
        if self._consuming.paused:
            self._heard.clear()
            return
        lanes = dict(self._consuming.lanes)
        self._heard = {key: heard for key, heard in self._heard.items() if heard.lane is lanes.get(key)}
        for lane in lanes.values():
            heard = self._heard.get(lane.id)
            if heard is None or heard.read_offset != lane.read_offset:
                self._heard[lane.id] = _Heard(lane, lane.read_offset, self._clock())
            elif self._clock() - heard.since >= self.patience.silent_seconds_max:
                await self._ask(heard)

    async def _ask(self, heard: _Heard) -> None:
        """Ask the broker; what has come this very moment may still be on its way, so once is no proof."""
        lane = heard.lane
        first, end = await self._consumer.bounds(Partition(lane.topic, lane.partition))
        if lane.lost or lane.read_offset != heard.read_offset:
            return
        if max(first, lane.read_offset) >= end:
            heard.since, heard.lags = self._clock(), False
        elif heard.lags:
            self._end(lane, end, self._clock() - heard.since)
        else:
            heard.lags = True

    def _end(self, lane: Lane, end: int, seconds: float) -> None:
        log_has = f"the log has {lane.read_offset} to {end}"
        sentence = f"{lane.id}: nothing came for {seconds:.0f} s, though {log_has}; a new process is needed."
        self._meters.add("kpo_guard_stopped_total", {"guard": "silence"})
        log.error("consumer_silent", extra={"reason": sentence})
        raise SilentConsumerError(sentence)
