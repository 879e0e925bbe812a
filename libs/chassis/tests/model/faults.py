"""What can befall a process at every await on a port, and the ports that let it happen."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from random import Random
from typing import NamedTuple, ParamSpec, TypeVar

from kpo_chassis.broker import Outgoing, Producer
from kpo_chassis.kernel import TransientError
from kpo_chassis.store import BY_ID, Document, Id, Move, Sort, Where, Window
from kpo_chassis.testing.database import MemoryDatabase, MemoryTransaction

P = ParamSpec("P")
T = TypeVar("T")

LATENCIES_SECONDS = (0.0, 0.0, 0.001, 0.003)
"""How long a call and its answer may travel; who comes first is drawn anew for every one of them."""

NEVER_FAILS = frozenset({"poll", "report", "close"})
"""Ports whose contract knows no TransientError: they wait, or give up in silence."""


BROKER_PORTS = frozenset({"bounds", "producer", "send", "start"})
"""What fails while the broker cannot be reached; polls then find nothing."""


class Blow(Enum):
    """What happens to the process: it dies, it is told that its call failed, or it stands still."""

    DIES = "dies"
    FAILS = "fails"
    FREEZES = "freezes"


class Side(Enum):
    """When: before the call has done anything, or after it was done and before its answer arrives."""

    BEFORE = "before"
    AFTER = "after"


class Fate(NamedTuple):
    """One blow at the `crossing`-th await on a port (on any, unless it is named) from now, counted from 1."""

    crossing: int
    blow: Blow
    side: Side
    port: str | None = None


@dataclass(eq=False)
class Gate:
    """The way out of one process: every call on a port crosses it twice, there and back."""

    random: Random
    die: Callable[[], None]
    freeze: Callable[[], None]
    dead: bool = False
    open: asyncio.Event = field(default_factory=asyncio.Event)
    crossed: list[str] = field(default_factory=list)
    struck: bool = False
    broker_back_at: float = 0.0
    _fate: Fate | None = None

    def __post_init__(self) -> None:
        self.open.set()

    def arm(self, fate: Fate | None) -> None:
        self._fate, self.struck = fate, False

    async def cross(self, port: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Carry out a call of the process, unless something befalls it."""
        name = getattr(port, "__name__", "call")
        await self._travel()
        fate = self._next(name)
        if name in BROKER_PORTS and asyncio.get_running_loop().time() < self.broker_back_at:
            raise TransientError(f"{name} reached no broker")
        await self._befall(name, fate, Side.BEFORE)
        answer = await port(*args, **kwargs)
        await self._befall(name, fate, Side.AFTER)
        await self._travel()
        return answer

    async def _travel(self) -> None:
        self._check()
        await asyncio.sleep(self.random.choice(LATENCIES_SECONDS))
        await self.open.wait()
        self._check()

    def _check(self) -> None:
        if self.dead:
            raise asyncio.CancelledError

    def _next(self, name: str) -> Fate | None:
        """Count a call, and say what was in store for it."""
        self.crossed.append(name)
        if self._fate is None:
            return None
        if self._fate.port not in (None, name):
            return None
        if self._fate.crossing > 1:
            self._fate = self._fate._replace(crossing=self._fate.crossing - 1)
            return None
        if self._fate.blow is Blow.FAILS and name in NEVER_FAILS:
            return None  # The next call has it.
        fate, self._fate, self.struck = self._fate, None, True
        return fate

    async def _befall(self, name: str, fate: Fate | None, side: Side) -> None:
        if fate is None or fate.side is not side:
            return
        match fate.blow:
            case Blow.DIES:
                self.die()
            case Blow.FREEZES:
                self.freeze()
            case Blow.FAILS:
                raise TransientError(f"{name} failed {side.value} it was done")
        await self._travel()


class FaultyTransaction:
    """A transaction of a process that may not live to see its end."""

    def __init__(self, inner: MemoryTransaction, gate: Gate) -> None:
        self._inner = inner
        self._gate = gate

    async def load(self, collection: str, ids: Sequence[Id]) -> dict[Id, Document]:
        return await self._gate.cross(self._inner.load, collection, ids)

    async def save(self, collection: str, documents: Sequence[Document], new: frozenset[Id]) -> None:
        await self._gate.cross(self._inner.save, collection, documents, new)

    async def insert(self, collection: str, documents: Sequence[Document]) -> None:
        await self._gate.cross(self._inner.insert, collection, documents)

    async def delete(self, collection: str, ids: Sequence[Id]) -> None:
        await self._gate.cross(self._inner.delete, collection, ids)

    async def announce(self, document: Document) -> None:
        await self._gate.cross(self._inner.announce, document)

    async def advance(self, moves: Sequence[Move]) -> None:
        await self._gate.cross(self._inner.advance, moves)

    async def commit(self) -> None:
        async def commit() -> None:
            self._inner.commit()

        await self._gate.cross(commit)


class FaultyDatabase:
    """One process's way to the database that it shares with the others."""

    def __init__(self, inner: MemoryDatabase, transaction: type[MemoryTransaction], gate: Gate) -> None:
        self._inner = inner
        self._transaction = transaction
        self._gate = gate

    @property
    def session_ids(self) -> Sequence[str]:
        return self._inner.session_ids

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[FaultyTransaction]:
        transaction = FaultyTransaction(self._transaction(self._inner.shelves), self._gate)
        yield transaction
        await transaction.commit()

    async def find(
        self,
        collection: str,
        where: Where,
        *,
        limit: int,
        sort: Sort = BY_ID,
        without: Sequence[str] = (),
    ) -> list[Document]:
        find = self._inner.find
        return await self._gate.cross(find, collection, where, limit=limit, sort=sort, without=without)

    async def existing(self, collection: str, ids: Sequence[Id]) -> set[Id]:
        return await self._gate.cross(self._inner.existing, collection, ids)

    async def count(self, collection: str, where: Where, *, limit: int) -> int:
        return await self._gate.cross(self._inner.count, collection, where, limit=limit)

    async def insert(self, collection: str, documents: Sequence[Document]) -> None:
        await self._gate.cross(self._inner.insert, collection, documents)

    async def update(self, collection: str, where: Where, changes: Where) -> bool:
        return await self._gate.cross(self._inner.update, collection, where, changes)

    async def forget(self, collection: str, ids: Sequence[Id]) -> None:
        await self._gate.cross(self._inner.forget, collection, ids)

    async def claim(self, position: str) -> Document | None:
        return await self._gate.cross(self._inner.claim, position)

    async def end_sessions(self, session_ids: Sequence[str]) -> None:
        await self._gate.cross(self._inner.end_sessions, session_ids)

    async def now(self) -> datetime:
        return await self._gate.cross(self._inner.now)

    async def elements(self, collection: str, array: str, where: Where, window: Window) -> list[Document]:
        return await self._gate.cross(self._inner.elements, collection, array, where, window)

    async def totals(self, collection: str, array: str, key: str, amount: str) -> dict[str, int]:
        return await self._gate.cross(self._inner.totals, collection, array, key, amount)


class FaultyProducer:
    """Sends one record at a time, so that a process may die between two of one outbox document."""

    def __init__(self, inner: Producer, gate: Gate) -> None:
        self._inner = inner
        self._gate = gate

    async def send(self, records: Sequence[Outgoing]) -> None:
        for record in records:
            await self._gate.cross(self._inner.send, [record])

    async def close(self) -> None:
        await self._gate.cross(self._inner.close)
