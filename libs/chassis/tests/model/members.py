"""A consumer group whose members may fall silent: they lose their partitions, and hear of it late."""

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from functools import partial

from kpo_chassis.broker import Partition, Producer
from kpo_chassis.testing.broker import MemoryBroker, MemoryConsumer
from kpo_chassis.work import Incoming

from .faults import FaultyProducer, Gate

Listener = Callable[[Sequence[Partition]], Awaitable[None]]
Spawn = Callable[[Coroutine[object, None, None]], object]


class Member:
    """One process's consumer. Others join and leave in their own tasks; it hears of it in one of its own."""

    def __init__(self, broker: MemoryBroker, group: str, gate: Gate, spawn: Spawn) -> None:
        self._broker = broker
        self._group = group
        self._inner = MemoryConsumer(broker, group)
        self._gate = gate
        self._spawn = spawn
        self._news = 0

    @property
    def _members(self) -> list[MemoryConsumer]:
        return self._broker.groups[self._group]

    async def start(self, topics: Iterable[str], assigned: Listener, revoked: Listener) -> None:
        await self._gate.cross(
            self._inner.start, topics, partial(self._hear_of, assigned), partial(self._let_go, revoked)
        )

    async def _hear_of(self, assigned: Listener, partitions: Sequence[Partition]) -> None:
        self._news += 1
        told = self._news

        async def hear() -> None:
            if told == self._news:  # A client tells in order: what is revoked again by now was never ours.
                await assigned(partitions)

        self._spawn(hear())

    async def _let_go(self, revoked: Listener, partitions: Sequence[Partition]) -> None:
        self._news += 1
        if not self._gate.dead:
            await revoked(partitions)

    async def expel(self) -> None:
        """Give its partitions to the others, without its knowledge."""
        if self._inner in self._members:
            self._members.remove(self._inner)
            await self._broker.share_out(self._group)

    async def rejoin(self) -> None:
        """Hear at last that the partitions are lost, and ask for some again."""
        if not self._gate.dead and self._inner not in self._members:
            await self._inner.give_up()
            self._members.append(self._inner)
            await self._broker.share_out(self._group)

    async def poll(self) -> Sequence[Incoming]:
        return await self._gate.cross(self._inner.poll)

    async def bounds(self, partition: Partition) -> tuple[int, int]:
        return await self._gate.cross(self._inner.bounds, partition)

    def end(self, partition: Partition) -> int | None:
        return self._inner.end(partition)

    def seek(self, partition: Partition, offset: int) -> None:
        self._inner.seek(partition, offset)

    def pause(self) -> None:
        self._inner.pause()

    def resume(self) -> None:
        self._inner.resume()

    async def report(self, offsets: Mapping[Partition, int]) -> None:
        await self._gate.cross(self._inner.report, offsets)

    async def close(self) -> None:
        await self._gate.cross(self._inner.close)


class FaultyBroker:
    """One process's way to the broker."""

    def __init__(self, inner: MemoryBroker, gate: Gate, spawn: Spawn) -> None:
        self._inner = inner
        self._gate = gate
        self._spawn = spawn
        self.member: Member | None = None

    async def producer(self) -> Producer:
        return FaultyProducer(await self._gate.cross(self._inner.producer), self._gate)

    def consumer(self, group: str) -> Member:
        self.member = Member(self._inner, group, self._gate, self._spawn)
        return self.member

    async def create_topics(self, names: Iterable[str], partitions: int, replicas: int) -> None:
        await self._inner.create_topics(names, partitions, replicas)
