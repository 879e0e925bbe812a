"""The running system as faults see it: who may be broken, who is broken already, and how to mend it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from kpo_cli.stack.errors import StackError
from kpo_cli.stack.server import Server
from kpo_cli.stack.system import System

from .entries import Recorder
from .ground import Ground
from .points import Orders

STARTS_MAX: Final = 10
START_AGAIN_SECONDS: Final = 0.5


@dataclass
class Scene:
    """The system as its faults see it.

    `orders` tell processes where to die; `down` holds who is dead or frozen on purpose, `points` what is left
    of a round of points at which somebody died.
    """

    ground: Ground
    system: System
    recorder: Recorder
    orders: Orders
    down: set[str] = field(default_factory=set)
    points: list[str] = field(default_factory=list)

    @property
    def workers(self) -> list[Server]:
        return [process for group in self.system.services.values() for process in group[1:]]

    @property
    def processes(self) -> Mapping[str, Server]:
        """Return servers and services by their names."""
        return {**self.ground.processes, **self.system.processes}

    def named(self, victim: Server) -> str:
        return next(name for name, process in self.processes.items() if process is victim)

    async def start(self, victim: Server) -> None:
        """Start a process as its supervisor would: again, when it ends while a server is away."""
        for _ in range(STARTS_MAX):
            try:
                await asyncio.to_thread(victim.start)
            except StackError:
                await asyncio.sleep(START_AGAIN_SECONDS)
            else:
                return
        raise StackError(f"{self.named(victim)} did not start {STARTS_MAX} times")

    async def take(self, *victims: Server) -> list[str]:
        """Wait until no other fault has any of them, and keep others off them; give their names."""
        names = [self.named(victim) for victim in victims]
        while self.down.intersection(names):  # noqa: ASYNC110 - every fault ends, and then its victims are up.
            await asyncio.sleep(START_AGAIN_SECONDS)
        self.down.update(names)
        return names

    async def kill(self, victim: Server, seconds: float) -> None:
        (name,) = await self.take(victim)
        self.recorder.fault("kill", name, "begins")
        await asyncio.to_thread(victim.kill)
        await asyncio.sleep(seconds)
        await self.start(victim)
        self.recorder.fault("kill", name, "ends")
        self.down.discard(name)

    async def freeze(self, victim: Server, seconds: float, fault: str) -> None:
        (name,) = await self.take(victim)
        self.recorder.fault(fault, name, "begins")
        victim.freeze()
        await asyncio.sleep(seconds)
        victim.thaw()
        self.recorder.fault(fault, name, "ends")
        self.down.discard(name)

    async def supervise(self) -> None:
        """Start again whoever ended without having been told to."""
        while True:
            for name, process in self.processes.items():
                if name not in self.down and not process.running:
                    await self.take(process)
                    self.recorder.fault("ended by itself", name, "begins")
                    await self.start(process)
                    self.recorder.fault("ended by itself", name, "ends")
                    self.down.discard(name)
            await asyncio.sleep(START_AGAIN_SECONDS)
