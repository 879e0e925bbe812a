"""One service in several processes on shared servers in memory, and all that may happen to it."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from uuid import UUID

from libs.chassis.tests.sample import add, create

from kpo_chassis.broker import Partition
from kpo_chassis.kernel import OverloadedError, RefusalError, TransientError
from kpo_chassis.store import PARKED
from kpo_chassis.testing.broker import MemoryBroker, partition_of
from kpo_chassis.testing.database import Shelves
from kpo_chassis.testing.meters import NotedMeters

from .processes import Build, Process, Servers
from .story import CLIENTS, Asked, Kind, Sent, Story
from .verdict import SOURCE, Downstream, check_always, check_at_rest, check_audit, unrest
from .virtual_time import VirtualLoop, virtual_time

PROCESSES = 2
PROCESSES_MAX = 3
REST_SECONDS_MAX = 60.0
LOOK_SECONDS = 0.25
JOIN_SECONDS = 0.2


class World:
    """Everything in it is deterministic: the same calls with the same seed do the same again."""

    def __init__(
        self, loop: VirtualLoop, seed: int = 0, build: Build | None = None, processes: int = PROCESSES
    ) -> None:
        self._loop = loop
        self._random = Random(seed)  # noqa: S311 - it only decides who comes first.
        self._build = build or Build()
        self.meters = NotedMeters()
        self.shelves = Shelves(loop.now)
        self.broker = MemoryBroker()
        self._servers = Servers(loop, self.shelves, self.broker, self.meters)
        self.story = Story()
        self.downstream = Downstream(self.broker)
        self.processes = [self._do(self._new()) for _ in range(processes)]

    def _do(self, work: Coroutine[object, None, "Process"]) -> Process:
        return self._loop.run_until_complete(work)

    async def _new(self) -> Process:
        return Process(self._servers, self._build, self._random)

    # What happens -----------------------------------------------------------------------------------------

    def wait(self, seconds: float = 0.02) -> None:
        self._loop.run_until_complete(asyncio.sleep(seconds))

    def join(self) -> None:
        """Wait until every process has its partitions."""
        self.wait(JOIN_SECONDS)

    def process(self, index: int) -> Process:
        """Give one of the processes, whatever the number is."""
        return self.processes[index % len(self.processes)]

    def start(self, index: int) -> None:
        """Replace a process that has died."""
        index %= len(self.processes)
        if not self.processes[index].lives:
            self.processes[index] = self._do(self._new())

    def lose_broker(self, index: int, seconds: float) -> None:
        """Let one process reach the broker no more for a while."""
        self.process(index).gate.broker_back_at = self._loop.time() + seconds

    def send(self, client: UUID, number: int, kind: Kind = Kind.FINE) -> Sent:
        sent = self.story.send(client, number, kind)
        made = sent.record()
        self.broker.append(made.topic, str(client), tuple(made.headers), made.value)
        return sent

    def ask(self, asked: Asked, index: int) -> None:
        """Send a command, or a copy of it, to one process."""
        process = self.process(index)
        if process.lives:
            asked.under_way += 1
            task = process.spawn(self._ask(asked, process))
            task.add_done_callback(lambda _: _arrived(asked))

    async def _ask(self, asked: Asked, process: Process) -> None:
        changes = process.machinery.committer
        before, me = frozenset(asked.unheard), object()
        asked.unheard.add(me)
        try:
            if asked.is_create:
                tenant = asked.cause.caller.tenant
                await create(asked.counter, tenant, asked.ring_after, asked.cause, changes=changes)
            else:
                await add(asked.counter, asked.amount, asked.cause, changes=changes)
        except RefusalError:
            asked.refused += 1
        except (TransientError, OverloadedError):
            return
        except Exception as error:  # noqa: BLE001 - no caller may meet anything else.
            self._servers.failures.append(error)
        else:
            asked.answered += 1
        asked.unheard -= before | {me}  # Who asks again with the key hears what became of earlier copies.

    def set_alarm(self, after: timedelta, index: int) -> Asked:
        alarm = self.story.set_alarm(after)
        self.ask(alarm, index)
        return alarm

    def skip(self, client: UUID, number: int) -> None:
        """Let a person leave out an event that is parked for what it is."""
        key = f"{SOURCE}/{client}/{number}"
        row = self.shelves.documents[PARKED].get(key)
        if row is not None and row["code"] in {"bug", "not_yet"}:
            wish = {"wish": "skip", "wished_by": "somebody", "wished_because": "it is bad"}
            self.shelves.put(PARKED, {**row, **wish})
            self.story.skipped[client].add(number)

    def owner(self, client: UUID) -> int:
        """Say which process consumes a client's events."""
        lane = Partition(SOURCE, partition_of(str(client))).id
        (index,) = (i for i, process in enumerate(self.processes) if process.owns(lane))
        return index

    # What must follow -------------------------------------------------------------------------------------

    def check(self) -> None:
        assert not self._servers.failures, self._servers.failures
        check_always(self.shelves, self.downstream, self.story)

    def rest(self) -> None:
        """Let nothing more befall anybody, wait until all is done, and compare it with the story."""
        for process in self.processes:
            process.gate.arm(None)
            process.gate.broker_back_at = 0.0
        for _ in range(int(REST_SECONDS_MAX / LOOK_SECONDS)):
            for index, process in enumerate(self.processes):
                process.thaw()  # What was in store for a call that was under way befalls it only now.
                self.start(index)
            self._ask_again()
            self.wait(LOOK_SECONDS)
            self.check()
            if not any(unrest(self.shelves, self.broker, self.story)):
                break
        left = list(unrest(self.shelves, self.broker, self.story))
        assert not left, f"it does not come to rest: {left}"
        check_at_rest(self.shelves, self.downstream, self.story)

    def _ask_again(self) -> None:
        """Send commands whose callers were cut off once more, as callers do."""
        for asked in self.story.asked:
            if asked.under_way == 0 and not asked.is_settled:
                self.ask(asked, asked.number)

    def complete(self) -> None:
        """Fill all gaps, leave out all that cannot be applied, repeat all commands: nothing stays parked."""
        for asked in self.story.asked:
            if asked.answered:
                self.ask(asked, asked.number + 1)
        for client in CLIENTS:
            for number in self.story.missing(client):
                self.send(client, number)
        while any(self.story.blocking(client) for client in CLIENTS):
            self.rest()
            for client in CLIENTS:
                for number in self.story.blocking(client):
                    self.skip(client, number)
        self.rest()
        self._until_unparked()
        check_audit(self.shelves, self.story)

    def _until_unparked(self) -> None:
        for _ in range(int(REST_SECONDS_MAX / LOOK_SECONDS)):
            if not self.shelves.documents[PARKED]:
                return
            self.wait(LOOK_SECONDS)
        raise AssertionError(f"{list(self.shelves.documents[PARKED])} are parked for ever")


def _arrived(asked: Asked) -> None:
    asked.under_way -= 1


@contextmanager
def a_world(seed: int = 0, build: Build | None = None, *, processes: int = PROCESSES) -> Iterator[World]:
    with virtual_time() as loop:
        world = World(loop, seed, build, processes)
        try:
            yield world
        finally:
            for process in world.processes:
                process.kill()  # One that is frozen would wait for ever.
