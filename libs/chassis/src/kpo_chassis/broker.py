"""The ports to the broker: send what the outbox holds, read what other services announced."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from kpo_chassis.work import Headers, Incoming


class Outgoing(NamedTuple):
    """A record as it goes out: final bytes, in its topic, under its key."""

    topic: str
    key: str
    headers: Headers
    value: bytes


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition of a topic."""

    topic: str
    number: int

    @property
    def id(self) -> str:
        return f"{self.topic}/{self.number}"


class Producer(Protocol):
    """Sends records. After any error it must be closed and replaced: its sequence may be broken."""

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Return when every record is acknowledged; records of one key keep their order."""
        ...

    async def close(self) -> None: ...


class Consumer(Protocol):
    """Reads records of the partitions that the group gives to this process."""

    async def start(
        self,
        topics: Iterable[str],
        assigned: Callable[[Sequence[Partition]], Awaitable[None]],
        revoked: Callable[[Sequence[Partition]], Awaitable[None]],
    ) -> None: ...

    async def poll(self) -> Sequence[Incoming]:
        """Wait a moment for records; it must never be cancelled."""
        ...

    async def bounds(self, partition: Partition) -> tuple[int, int]:
        """Give the first offset that the log still has, and the one that the next record will get."""
        ...

    def end(self, partition: Partition) -> int | None:
        """Give the offset behind the last record as the last fetch saw it, None before the first."""
        ...

    def seek(self, partition: Partition, offset: int) -> None:
        """Read on from an offset; nothing happens to a partition that is not ours any more."""
        ...

    def pause(self) -> None:
        """Fetch nothing more, but stay a member of the group."""
        ...

    def resume(self) -> None: ...

    async def report(self, offsets: Mapping[Partition, int]) -> None:
        """Tell the broker how far we are: for people who watch the lag, never for us."""
        ...

    async def close(self) -> None: ...


class Broker(Protocol):
    """Makes producers and consumers; each lives until it is closed or fails."""

    async def producer(self) -> Producer: ...

    def consumer(self, group: str) -> Consumer: ...

    async def create_topics(self, names: Iterable[str], partitions: int, replicas: int) -> None:
        """Create what does not exist yet; never change what does."""
        ...
