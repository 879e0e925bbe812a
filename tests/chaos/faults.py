"""The faults: what can happen to a process, a commit and the log, drawn from a seed and written down."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final
from uuid import uuid4

from kpo_chassis.kafka import SESSION_MILLISECONDS
from kpo_chassis.kernel import TransientError
from kpo_events.catalogue import TOPICS

from . import log, point_faults, primary, wire_faults
from .entries import now
from .scene import Scene

DOWN_SECONDS_MAX: Final = 2.0
STALL_SECONDS_MAX: Final = 3.0
STEPPED_DOWN_SECONDS_MAX: Final = 3
ZOMBIE_SECONDS: Final = SESSION_MILLISECONDS / 1000 + 3
"""Longer than the group waits: when it wakes up, others own its partitions."""

OUTAGE_SECONDS: Final = 4.0
CLOCKED: Final = ("matching", "delivery")
"""The services whose clocks and people take turns on the same aggregates."""

AMBIGUOUS_COMMITS_MAX: Final = 6
COPIES_MAX: Final = 200
POISONED: Final = ("intake.engagement", "intake.engagement.submitted.v1", ("matching", "billing", "intake"))
"""A topic, a type in it, and the services that act on it."""


# What can happen to processes -------------------------------------------------------------------------------


async def kill_api(scene: Scene, dice: Random) -> None:
    victims = [group[0] for group in scene.system.services.values()]
    await scene.kill(dice.choice(victims), dice.uniform(0, DOWN_SECONDS_MAX))


async def kill_worker(scene: Scene, dice: Random) -> None:
    await scene.kill(dice.choice(scene.workers), dice.uniform(0, DOWN_SECONDS_MAX))


async def kill_broker(scene: Scene, dice: Random) -> None:
    await scene.kill(dice.choice(scene.ground.brokers), dice.uniform(0, DOWN_SECONDS_MAX))


async def kill_database(scene: Scene, dice: Random) -> None:
    await scene.kill(dice.choice(scene.ground.databases), dice.uniform(0, DOWN_SECONDS_MAX))


async def wake_a_zombie(scene: Scene, dice: Random) -> None:
    """Freeze a worker until others own its partitions, then let it go on as if nothing had happened."""
    await scene.freeze(dice.choice(scene.workers), ZOMBIE_SECONDS, "zombie")


async def stall_a_server(scene: Scene, dice: Random) -> None:
    victim = dice.choice(list(scene.ground.processes.values()))
    await scene.freeze(victim, dice.uniform(1, STALL_SECONDS_MAX), "stall")


async def change_primary(scene: Scene, dice: Random) -> None:
    seconds = dice.randint(1, STEPPED_DOWN_SECONDS_MAX)
    if await asyncio.to_thread(primary.step_down, scene.ground.reached.mongo_admin_url, seconds):
        scene.recorder.fault("step-down", "mongod", "begins", {"seconds": seconds})


async def lose_workers_in_an_outage(scene: Scene, dice: Random) -> None:
    """Kill a service's workers while no broker is there: what their clocks committed is not published yet.

    The api goes on, and when the brokers are back, it must not publish what follows first.
    """
    brokers, workers = scene.ground.brokers, scene.system.services[dice.choice(CLOCKED)][1:]
    victims = [*brokers, *workers]
    names = await scene.take(*victims)
    scene.recorder.fault("outage", ", ".join(names), "begins")
    for broker in brokers:
        await asyncio.to_thread(broker.kill)
    await asyncio.sleep(OUTAGE_SECONDS)
    for worker in workers:
        await asyncio.to_thread(worker.kill)
    await asyncio.gather(*(scene.start(broker) for broker in brokers))
    await asyncio.sleep(OUTAGE_SECONDS)
    await asyncio.gather(*(scene.start(worker) for worker in workers))
    scene.recorder.fault("outage", ", ".join(names), "ends")
    scene.down.difference_update(names)


# What can happen to commits and to the log ------------------------------------------------------------------


async def lose_commits(scene: Scene, dice: Random) -> None:
    await _disturb(scene, "lost commits", primary.LOST, dice.randint(1, AMBIGUOUS_COMMITS_MAX))


async def hide_commits(scene: Scene, dice: Random) -> None:
    await _disturb(scene, "unheard commits", primary.UNHEARD, dice.randint(2, AMBIGUOUS_COMMITS_MAX))


async def _disturb(scene: Scene, name: str, how: Mapping[str, object], times: int) -> None:
    url = scene.ground.reached.mongo_admin_url
    if await asyncio.to_thread(primary.disturb_commits, url, how, times):
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


FaultOf = Callable[[Scene, Random], Awaitable[None]]

AT_POINTS: Final = "kill-at-point"
"""Needs services whose texts have the points in them."""

SERVICES: Final[Mapping[str, FaultOf]] = {
    "kill-api": kill_api,
    "kill-worker": kill_worker,
    AT_POINTS: point_faults.kill_at_a_point,
    "zombie": wake_a_zombie,
}
SERVERS: Final[Mapping[str, FaultOf]] = {
    "kill-broker": kill_broker,
    "kill-database": kill_database,
    "stall": stall_a_server,
    "step-down": change_primary,
    "outage": lose_workers_in_an_outage,
}
RECORDS: Final[Mapping[str, FaultOf]] = {
    "lost-commits": lose_commits,
    "unheard-commits": hide_commits,
    "copies": repeat_records,
    "poison": poison,
}
WIRES: Final[Mapping[str, FaultOf]] = {
    "slow-wire": wire_faults.slow_down,
    "cut-wire": wire_faults.cut,
    "deaf-wire": wire_faults.deafen,
    "lost-wire": wire_faults.lose,
    "dead-wire": wire_faults.kill,
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
    "wires": Track(WIRES, 8.0),
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
