"""A change that meets a conflict tries again, but not for ever: one that meets itself is told so."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from kpo_chassis.committer import CONFLICTS_MAX
from kpo_chassis.kernel import Caller, Command, Decision, PersonId, Stored, TenantId, maybe
from kpo_chassis.machinery import Machinery, Ports
from kpo_chassis.store import ConflictingWriteError, RejectedWriteError
from kpo_chassis.testing.blobs import MemoryBlobs
from kpo_chassis.testing.broker import MemoryBroker
from kpo_chassis.testing.database import MemoryDatabase, MemoryTransaction
from kpo_chassis.testing.service import StoppedClock

from .model.virtual_time import virtual_time
from .sample import Counted, Counter, blueprint


class CollidingDatabase(MemoryDatabase):
    """A database that refuses so many transactions as if another had been there first."""

    def __init__(self, collisions: int) -> None:
        super().__init__()
        self.left = collisions

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MemoryTransaction]:
        async with super().transaction() as tx:
            yield tx
            if self.left:
                self.left -= 1
                raise ConflictingWriteError("somebody was there first")


def count_once(collisions: int) -> Stored[Counter]:
    """Count one thing on a database that collides, in virtual time."""
    with virtual_time() as loop:
        return loop.run_until_complete(_count_once(CollidingDatabase(collisions)))


async def _count_once(database: CollidingDatabase) -> Stored[Counter]:
    ports = Ports(database, MemoryBroker(), MemoryBlobs(), StoppedClock())
    caller = Caller(PersonId(uuid4()), TenantId(uuid4()), frozenset())
    counter = maybe(Counter, uuid4())

    def decide(*_: object) -> Decision[Counter, Counted]:
        return Counter(counter.id, caller.tenant).add(1)

    machinery = Machinery(blueprint(), ports)
    async with machinery.running(worker=False):
        return await machinery.committer.change(Command(caller, "once", "0" * 64), decide, counter)


def test_a_change_gets_through_when_the_others_are_done() -> None:
    assert count_once(CONFLICTS_MAX - 1).state.total == 1


def test_a_change_that_only_ever_meets_conflicts_is_told_so() -> None:
    with pytest.raises(RejectedWriteError, match=f"{CONFLICTS_MAX} conflicts in a row"):
        count_once(CONFLICTS_MAX)
