"""A backlog that the database cannot take in one transaction is taken in several."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

from kpo_chassis.committer import ATTEMPT_SECONDS_MAX, CHANGES_MAX
from kpo_chassis.kernel import Caller, Command, PersonId, TenantId, TransientError
from kpo_chassis.machinery import Machinery, Ports
from kpo_chassis.store import Document, Id
from kpo_chassis.testing.blobs import MemoryBlobs
from kpo_chassis.testing.broker import MemoryBroker
from kpo_chassis.testing.database import MemoryDatabase, MemoryTransaction
from kpo_chassis.testing.service import StoppedClock

from .model.virtual_time import virtual_time
from .sample import blueprint, create

CALLER = Caller(PersonId(uuid4()), TenantId(uuid4()), frozenset())
SECONDS_PER_DOCUMENT = 0.03
LIFETIME_SECONDS = 5.0
"""So long the server lets a transaction live: long enough for 166 documents."""


class SlowTransaction(MemoryTransaction):
    """Takes its time for every document, and is ended by the server when that is too long."""

    async def save(self, collection: str, documents: Sequence[Document], new: frozenset[Id]) -> None:
        seconds = len(documents) * SECONDS_PER_DOCUMENT
        await asyncio.sleep(min(seconds, LIFETIME_SECONDS))
        if seconds > LIFETIME_SECONDS:
            raise TransientError("the transaction has lived too long")
        await super().save(collection, documents, new)


class SlowDatabase(MemoryDatabase):
    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MemoryTransaction]:
        transaction = SlowTransaction(self.shelves)
        yield transaction
        transaction.commit()


async def _create(count: int) -> int:
    ports = Ports(SlowDatabase(), MemoryBroker(), MemoryBlobs(), StoppedClock())
    machinery = Machinery(blueprint(), ports)
    changes = machinery.committer
    async with machinery.running(worker=False):
        commands = [Command(CALLER, f"key {number}", "0" * 64) for number in range(count)]
        made = [create(uuid4(), CALLER.tenant, None, command, changes=changes) for command in commands]
        return len(await asyncio.gather(*made))


def test_what_lives_too_long_is_tried_again_with_half_as_much() -> None:
    assert LIFETIME_SECONDS > ATTEMPT_SECONDS_MAX

    with virtual_time() as loop:
        assert loop.run_until_complete(_create(2 * CHANGES_MAX)) == 2 * CHANGES_MAX
