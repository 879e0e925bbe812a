"""`python -m tests.chaos.overload`: many times what the system can take, and what becomes of it.

First the pace is found that the system keeps. Then so many times as many requests come, whether anybody
answers or not: once for a short while, until all that was accepted is consumed and every buffer has been as
full as it gets, and once for long. Nothing may die or grow in the second flood, whatever was answered with
success must be there in the end, and the system must recover without help.
"""

import argparse
import asyncio
import json
import logging
import shutil
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Final, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import psutil

from kpo_cli.stack.options import Roles, SystemOptions
from kpo_cli.stack.system import System
from kpo_cli.story import checks, pages
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, World

from .looks import until

FOLDER: Final = Path(".kpo") / "overload"
SECONDS: Final = 120.0
TIMES: Final = 10
CALM_SECONDS: Final = 10.0
CALM_CALLERS: Final = 16
TICK_SECONDS: Final = 0.02
UNDER_WAY_MAX: Final = 1_000
"""How many requests wait for an answer at a time; above, people do not even get through to the door."""

REQUEST_SECONDS_MAX: Final = 20.0
SERVERS: Final = frozenset({"kafka", "mongod"})
RECOVERY_SECONDS_MAX: Final = 600.0
WARM_SECONDS: Final = 20.0
WATCH_SECONDS: Final = 1.0
GROWTH_MAX: Final = 1.15
GROWTH_BYTES: Final = 16 * 1024 * 1024
"""A process has grown if it holds more than so many times, and so much more than, in the first flood."""

SERVER_BYTES_MAX: Final = 1024 * 1024 * 1024
"""How much Kafka and mongod may hold: they fill caches and heaps up to the bounds that they were given."""

CREATED, UNAVAILABLE = 201, 503
NO_ANSWER, NOT_SENT = "no answer", "not sent"


class Answer(NamedTuple):
    """What came back, and whether it says when to come again."""

    status: int
    says_when: bool
    body: bytes


@dataclass
class Flood:
    """What was sent, and what came back."""

    pace: float
    told: Counter[str] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)
    unhelpful: int = 0
    """How many were told to come back without being told when."""

    warm: dict[str, int] = field(default_factory=dict)
    most: dict[str, int] = field(default_factory=dict)
    """How many bytes each process held at most: until the first flood was consumed, and since."""

    ended: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    recovery_seconds: float | None = None

    def grown(self) -> dict[str, tuple[int, int]]:
        """Name who went on growing, with what they held in the first flood and in the second."""
        found = {}
        for name, most in self.most.items():
            warm = self.warm.get(name, 0)
            bound = max(warm * GROWTH_MAX, warm + GROWTH_BYTES)
            if most > (SERVER_BYTES_MAX if name in SERVERS else bound):
                found[name] = (warm, most)
        return found

    def complaints(self) -> list[str]:
        """Say what is wrong with it: nothing, if the promises were kept."""
        found = [f"{name} ended" for name in self.ended]
        found += [f"{name} grew from {a >> 20} to {b >> 20} MB" for name, (a, b) in self.grown().items()]
        if self.missing:
            found.append(
                f"{len(self.missing)} of {len(self.accepted)} accepted engagements are not everywhere"
            )
        if self.unhelpful:
            found.append(f"{self.unhelpful} were not told when to come back")
        if self.recovery_seconds is None:
            found.append(f"it did not come to rest within {RECOVERY_SECONDS_MAX:.0f} s")
        if not self.accepted:
            found.append("nothing was accepted: the run proves nothing")
        return found

    def text(self) -> str:
        told = ", ".join(f"{count} {what}" for what, count in sorted(self.told.items()))
        most = (
            f"{name} {self.warm.get(name, 0) >> 20} and {size >> 20}"
            for name, size in sorted(self.most.items())
        )
        lines = [
            f"{self.told.total()} requests at {self.pace:.0f} a second: {told}.",
            f"Memory at most, MB, in the first flood and in the second: {', '.join(most)}.",
            f"At rest again after {self.recovery_seconds or 0:.0f} s.",
            *self.complaints(),
        ]
        return "\n".join(
            [*lines, "VERDICT: " + ("every promise held" if not self.complaints() else "broken")]
        )


class Door:
    """Where engagements are filed: a bare client, since one with comforts would be the bottleneck."""

    def __init__(self, client: Actor) -> None:
        url = urlsplit(client.world.urls["intake"])
        self._host, self._port = str(url.hostname), url.port or 80
        self._body = json.dumps(say.a_brief(jurisdictions=["IS"])).encode()
        self._head = (
            f"POST /v1/engagements HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: Bearer {client.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(self._body)}\r\n"
        ).encode()
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def file(self) -> Answer:
        """File one engagement. Raises OSError or TimeoutError where no answer comes."""
        async with asyncio.timeout(REQUEST_SECONDS_MAX):
            ends = self._idle.pop() if self._idle else await asyncio.open_connection(self._host, self._port)
            reader, writer = ends
            try:
                writer.write(self._head + f"Idempotency-Key: {uuid4().hex}\r\n\r\n".encode() + self._body)
                answer = await _answer(reader)
            except BaseException:
                writer.transport.abort()
                raise
        self._idle.append(ends)
        return answer

    async def close(self) -> None:
        for _, writer in self._idle:
            writer.transport.abort()


async def _answer(reader: asyncio.StreamReader) -> Answer:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        body = await reader.readexactly(length)
    except asyncio.IncompleteReadError as error:
        raise ConnectionResetError("the door was closed") from error
    return Answer(int(head.split(" ", 2)[1]), "\r\nretry-after: " in head, body)


async def calm_pace(door: Door) -> float:
    """Find how many engagements a second are taken from callers who wait for their answers."""
    taken, ends_at = 0, monotonic() + CALM_SECONDS

    async def call() -> None:
        nonlocal taken
        while monotonic() < ends_at:
            answer = await door.file()
            taken += answer.status == CREATED

    await asyncio.gather(*(call() for _ in range(CALM_CALLERS)))
    return taken / CALM_SECONDS


async def flood(door: Door, found: Flood, seconds: float) -> None:
    """Send at the pace, whatever comes back."""
    began, sent = monotonic(), 0
    waiting: set[asyncio.Task[None]] = set()
    while (elapsed := monotonic() - began) < seconds:
        for _ in range(int(elapsed * found.pace) - sent):
            sent += 1
            if len(waiting) >= UNDER_WAY_MAX:
                found.told[NOT_SENT] += 1
                continue
            waiting.add(task := asyncio.create_task(_file(door, found)))
            task.add_done_callback(waiting.discard)
        await asyncio.sleep(TICK_SECONDS)
    await asyncio.gather(*waiting)


async def _file(door: Door, found: Flood) -> None:
    try:
        answer = await door.file()
    except (OSError, TimeoutError):
        found.told[NO_ANSWER] += 1
        return
    found.told[str(answer.status)] += 1
    if answer.status == CREATED:
        found.accepted.append(json.loads(answer.body)["id"])
    found.unhelpful += answer.status == UNAVAILABLE and not answer.says_when


@asynccontextmanager
async def watched(system: System, found: Flood) -> AsyncIterator[None]:
    """Note once a second how much every process holds, and who is no longer there."""
    watching = asyncio.create_task(_watch(system, found))
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _watch(system: System, found: Flood) -> None:
    processes = {name: psutil.Process(each.pid) for name, each in system.processes.items()}
    while True:
        for name, process in processes.items():
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.most[name] = max(found.most.get(name, 0), process.memory_info().rss)
            elif name not in found.ended:
                found.ended.append(name)
        await asyncio.sleep(WATCH_SECONDS)


async def recovery(workers: Actor) -> float | None:
    """Wait until all is consumed; say how many seconds it took, None where it never came to that."""
    began = monotonic()

    async def is_consumed() -> bool:
        return await checks.is_at_rest(workers)

    return monotonic() - began if await until(is_consumed, RECOVERY_SECONDS_MAX) else None


async def missing(client: Actor, accepted: Sequence[str]) -> list[str]:
    """Look for everything that was accepted at three services' doors."""
    filed = {str(row["id"]) for row in await pages.all_items(client, "intake", "/v1/engagements")}
    known = [filed]
    for service, path in (("matching", "/v1/matches"), ("billing", "/v1/escrows")):
        rows = await pages.all_items(client, service, path)
        known.append({str(row["engagement_id"]) for row in rows})
    return [key for key in accepted if not all(key in each for each in known)]


def run(folder: Path, seconds: float, times: float) -> Flood:
    """Run it in a folder, which then holds the logs of all processes."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    with System.start(folder, SystemOptions(roles=Roles.APART, knobs={"KPO_TRACED_SHARE": "0"})) as system:
        return asyncio.run(_run(system, seconds, times))


async def _run(system: System, seconds: float, times: float) -> Flood:
    world = World(system.endpoints.services, system.issuer)
    onlooker = World(system.worker_urls, system.issuer)
    try:
        client = await say.register_client(world, world.actor("operator"))
        door = Door(client)
        found, workers = Flood(times * await calm_pace(door)), onlooker.actor("operator")
        async with watched(system, found):
            await flood(door, found, WARM_SECONDS)
            await recovery(workers)
            found.warm, found.most = found.most, {}
            await flood(door, found, seconds)
            found.recovery_seconds = await recovery(workers)
        await door.close()
        found.missing = await missing(client, found.accepted)
        return found
    finally:
        await world.close()
        await onlooker.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--times", type=float, default=TIMES, help="how many times the pace that it keeps")
    told = parser.parse_args()
    shutil.rmtree(FOLDER, ignore_errors=True)
    found = run(FOLDER, told.seconds, told.times)
    sys.stdout.write(found.text() + "\n")
    sys.exit(1 if found.complaints() else 0)


if __name__ == "__main__":
    main()
