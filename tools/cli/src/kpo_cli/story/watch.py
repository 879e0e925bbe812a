"""Reads every event of every service from the beginning, as an onlooker who takes part in nothing."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

from kpo_chassis.broker import Consumer, Partition
from kpo_chassis.kafka import KafkaBroker
from kpo_chassis.work import Incoming
from kpo_events.catalogue import TOPICS, Event, decode
from kpo_events.payload import Payload

CATCH_UP_SECONDS_MAX = 60.0

Seen = Callable[[Event[Payload]], None]


class Watch:
    """What has happened so far: `events` in the order of arrival, copies left out."""

    def __init__(self, consumer: Consumer, seen: Seen | None) -> None:
        self._consumer = consumer
        self._seen = seen
        self._ids: set[tuple[str, str, int]] = set()
        self._read: dict[Partition, int] = {}
        self._moved = asyncio.Condition()
        self._failure: Exception | None = None
        self.events: list[Event[Payload]] = []

    async def begin(self) -> None:
        await self._consumer.start(list(TOPICS), self._from_the_beginning, self._forget)

    async def _from_the_beginning(self, partitions: Sequence[Partition]) -> None:
        for partition in partitions:
            self._consumer.seek(partition, 0)
            self._read[partition] = 0

    async def _forget(self, partitions: Sequence[Partition]) -> None:
        """Do nothing: an onlooker has nothing to lose."""

    async def run(self) -> None:
        """Read for ever; what ends it is told to those who wait."""
        try:
            while True:
                await self._read_on()
        except Exception as error:
            self._failure = error
            raise
        finally:
            await self._tell()

    async def _read_on(self) -> None:
        for record in await self._consumer.poll():
            if record.numbered:
                self._take(record)
            self._read[Partition(record.topic, record.partition)] = record.offset + 1
        await self._tell()

    async def _tell(self) -> None:
        async with self._moved:
            self._moved.notify_all()

    def _take(self, record: Incoming) -> None:
        try:
            event = decode(record.headers, record.value)
        except ValueError:  # What nobody can read is no event; consumers set it aside.
            return
        place = (record.topic, str(event.subject), event.seq)
        if place in self._ids:
            return
        self._ids.add(place)
        self.events.append(event)
        if self._seen:
            self._seen(event)

    async def to_the_end(self) -> None:
        """Wait until all is seen that the log holds now; TimeoutError if that takes too long.

        The ends are asked for together: each answer comes behind that of a fetch, which waits for records.
        """
        async with asyncio.timeout(CATCH_UP_SECONDS_MAX):
            await self._until(lambda: bool(self._read))
            partitions = list(self._read)
            bounds = await asyncio.gather(*map(self._consumer.bounds, partitions))
            ends = {partition: end for partition, (_, end) in zip(partitions, bounds, strict=True)}
            await self._until(lambda: all(self._read[p] >= end for p, end in ends.items()))

    async def _until(self, reached: Callable[[], bool]) -> None:
        """Wait until something holds; an error that ended the reading comes out here."""
        async with self._moved:
            await self._moved.wait_for(lambda: self._failure is not None or reached())
        if self._failure is not None:
            raise self._failure

    async def until(self, wanted: Callable[[Event[Payload]], bool], seconds_max: float) -> Event[Payload]:
        """Wait for an event, past or to come; TimeoutError names nothing, so say what you waited for."""
        looked = 0
        found: Event[Payload] | None = None

        def is_there() -> bool:
            nonlocal looked, found
            new, looked = self.events[looked:], len(self.events)
            found = next((event for event in new if wanted(event)), None)
            return found is not None

        async with asyncio.timeout(seconds_max):
            await self._until(is_there)
        assert found is not None
        return found

    def clock_trace(self, event_type: str) -> str:
        """Give the trace in which the clock announced an event of this type, or nothing."""
        for event in reversed(self.events):
            if event.type == event_type and event.actor == "clock" and event.traceparent:
                return event.traceparent.split("-")[1]
        return ""

    def streams(self) -> dict[tuple[str, str], list[int]]:
        """Give the numbers seen of every stream (topic and key), sorted."""
        found: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for topic, key, seq in self._ids:
            found[topic, key].append(seq)
        return {stream: sorted(numbers) for stream, numbers in found.items()}


@asynccontextmanager
async def watching(bootstrap: str, seen: Seen | None = None) -> AsyncIterator[Watch]:
    """Watch until the block is left."""
    broker = KafkaBroker(bootstrap, "kpo-watch")
    consumer = broker.consumer(f"kpo-watch-{uuid4().hex}")
    watch = Watch(consumer, seen)
    await watch.begin()
    task = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await consumer.close()
