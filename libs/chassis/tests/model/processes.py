"""A process of the sample service that can die, freeze, wake up and be stopped, at any await on a port."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random

from fastapi import APIRouter
from libs.chassis.tests.sample import blueprint, doors

from kpo_chassis.committer import BATCHING, Batching
from kpo_chassis.doors import Blueprint
from kpo_chassis.machinery import Machinery, Ports
from kpo_chassis.testing.blobs import MemoryBlobs
from kpo_chassis.testing.broker import MemoryBroker
from kpo_chassis.testing.database import MemoryDatabase, MemoryTransaction, Shelves
from kpo_chassis.testing.meters import NotedMeters

from .faults import FaultyDatabase, Gate
from .members import FaultyBroker
from .virtual_time import VirtualLoop, owner

SESSION_SECONDS = 0.5
"""How long a silent member keeps its partitions; much shorter than in reality, with the same effects."""

UNAWARE_SECONDS = 0.1
"""How long a process that wakes up works on before it hears that its partitions are lost."""

WITHOUT_ROUTES = replace(blueprint(), build=lambda engine: doors(engine, APIRouter()))
"""The sample service without HTTP, which takes longer to set up than a whole history takes to run."""


@dataclass(frozen=True)
class Build:
    """What processes are made of; tests of guards take one guard out of it."""

    transaction: type[MemoryTransaction] = MemoryTransaction
    database: type[MemoryDatabase] = MemoryDatabase
    blueprint: Blueprint = WITHOUT_ROUTES
    batching: Batching = BATCHING


@dataclass(frozen=True)
class Servers:
    """What all processes share."""

    loop: VirtualLoop
    shelves: Shelves
    broker: MemoryBroker
    meters: NotedMeters
    failures: list[BaseException] = field(default_factory=list)
    bystanders: set[asyncio.Task[None]] = field(default_factory=set)


class Process:
    """One `api worker`. Its tasks inherit its name, and end with it."""

    def __init__(self, servers: Servers, build: Build, random: Random) -> None:
        self.tasks: set[asyncio.Task[object]] = set()
        self._servers = servers
        self._context = copy_context()
        self._context.run(owner.set, self)
        self.gate = Gate(random, die=self.kill, freeze=self.freeze)
        database = FaultyDatabase(build.database(servers.shelves), build.transaction, self.gate)
        self._broker = FaultyBroker(servers.broker, self.gate, self.spawn)
        ports = Ports(database, self._broker, MemoryBlobs(), servers.loop)
        self.machinery = self._context.run(
            partial(Machinery, batching=build.batching), build.blueprint, ports, servers.meters
        )
        self._life = self.spawn(self._live())

    def spawn(self, work: Coroutine[object, None, None]) -> asyncio.Task[None]:
        """Do something in this process."""
        return self._servers.loop.create_task(work, context=self._context.copy())

    async def _live(self) -> None:
        try:
            async with self.machinery.running(worker=True):
                await self.machinery.failed
        except Exception as error:  # noqa: BLE001 - whatever ended a loop for good is what tests ask for.
            self._servers.failures.append(error)

    def owns(self, lane: str) -> bool:
        return self.lives and lane in self.machinery.consuming.lanes

    @property
    def lives(self) -> bool:
        return not self.gate.dead

    @property
    def frozen(self) -> bool:
        return self.lives and not self.gate.open.is_set()

    def kill(self) -> None:
        """Die without a word: nothing that is under way has any effect any more."""
        if self.gate.dead:
            return
        self.gate.dead = True
        for task in list(self.tasks):
            task.cancel()
        self._after(SESSION_SECONDS, self._expel)

    def freeze(self) -> None:
        """Stand still, with calls under way; after a while the group takes the partitions away."""
        if self.lives and not self.frozen:
            self.gate.open.clear()
            self._after(SESSION_SECONDS, self._expel)

    def thaw(self) -> None:
        """Go on as if nothing had happened, and hear only later what has."""
        if self.frozen:
            self.gate.open.set()
            self._after(UNAWARE_SECONDS, self._rejoin)

    def stop(self) -> None:
        """End as on SIGTERM: hand back partitions, close everything; what still runs then is cut off."""
        self._life.cancel()
        self._life.add_done_callback(lambda _: self.kill())

    async def _expel(self) -> None:
        if self._broker.member is not None and not (self.lives and not self.frozen):
            await self._broker.member.expel()

    async def _rejoin(self) -> None:
        if self._broker.member is not None and not self.frozen:
            await self._broker.member.rejoin()

    def _after(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        """Let the group act: that is nobody's task, and outlives every process."""

        async def later() -> None:
            await asyncio.sleep(seconds)
            await work()

        context = copy_context()
        context.run(owner.set, None)
        self._servers.bystanders.add(task := self._servers.loop.create_task(later(), context=context))
        task.add_done_callback(self._servers.bystanders.discard)
