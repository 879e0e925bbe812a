"""`python -m tests.chaos.rolling`: every worker is replaced, one after the other, while work goes on.

Of each service two workers run. Each is stopped as a deployment stops it, and started again when it has
ended; then comes the next. With `--kill` each is killed, and comes back only when the other one must
have taken over. The pause of a service is the longest that an event waited for its consequence.
"""

import argparse
import asyncio
import logging
import shutil
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from time import sleep
from typing import Final

from kpo_chassis.kafka import SESSION_MILLISECONDS
from kpo_cli.stack.options import SERVICES, Roles, SystemOptions
from kpo_cli.stack.server import Server
from kpo_cli.stack.system import System
from kpo_cli.story import checks
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import World

from . import log
from .entries import Seen, now
from .known import History
from .looks import until
from .streams import numbered_without_gaps

FOLDER: Final = Path(".kpo") / "rolling"
WORKERS: Final = 2
PER_SECOND: Final = 10
CALM_SECONDS: Final = 10.0
REST_SECONDS_MAX: Final = 60.0
PAUSE_SECONDS_MAX: Final = 3.0
RECOVERY_SECONDS_MAX: Final = SESSION_MILLISECONDS / 1000 + 2
"""What a pause may be after SIGTERM and SIGKILL; a busy machine shows more, so only people compare it."""

AWAY_SECONDS: Final = RECOVERY_SECONDS_MAX + 2
"""How long a killed worker stays away: its partitions have to go to the other one, not back to itself."""

FIRST_CONSEQUENCES: Final = {
    "billing": "billing.escrow.opened.v1",
    "matching": "matching.match.shortlisted.v1",
}
"""What these services make of every engagement that is submitted, with nobody else in between."""


@dataclass(frozen=True)
class Rolled:
    """How long events waited from the first replacement on, by service, with the log that shows it."""

    waits: dict[str, list[float]]
    acted: dict[str, int]
    engagements: int
    history: History
    pause_seconds_max: float

    def complaints(self) -> list[str]:
        found = [finding.sentence for finding in numbered_without_gaps(self.history)]
        for service, count in self.acted.items():
            if count != self.engagements:
                found.append(f"{service} acted on {count} of {self.engagements} engagements")
        return found

    def text(self) -> str:
        lines = [
            f"{self.engagements} engagements while each of {WORKERS * len(SERVICES)} workers was replaced."
        ]
        for service, waits in sorted(self.waits.items()):
            lines.append(
                f"{service}: the longest pause was {max(waits):.1f} s (target: {self.pause_seconds_max:.0f}),"
                f" half waited less than {1000 * median(waits):.0f} ms."
            )
        lines += [*self.complaints(), "VERDICT: " + ("broken" if self.complaints() else "nothing was lost")]
        return "\n".join(lines)


def run(folder: Path, *, kill: bool = False) -> Rolled:
    """Run it in a folder, which then holds the logs of all processes."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    options = SystemOptions(roles=Roles.APART, workers=WORKERS, knobs={"KPO_TRACED_SHARE": "0"})
    with System.start(folder, options) as system:
        return asyncio.run(_run(system, kill=kill))


async def _run(system: System, *, kill: bool) -> Rolled:
    world = World(system.endpoints.services, system.issuer)
    onlooker = World(system.worker_urls, system.issuer)
    try:
        engagements, began = await _work_and_replace(world, system, _kill if kill else _replace)
        await until(lambda: checks.is_at_rest(onlooker.actor("operator")), REST_SECONDS_MAX)
        lines = [log.seen(record) for record in await log.read_all(system.endpoints.kafka_bootstrap)]
        history = History.of(lines)
        types = [event.type for event in history.events]
        acted = {service: types.count(name) for service, name in FIRST_CONSEQUENCES.items()}
        return Rolled(
            _waits(history, began),
            acted,
            engagements,
            history,
            RECOVERY_SECONDS_MAX if kill else PAUSE_SECONDS_MAX,
        )
    finally:
        await world.close()
        await onlooker.close()


async def _work_and_replace(
    world: World, system: System, replace: Callable[[Server], None]
) -> tuple[int, datetime]:
    """File engagement after engagement while the workers are replaced; say how many, and when it began."""
    operator, stop = world.actor("operator"), asyncio.Event()
    client = await say.register_client(world, operator)
    await say.register_team(world, operator, "IS", 1)

    async def file() -> int:
        count = 0
        while not stop.is_set():
            await say.submit(client, say.a_brief(jurisdictions=["IS"]))
            count += 1
            await asyncio.sleep(1 / PER_SECOND)
        return count

    filing = asyncio.create_task(file())
    await asyncio.sleep(CALM_SECONDS)  # Until everybody has joined, and is warm.
    began = now()
    for worker in [worker for group in system.services.values() for worker in group[1:]]:
        await asyncio.to_thread(replace, worker)
        await asyncio.sleep(CALM_SECONDS / 2)
    stop.set()
    return await filing, began


def _replace(worker: Server) -> None:
    worker.stop()
    worker.start()


def _kill(worker: Server) -> None:
    worker.kill()
    sleep(AWAY_SECONDS)
    worker.start()


def _waits(history: History, since: datetime) -> dict[str, list[float]]:
    """Give for each service the seconds between an engagement and what it made of it."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for event in history.events:
        for service, name in FIRST_CONSEQUENCES.items():
            cause: Seen | None = history.by_id.get(event.cause or "")
            if event.type == name and cause is not None and cause.at >= since:
                found[service].append((event.at - cause.at).total_seconds())
    return dict(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kill", action="store_true", help="end workers by SIGKILL instead of SIGTERM")
    kill = parser.parse_args().kill
    shutil.rmtree(FOLDER, ignore_errors=True)
    rolled = run(FOLDER, kill=kill)
    sys.stdout.write(rolled.text() + "\n")
    sys.exit(1 if rolled.complaints() else 0)


if __name__ == "__main__":
    main()
