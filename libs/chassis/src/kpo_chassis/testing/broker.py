"""The broker ports in memory: logs that keep everything, groups of one member."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from zlib import crc32

from kpo_chassis.broker import Outgoing, Partition
from kpo_chassis.work import Headers, Incoming
from kpo_events.envelope import MalformedEventError, Route, peek

POLL_SECONDS = 0.02
PARTITIONS = 3


class MemoryBroker:
    """Topics as lists of records; a topic exists from its first use."""

    def __init__(self) -> None:
        self.logs: defaultdict[Partition, list[Incoming]] = defaultdict(list)
        self.sent: list[Incoming] = []
        self.reported: dict[Partition, int] = {}
        self.arrived = asyncio.Event()

    def append(self, topic: str, key: str | None, headers: Headers, value: bytes) -> Incoming:
        number = crc32((key or "").encode()) % PARTITIONS
        partition = Partition(topic, number)
        route = Route("", 0, "")
        with suppress(MalformedEventError):
            route = peek(headers)
        offset = len(self.logs[partition])
        record = Incoming(topic, number, offset, key, route.seq or None, headers, value, route.type)
        self.logs[partition].append(record)
        self.arrived.set()
        return record

    async def producer(self) -> "MemoryProducer":
        return MemoryProducer(self)

    def consumer(self, group: str) -> "MemoryConsumer":
        assert group
        return MemoryConsumer(self)

    async def create_topics(self, names: Iterable[str], partitions: int, replicas: int) -> None:
        """Do nothing: a topic exists from its first use."""


class MemoryProducer:
    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker

    async def send(self, records: Sequence[Outgoing]) -> None:
        for record in records:
            sent = self._broker.append(record.topic, record.key, record.headers, record.value)
            self._broker.sent.append(sent)

    async def close(self) -> None:
        """Do nothing: there is no connection."""


class MemoryConsumer:
    """Reads every partition of its topics."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self._positions: dict[Partition, int] = {}
        self._paused = False

    async def start(
        self,
        topics: Iterable[str],
        assigned: Callable[[Sequence[Partition]], Awaitable[None]],
        revoked: Callable[[Sequence[Partition]], Awaitable[None]],
    ) -> None:
        assert revoked is not None
        partitions = [Partition(topic, number) for topic in topics for number in range(PARTITIONS)]
        self._positions = dict.fromkeys(partitions, 0)
        await assigned(partitions)

    async def poll(self) -> Sequence[Incoming]:
        self._broker.arrived.clear()
        found = [] if self._paused else self._fetch()
        if not found:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._broker.arrived.wait()
        return found

    def _fetch(self) -> list[Incoming]:
        found: list[Incoming] = []
        for partition, position in self._positions.items():
            records = self._broker.logs[partition][position:]
            found.extend(records)
            self._positions[partition] = position + len(records)
        return found

    async def bounds(self, partition: Partition) -> tuple[int, int]:
        return 0, len(self._broker.logs[partition])

    def end(self, partition: Partition) -> int | None:
        return len(self._broker.logs[partition])

    def seek(self, partition: Partition, offset: int) -> None:
        self._positions[partition] = offset

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False

    async def report(self, offsets: Mapping[Partition, int]) -> None:
        self._broker.reported.update(offsets)

    async def close(self) -> None:
        """Do nothing: there is no connection."""
