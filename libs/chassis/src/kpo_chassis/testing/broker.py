"""The broker ports in memory: logs that keep everything, and groups that share partitions out anew."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from zlib import crc32

from kpo_chassis.broker import Outgoing, Partition
from kpo_chassis.work import Headers, Incoming
from kpo_events.envelope import MalformedEventError, Route, peek

POLL_SECONDS = 0.1
PARTITIONS = 3

Listener = Callable[[Sequence[Partition]], Awaitable[None]]


def partition_of(key: str) -> int:
    return crc32(key.encode()) % PARTITIONS


class MemoryBroker:
    """Topics as lists of records; a topic exists from its first use."""

    def __init__(self) -> None:
        self.logs: defaultdict[Partition, list[Incoming]] = defaultdict(list)
        self.sent: list[Incoming] = []
        self.reported: dict[Partition, int] = {}
        self.arrived = asyncio.Event()
        self.groups: defaultdict[str, list[MemoryConsumer]] = defaultdict(list)

    def append(self, topic: str, key: str | None, headers: Headers, value: bytes) -> Incoming:
        number = partition_of(key or "")
        partition = Partition(topic, number)
        route = Route("", 0, "")
        with suppress(MalformedEventError):
            route = peek(headers)
        offset = len(self.logs[partition])
        seq = route.seq if key == route.subject else None
        record = Incoming(topic, number, offset, key, seq or None, headers, value, route.type)
        self.logs[partition].append(record)
        self.arrived.set()
        return record

    async def producer(self) -> "MemoryProducer":
        return MemoryProducer(self)

    def consumer(self, group: str) -> "MemoryConsumer":
        return MemoryConsumer(self, group)

    async def share_out(self, group: str) -> None:
        """Take all partitions from all members, then give every one of them to a single member."""
        members = self.groups[group]
        for member in members:
            await member.give_up()
        shares = defaultdict[MemoryConsumer, list[Partition]](list)
        for topic in sorted({topic for member in members for topic in member.topics}):
            takers = [member for member in members if topic in member.topics]
            for number in range(PARTITIONS):
                shares[takers[number % len(takers)]].append(Partition(topic, number))
        for member in members:
            await member.take_over(shares[member])

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
    """A member of a group: reads the partitions that it was given."""

    def __init__(self, broker: MemoryBroker, group: str) -> None:
        self._broker = broker
        self._group = group
        self._assigned: Listener
        self._revoked: Listener
        self._positions: dict[Partition, int] = {}
        self._paused: set[Partition] = set()
        self.topics: frozenset[str] = frozenset()

    async def start(self, topics: Iterable[str], assigned: Listener, revoked: Listener) -> None:
        self.topics, self._assigned, self._revoked = frozenset(topics), assigned, revoked
        self._broker.groups[self._group].append(self)
        await self._broker.share_out(self._group)

    async def give_up(self) -> None:
        given_up, self._positions = list(self._positions), {}
        self._paused.clear()
        if given_up:
            await self._revoked(given_up)

    async def take_over(self, partitions: Sequence[Partition]) -> None:
        self._positions = dict.fromkeys(partitions, 0)
        await self._assigned(partitions)

    async def poll(self) -> Sequence[Incoming]:
        self._broker.arrived.clear()
        found = self._fetch()
        if not found:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._broker.arrived.wait()
        return found

    def _fetch(self) -> list[Incoming]:
        found: list[Incoming] = []
        for partition, position in self._positions.items():
            if partition in self._paused:
                continue
            records = self._broker.logs[partition][position:]
            found.extend(records)
            self._positions[partition] = position + len(records)
        return found

    async def bounds(self, partition: Partition) -> tuple[int, int]:
        return 0, len(self._broker.logs[partition])

    def end(self, partition: Partition) -> int | None:
        return len(self._broker.logs[partition]) if partition in self._positions else None

    def seek(self, partition: Partition, offset: int) -> None:
        if partition in self._positions:
            self._positions[partition] = offset

    def pause(self) -> None:
        self._paused = set(self._positions)

    def resume(self) -> None:
        self._paused.clear()

    async def report(self, offsets: Mapping[Partition, int]) -> None:
        self._broker.reported.update(offsets)

    async def close(self) -> None:
        """Leave the group: the others get what was ours."""
        members = self._broker.groups[self._group]
        if self in members:
            members.remove(self)
            self._positions = {}
            await self._broker.share_out(self._group)
