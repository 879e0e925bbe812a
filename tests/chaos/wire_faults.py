"""What can happen between services and servers: delays, breaks, and silence that nobody is told of."""

import asyncio
from random import Random
from typing import Final

from pydantic import JsonValue

from .scene import Scene
from .wires import Way

DELAY_SECONDS_MAX: Final = 0.1
SLOW_SECONDS_MAX: Final = 6.0
DEAF_SECONDS_MAX: Final = 12.0
DEAD_SECONDS_MAX: Final = 8.0
WAYS: Final = (Way.ASKING, Way.ANSWERING, Way.BOTH)


async def slow_down(scene: Scene, dice: Random) -> None:
    """Let everything take its time on the way to a server and back."""
    wire, seconds = dice.choice(scene.ground.wires), dice.uniform(0, DELAY_SECONDS_MAX)
    scene.recorder.fault("slow wire", wire.name, "begins", {"seconds": seconds})
    wire.slow_down(seconds)
    await asyncio.sleep(dice.uniform(1, SLOW_SECONDS_MAX))
    wire.slow_down(0)
    scene.recorder.fault("slow wire", wire.name, "ends")


async def cut(scene: Scene, dice: Random) -> None:
    wire = dice.choice(scene.ground.wires)
    scene.recorder.fault("cut wire", wire.name, "begins", {"connections": wire.calls})
    wire.cut()


async def deafen(scene: Scene, dice: Random) -> None:
    """Leave all connections to a server half open, and break them only when everybody has waited for long."""
    wire, way = dice.choice(scene.ground.wires), dice.choice(WAYS)
    scene.recorder.fault("deaf wire", wire.name, "begins", _told(wire.calls, way))
    wire.deafen(way)
    await asyncio.sleep(dice.uniform(1, DEAF_SECONDS_MAX))
    wire.cut()
    scene.recorder.fault("deaf wire", wire.name, "ends")


async def lose(scene: Scene, dice: Random) -> None:
    """Leave all connections to a server half open for good: whoever waits must give them up by itself."""
    wire, way = dice.choice(scene.ground.wires), dice.choice(WAYS)
    scene.recorder.fault("lost wire", wire.name, "begins", _told(wire.calls, way))
    wire.deafen(way)


async def kill(scene: Scene, dice: Random) -> None:
    """Let a server be there for nobody: it takes connections, old and new, and never answers on them."""
    wire = dice.choice(scene.ground.wires)
    scene.recorder.fault("dead wire", wire.name, "begins", {"connections": wire.calls})
    wire.die()
    await asyncio.sleep(dice.uniform(1, DEAD_SECONDS_MAX))
    wire.revive()
    scene.recorder.fault("dead wire", wire.name, "ends")


def _told(calls: int, way: Way) -> dict[str, JsonValue]:
    return {"connections": calls, "ways": [str(each.name).lower() for each in way]}
