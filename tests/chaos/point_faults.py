"""Kills at named points: a process is told where to die, and dies as soon as it comes there."""

import asyncio
from random import Random
from time import monotonic
from typing import Final

from kpo_cli.stack.services import ServiceProcess

from .points import POINTS, Where
from .scene import Scene

DOWN_SECONDS_MAX: Final = 2.0
REACH_SECONDS_MAX: Final = 12.0
"""How long a process may take to come to its point: a group notices a dead member within six seconds."""

LOOK_SECONDS: Final = 0.05
UPLOADS_TO: Final = "delivery"


async def kill_at_a_point(scene: Scene, dice: Random) -> None:
    """Let every point have its turn before any comes again; what nobody reaches in time is called off."""
    if not scene.points:
        scene.points.extend(dice.sample(list(POINTS), len(POINTS)))
    point = scene.points.pop()
    victim, twin = _victim(scene, POINTS[point], dice)
    taken = await scene.take(victim, *([twin] if twin else []))
    name = scene.named(victim)
    scene.orders.give(victim.port, point)
    comes_and_goes = asyncio.create_task(_come_and_go(scene, twin)) if twin else None
    died = await _dies(victim) or not scene.orders.take_back(victim.port)
    if died:
        scene.recorder.fault("kill", name, "begins", {"point": point})
        await asyncio.sleep(dice.uniform(0, DOWN_SECONDS_MAX))
        await scene.start(victim)
        scene.recorder.fault("kill", name, "ends")
    else:
        scene.recorder.fault(point, "nothing", "ends", {"failed": True})
    if comes_and_goes is not None:
        await comes_and_goes
    scene.down.difference_update(taken)


def _victim(scene: Scene, where: Where, dice: Random) -> tuple[ServiceProcess, ServiceProcess | None]:
    """Choose who is to die, and the twin that has to come and go for it."""
    groups = list(scene.system.services.values())
    match where:
        case Where.ANYWHERE:
            return dice.choice([process for group in groups for process in group]), None
        case Where.APIS:
            return dice.choice(groups)[0], None
        case Where.UPLOADS:
            return scene.system.services[UPLOADS_TO][0], None
        case Where.WORKERS_CHANGE:
            victim, twin = dice.sample(dice.choice(groups)[1:], 2)
            return victim, twin


async def _come_and_go(scene: Scene, twin: ServiceProcess) -> None:
    """Kill a worker and start it again: its partitions change hands twice."""
    name = scene.named(twin)
    scene.recorder.fault("kill", name, "begins")
    await asyncio.to_thread(twin.kill)
    await scene.start(twin)
    scene.recorder.fault("kill", name, "ends")


async def _dies(victim: ServiceProcess) -> bool:
    deadline = monotonic() + REACH_SECONDS_MAX
    while victim.running:
        if monotonic() > deadline:
            return False
        await asyncio.sleep(LOOK_SECONDS)
    return True
