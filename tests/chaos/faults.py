"""The faults: what can happen to a process, a commit and the log, drawn from a seed and written down."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final
from uuid import uuid4

from kpo_chassis.kafka import SESSION_MILLISECONDS
from kpo_chassis.kernel import TransientError
from kpo_cli.stack.errors import StackError
from kpo_cli.stack.server import Server
from kpo_cli.stack.system import System
from kpo_events.catalogue import TOPICS

from . import commits, log
from .entries import Recorder, now
from .wires import Wire

DOWN_SECONDS_MAX: Final = 2.0
STALL_SECONDS_MAX: Final = 3.0
ZOMBIE_SECONDS: Final = SESSION_MILLISECONDS / 1000 + 3
"""Longer than the group waits: when it wakes up, others own its partitions."""

OUTAGE_SECONDS: Final = 4.0
CLOCKED: Final = ("matching", "delivery")
"""The services whose clocks and people take turns on the same aggregates."""

AMBIGUOUS_COMMITS_MAX: Final = 6
COPIES_MAX: Final = 200
DELAY_SECONDS_MAX: Final = 0.1
SLOW_SECONDS_MAX: Final = 6.0
DEAF_SECONDS_MAX: Final = 12.0
STARTS_MAX: Final = 10
START_AGAIN_SECONDS: Final = 0.5
POISONED: Final = ("intake.engagement", "intake.engagement.submitted.v1", ("matching", "billing", "intake"))
"""A topic, a type in it, and the services that act on it."""


@dataclass
class Scene:
    """The system as its faults see it; `down` holds who is dead or frozen on purpose."""

    system: System
    recorder: Recorder
    wires: Sequence[Wire]
    down: set[str] = field(default_factory=set)

    @property
    def workers(self) -> list[Server]:
        return [process for group in self.system.services.values() for process in group[1:]]

    @property
    def broker(self) -> Server:
        return self.system.processes["kafka"]

    @property
    def database(self) -> Server:
        return self.system.processes["mongod"]

    def named(self, victim: Server) -> str:
        return next(name for name, process in self.system.processes.items() if process is victim)

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
            for name, process in self.system.processes.items():
                if name not in self.down and not process.running:
                    await self.take(process)
                    self.recorder.fault("ended by itself", name, "begins")
                    await self.start(process)
                    self.recorder.fault("ended by itself", name, "ends")
                    self.down.discard(name)
            await asyncio.sleep(START_AGAIN_SECONDS)


# What can happen to processes -------------------------------------------------------------------------------


async def kill_api(scene: Scene, dice: Random) -> None:
    victims = [group[0] for group in scene.system.services.values()]
    await scene.kill(dice.choice(victims), dice.uniform(0, DOWN_SECONDS_MAX))


async def kill_worker(scene: Scene, dice: Random) -> None:
    await scene.kill(dice.choice(scene.workers), dice.uniform(0, DOWN_SECONDS_MAX))


async def kill_broker(scene: Scene, dice: Random) -> None:
    await scene.kill(scene.broker, dice.uniform(0, DOWN_SECONDS_MAX))


async def kill_database(scene: Scene, dice: Random) -> None:
    await scene.kill(scene.database, dice.uniform(0, DOWN_SECONDS_MAX))


async def wake_a_zombie(scene: Scene, dice: Random) -> None:
    """Freeze a worker until others own its partitions, then let it go on as if nothing had happened."""
    await scene.freeze(dice.choice(scene.workers), ZOMBIE_SECONDS, "zombie")


async def stall_a_server(scene: Scene, dice: Random) -> None:
    await scene.freeze(
        dice.choice([scene.broker, scene.database]), dice.uniform(1, STALL_SECONDS_MAX), "stall"
    )


async def lose_workers_in_an_outage(scene: Scene, dice: Random) -> None:
    """Kill a service's workers while the broker is away: what their clocks committed is not published yet.

    The api goes on, and when the broker is back, it must not publish what follows first.
    """
    workers = scene.system.services[dice.choice(CLOCKED)][1:]
    victims = [scene.broker, *workers]
    names = await scene.take(*victims)
    scene.recorder.fault("outage", ", ".join(names), "begins")
    await asyncio.to_thread(victims[0].kill)
    await asyncio.sleep(OUTAGE_SECONDS)
    for worker in workers:
        await asyncio.to_thread(worker.kill)
    await scene.start(victims[0])
    await asyncio.sleep(OUTAGE_SECONDS)
    await asyncio.gather(*(scene.start(worker) for worker in workers))
    scene.recorder.fault("outage", ", ".join(names), "ends")
    scene.down.difference_update(names)


# What can happen to commits and to the log ------------------------------------------------------------------


async def lose_commits(scene: Scene, dice: Random) -> None:
    await _disturb(scene, "lost commits", commits.LOST, dice.randint(1, AMBIGUOUS_COMMITS_MAX))


async def hide_commits(scene: Scene, dice: Random) -> None:
    await _disturb(scene, "unheard commits", commits.UNHEARD, dice.randint(2, AMBIGUOUS_COMMITS_MAX))


async def _disturb(scene: Scene, name: str, how: Mapping[str, object], times: int) -> None:
    url = scene.system.endpoints.mongo_admin_url
    if await asyncio.to_thread(commits.disturb, url, how, times):
        scene.recorder.fault(name, "mongod", "begins", {"times": times})


async def repeat_records(scene: Scene, dice: Random) -> None:
    """Send records of the log again, in any order: they were all applied long ago, or will be before."""
    bootstrap = scene.system.endpoints.kafka_bootstrap
    records = [record for record in await log.read_all(bootstrap) if record.numbered]
    copies = dice.sample(records, min(len(records), COPIES_MAX))
    scene.recorder.fault("copies", "kafka", "begins", {"records": len(copies)})
    await log.send(bootstrap, [log.a_copy(record) for record in copies])


async def poison(scene: Scene, _: Random) -> None:
    """Announce an engagement that nobody can read, under a key of its own."""
    topic, event_type, readers = POISONED
    subject = uuid4()
    assert topic in TOPICS
    scene.recorder.fault("poison", str(subject), "begins", {"readers": list(readers)})
    record = log.an_unreadable_event(topic, event_type, subject, now())
    await log.send(scene.system.endpoints.kafka_bootstrap, [record])


# What can happen between services and servers ---------------------------------------------------------------


async def slow_a_wire(scene: Scene, dice: Random) -> None:
    """Let everything take its time on the way to a server and back."""
    wire, seconds = dice.choice(scene.wires), dice.uniform(0, DELAY_SECONDS_MAX)
    scene.recorder.fault("slow wire", wire.name, "begins", {"seconds": seconds})
    wire.slow_down(seconds)
    await asyncio.sleep(dice.uniform(1, SLOW_SECONDS_MAX))
    wire.slow_down(0)
    scene.recorder.fault("slow wire", wire.name, "ends")


async def cut_a_wire(scene: Scene, dice: Random) -> None:
    wire = dice.choice(scene.wires)
    scene.recorder.fault("cut wire", wire.name, "begins", {"connections": wire.calls})
    wire.cut()


async def deafen_a_wire(scene: Scene, dice: Random) -> None:
    """Leave all connections to a server half open, and break them only when everybody has waited for long."""
    wire = dice.choice(scene.wires)
    scene.recorder.fault("deaf wire", wire.name, "begins", {"connections": wire.calls})
    wire.deafen()
    await asyncio.sleep(dice.uniform(1, DEAF_SECONDS_MAX))
    wire.cut()
    scene.recorder.fault("deaf wire", wire.name, "ends")


FaultOf = Callable[[Scene, Random], Awaitable[None]]

SERVICES: Final[Mapping[str, FaultOf]] = {
    "kill-api": kill_api,
    "kill-worker": kill_worker,
    "zombie": wake_a_zombie,
}
SERVERS: Final[Mapping[str, FaultOf]] = {
    "kill-broker": kill_broker,
    "kill-database": kill_database,
    "stall": stall_a_server,
    "outage": lose_workers_in_an_outage,
}
RECORDS: Final[Mapping[str, FaultOf]] = {
    "lost-commits": lose_commits,
    "unheard-commits": hide_commits,
    "copies": repeat_records,
    "poison": poison,
    "slow-wire": slow_a_wire,
    "cut-wire": cut_a_wire,
    "deaf-wire": deafen_a_wire,
}


@dataclass(frozen=True)
class Track:
    """Faults of which one happens at a time; after each there is a pause, in which people get on."""

    kinds: Mapping[str, FaultOf]
    pause_seconds_max: float


TRACKS: Final[Mapping[str, Track]] = {
    "services": Track(SERVICES, 3.0),
    "servers": Track(SERVERS, 6.0),
    "records": Track(RECORDS, 2.0),
}
"""What happens side by side. A quarter of an hour of it kills well above a hundred processes on two cores."""

EVERY_FAULT: Final = tuple(name for track in TRACKS.values() for name in track.kinds)


def rounds(names: list[str], dice: Random) -> Iterator[str]:
    """Give every fault once before any comes again, each round in an order of its own."""
    while names:
        yield from dice.sample(names, len(names))


async def trouble(scene: Scene, track: Track, wanted: frozenset[str], seed: str, stop: asyncio.Event) -> None:
    """Let one fault of a track happen after the other; a fault that has begun is mended."""
    dice = Random(seed)  # noqa: S311 - faults that can be repeated are the point.
    for name in rounds([name for name in track.kinds if name in wanted], dice):
        await asyncio.sleep(dice.uniform(0, track.pause_seconds_max))
        if stop.is_set():
            return
        try:
            await track.kinds[name](scene, dice)
        except (TransientError, TimeoutError):  # The other faults were in its way.
            scene.recorder.fault(name, "nothing", "ends", {"failed": True})
