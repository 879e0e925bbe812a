"""What waits for the committer: proposals from every door, and records in the order of their partitions."""

import asyncio
from collections import deque
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple
from uuid import UUID, uuid4

from kpo_chassis.kernel import Cause, Command, Decide, Ref, Stored
from kpo_chassis.outcome import Park, Skip
from kpo_chassis.store import Document, Move

Key = tuple[type[object], UUID]
"""An aggregate's type and id: a tuple, because it is looked up half a dozen times per change."""

Headers = tuple[tuple[str, bytes], ...]


@dataclass(eq=False, slots=True)
class Proposal:
    """A change that is asked for. Commands and clocks wait for its `answer`, events do not.

    `token` lets a command recognise its own row after an unknown commit.
    """

    cause: Cause
    decide: Decide
    refs: tuple[Ref[object], ...]
    trace: str | None
    answer: asyncio.Future[Stored[object] | None] | None = None
    attempts: int = 0
    token: str = ""
    waits_until: float = 0.0

    @property
    def keys(self) -> list[Key]:
        return [(ref.type, ref.id) for ref in self.refs]

    def __post_init__(self) -> None:
        if isinstance(self.cause, Command):
            self.token = uuid4().hex


class Incoming(NamedTuple):
    """A record as the broker gave it; `key` and `seq` are None where they cannot be read."""

    topic: str
    partition: int
    offset: int
    key: str | None
    seq: int | None
    headers: Headers
    value: bytes
    type: str = ""

    @property
    def stream(self) -> str:
        return f"{self.topic}/{self.key}"

    @property
    def numbered(self) -> bool:
        return self.key is not None and self.seq is not None


@dataclass(eq=False, slots=True)
class Slot:
    """A record's place in the queue of its partition; ready once it has a verdict.

    `parked` is the stored row when the record comes back from parking: it then moves no position.
    """

    record: Incoming
    verdict: Proposal | Skip | Park | None = None
    parked: Document | None = None
    attempts: int = 0
    settled: bool = False

    def names(self, keys: frozenset[Key]) -> bool:
        """Say whether its change names one of these aggregates."""
        return bool(keys) and isinstance(self.verdict, Proposal) and not keys.isdisjoint(self.verdict.keys)

    def settle(self) -> None:
        """Mark the record as dealt with, in this process at least."""
        self.settled = True


@dataclass(eq=False, slots=True)
class Lane:
    """One owned partition: its records in offset order, and where its position stands in the database.

    `base` is the log start at the first assignment: above 0, a stream may begin with a number above 1.
    """

    topic: str
    partition: int
    epoch: int
    next_offset: int
    base: int
    lost: bool = False
    parked_in_a_row: int = 0
    slots: deque[Slot] = field(default_factory=deque)
    read_offset: int = field(init=False)

    def __post_init__(self) -> None:
        self.read_offset = self.next_offset

    @property
    def id(self) -> str:
        return f"{self.topic}/{self.partition}"

    def move(self, next_offset: int) -> Move:
        return Move(self.id, self.epoch, self.next_offset, next_offset)

    def ready(self, count_max: int, bytes_max: int, claimed: frozenset[Key]) -> list[Slot]:
        """Give the first slots up to one that has no verdict or names what is claimed, within the limits."""
        ready: list[Slot] = []
        for slot in self.slots:
            bytes_max -= len(slot.record.value)
            if slot.verdict is None or len(ready) >= count_max or bytes_max < 0 or slot.names(claimed):
                break
            ready.append(slot)
        return ready

    def begins_with(self, slots: list[Slot]) -> bool:
        return list(islice(self.slots, len(slots))) == slots

    def take(self, count: int) -> list[Slot]:
        """Remove the first slots after their commit; the position is then behind the last of them."""
        taken = [self.slots.popleft() for _ in range(count)]
        if taken:
            self.next_offset = taken[-1].record.offset + 1
        return taken


current_slot: ContextVar[Slot] = ContextVar("current_slot")
"""The record whose handler is running: its change takes the record's place in the queue."""
