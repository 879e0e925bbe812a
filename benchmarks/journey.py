"""Whole engagements per second over HTTP and Kafka, and how long a client waits for its shortlist.

First engagements run from brief to closed, several at once: that is the throughput, with where the time of a
journey and the processors' time go. Then briefs are submitted at half of that pace, open loop, and the time
from the POST to the visible shortlist is taken.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from kpo_cli.stack.options import SystemOptions
from kpo_cli.stack.system import System
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, World
from kpo_cli.story.documents import a_pdf

TEAM = 24
WEEKLY_HOURS = 80
COUNTRY = "IS"
REPORT = a_pdf("Report", 50_000)


@dataclass(frozen=True)
class Scale:
    """How much is done, how many at once."""

    engagements: int
    at_once: int
    briefs: int


@dataclass(frozen=True)
class Site:
    """A client, the operator, and a market in one country."""

    world: World
    operator: Actor
    client: Actor

    def brief(self, **changes: object) -> Json:
        skill: Json = {"skill": say.CLINICAL_SCIENCE, "level": 3}
        whole: list[object] = [{"title": "All", "amount": say.money("1000.00"), "due_within": "P9D"}]
        needs: dict[str, object] = {
            "required_skills": [skill],
            "jurisdictions": [COUNTRY],
            "overlap": None,
            "choice": "auto",
            "hours_per_week": 1,
            "budget": say.money("1000.00"),
            "milestones": whole,
        }
        return say.a_brief(**{**needs, **changes})  # type: ignore[arg-type] # JSON by construction.


class Laps:
    """Takes the time of each step of one journey."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def note(self, step: str) -> None:
        now = time.perf_counter()
        self.seconds[step] = now - self._last
        self._last = now


async def journey(site: Site) -> dict[str, float]:
    """Take one engagement from brief to closed; give the seconds of each step."""
    laps = Laps()
    engaged = await say.submit(site.client, site.brief())
    laps.note("brief filed")
    await say.fund(engaged, site.operator, "1000.00")
    laps.note("escrow seen and funded")
    offer = await say.open_offer(engaged)
    laps.note("offer seen")
    vendor = say.vendor_of(site.world, offer)
    await say.answer_offer(vendor, engaged, offer, "accept")
    laps.note("offer accepted")
    await say.until_state(site.client, "delivery", engaged.work_order_path, "open")
    laps.note("work order seen")
    await say.deliver(vendor, engaged, 1, REPORT)
    laps.note("deliverable uploaded and submitted")
    await say.accept_milestone(engaged, 1)
    laps.note("milestone accepted")
    await say.until_closed(engaged, "completed")
    laps.note("closing seen")
    return laps.seconds


class Processors:
    """How much of the processors' time every process of a system has used since this was made."""

    def __init__(self, system: System) -> None:
        self._processes = {name: psutil.Process(each.pid) for name, each in system.processes.items()}
        self._processes["clients"] = psutil.Process()
        self._before = self._now()

    def _now(self) -> dict[str, float]:
        times = {name: process.cpu_times() for name, process in self._processes.items()}
        return {name: time.user + time.system for name, time in times.items()}

    def used(self) -> dict[str, float]:
        return {name: after - self._before[name] for name, after in self._now().items()}


async def shortlist_seconds(site: Site) -> float:
    """Submit a brief and wait until its shortlist can be seen; give the seconds in between."""
    began = time.perf_counter()
    engaged = await say.submit(site.client, site.brief())
    await say.until_state(site.client, "matching", engaged.match_path, "waiting")
    return time.perf_counter() - began


async def throughput(site: Site, scale: Scale, processors: Processors) -> float:
    gate = asyncio.Semaphore(scale.at_once)

    async def one() -> dict[str, float]:
        async with gate:
            return await journey(site)

    began = time.perf_counter()
    each = await asyncio.gather(*(one() for _ in range(scale.engagements)))
    rate = scale.engagements / (time.perf_counter() - began)
    median = statistics.median(sum(laps.values()) for laps in each)
    print(f"{scale.engagements} engagements from brief to closed, {scale.at_once} at once:")
    print(f"  {rate:.2f} engagements/s, median journey {median:.2f} s; of it, medians again:")
    for step in each[0]:
        print(f"    {1000 * statistics.median(laps[step] for laps in each):5.0f} ms until {step}")
    print("  processors' time for one engagement:")
    for name, seconds in sorted(processors.used().items(), key=lambda used: -used[1]):
        print(f"    {1000 * seconds / scale.engagements:5.0f} ms {name}")
    return rate


async def latency(site: Site, scale: Scale, rate: float) -> None:
    tasks = []
    for _ in range(scale.briefs):
        tasks.append(asyncio.create_task(shortlist_seconds(site)))
        await asyncio.sleep(1 / rate)
    cuts = statistics.quantiles(await asyncio.gather(*tasks), n=100)
    print(f"{scale.briefs} briefs at {rate:.2f}/s (half load), from POST to visible shortlist:")
    print(f"  p50 {cuts[49] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms (looked at every 50 ms)")


async def measure(system: System, scale: Scale) -> None:
    world = World(system.endpoints.services, system.issuer)
    operator = world.actor("operator")
    await say.register_team(world, operator, COUNTRY, TEAM, weekly_hours=WEEKLY_HOURS)
    site = Site(world, operator, await say.register_client(world, operator))
    await journey(site)
    rate = await throughput(site, scale, Processors(system))
    await latency(site, scale, rate / 2)
    await world.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engagements", type=int, default=60)
    parser.add_argument("--at-once", type=int, default=12)
    parser.add_argument("--briefs", type=int, default=60)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, System.start(Path(folder), SystemOptions()) as system:
        asyncio.run(measure(system, Scale(told.engagements, told.at_once, told.briefs)))


if __name__ == "__main__":
    main()
