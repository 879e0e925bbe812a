"""One run: start everything, let people and faults loose on it, let it come to rest, judge what happened."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import httpx2

from kpo_cli.stack.options import Roles, SystemOptions
from kpo_cli.stack.system import System
from kpo_cli.story.actors import World
from kpo_cli.story.spans import receiving_spans

from . import faults, history, log, looks
from .crowd import Crowd, paying
from .edits import Edit, edited, in_environment
from .entries import Recorder, Run, now
from .ground import Ground, one_of_each, three_of_each
from .mutants import MUTANTS
from .people import HASTE_SECONDS, PATIENCE_SECONDS, Town
from .points import EDITS, VARIABLE, Orders
from .scene import Scene
from .verdict import Verdict
from .witness import WitnessedWorld

WORKERS: Final = 2
FINISH_SECONDS_MAX: Final = 90.0
GOOD_END_SECONDS_MAX: Final = 120.0
"""How much longer than planned new engagements may begin while none has come to a good end."""

SERVERS: Final = "servers"
SYSTEM: Final = "system"
ORDERS: Final = "orders"

KNOBS: Final = {
    "KPO_GIVE_UP_AFTER_SECONDS": "3",
    "KPO_JUDGING_GIVEN_UP_AFTER_SECONDS": "5",
    "KPO_TRACED_SHARE": "0",
}
"""Late work is given up soon; traces are carried on, which tells events and commands apart, not recorded."""


@dataclass(frozen=True)
class Plan:
    """What a run is made of: `mutant` names the guard that is switched off, if any.

    With `clusters` there are three Kafkas and three mongods, else one of each.
    """

    seed: int
    seconds: float
    faults: frozenset[str] = frozenset(faults.EVERY_FAULT)
    mutant: str | None = None
    clusters: bool = False

    @property
    def edits(self) -> tuple[Edit, ...]:
        """What is changed in the services' texts: they lack a guard, or have points to die at."""
        lacking = MUTANTS[self.mutant].edits if self.mutant else ()
        return (*lacking, *(EDITS if faults.AT_POINTS in self.faults else ()))


def run(plan: Plan, folder: Path) -> Verdict:
    """Run it in a folder, which then holds the history and the logs of all processes."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # It complains of every fault.
    folder.mkdir(parents=True, exist_ok=True)
    orders = Orders(folder / ORDERS)
    orders.folder.mkdir(exist_ok=True)
    path = folder / history.HISTORY
    with (
        path.open("w", encoding="utf-8") as file,
        edited(plan.edits),
        in_environment({VARIABLE: str(orders.folder.resolve())}),
        (three_of_each if plan.clusters else one_of_each)(folder / SERVERS) as ground,
        _system(folder / SYSTEM, ground) as system,
    ):
        asyncio.run(_live(plan, Scene(ground, system, Recorder(file), orders)))
    return history.check(path)


@contextmanager
def _system(folder: Path, ground: Ground) -> Iterator[System]:
    with receiving_spans() as spans:
        options = SystemOptions(
            roles=Roles.APART, workers=WORKERS, otlp_endpoint=spans.endpoint, knobs={**KNOBS, **ground.knobs}
        )
        with System.start(folder, options, servers=ground.reached) as system:
            yield system


async def _live(plan: Plan, scene: Scene) -> None:
    system, recorder = scene.system, scene.recorder
    recorder.write(
        Run(
            at=now(),
            seed=plan.seed,
            seconds=plan.seconds,
            mutant=plan.mutant,
            clusters=plan.clusters,
            workers=WORKERS,
        )
    )
    urls = system.endpoints.services
    eager = Random(f"{plan.seed} twice")  # noqa: S311 - a load that can be repeated is the point.
    patient = WitnessedWorld(urls, system.issuer, PATIENCE_SECONDS, recorder=recorder, dice=eager)
    haste = httpx2.AsyncClient(timeout=HASTE_SECONDS)
    hasty = WitnessedWorld(urls, system.issuer, client=haste, recorder=recorder, dice=eager)
    onlooker = World(system.worker_urls, system.issuer, PATIENCE_SECONDS)
    try:
        town = await Town.settle(patient, hasty)
        workers = onlooker.actor("operator")
        dice = Random(plan.seed)  # noqa: S311 - as above.
        async with paying(town, Random(f"{plan.seed} cash")):  # noqa: S311 - as above.
            await _disturbed(plan, Crowd(town, dice, FINISH_SECONDS_MAX), scene)
            await looks.settle(town, workers, recorder)
        for record in await log.read_all(scene.ground.reached.kafka_bootstrap):
            recorder.write(log.seen(record))
        for copy in await log.copies_of_parked(scene.ground.reached.kafka_bootstrap):
            recorder.write(copy)
        await looks.look(town, workers, recorder)
    finally:
        for world in (patient, hasty, onlooker):
            await world.close()


async def _disturbed(plan: Plan, crowd: Crowd, scene: Scene) -> None:
    """Let people work and faults happen for the time of the plan; then let everybody finish.

    While faults or a slow machine have kept every engagement from a good end, people go on; a run that
    lacks a guard is red anyway.
    """
    stop = asyncio.Event()
    supervising = asyncio.create_task(scene.supervise())
    async with asyncio.TaskGroup() as group:
        group.create_task(crowd.run())
        for name, track in faults.TRACKS.items():
            group.create_task(faults.trouble(scene, track, plan.faults, f"{plan.seed} {name}", stop))
        await asyncio.sleep(plan.seconds)
        stop.set()
        if plan.mutant is None:
            with suppress(TimeoutError):
                await asyncio.wait_for(crowd.came_to_good.wait(), GOOD_END_SECONDS_MAX)
        crowd.time_is_up.set()
    supervising.cancel()
    await asyncio.gather(supervising, return_exceptions=True)
