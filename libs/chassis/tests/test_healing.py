"""How parked streams come back: whole, in order, each in its turn, and as people last wished."""

from collections.abc import AsyncIterator, Sequence
from itertools import islice
from uuid import UUID, uuid4

import pytest

from kpo_chassis.healing import PARKED_ROWS_MAX
from kpo_chassis.store import AUDIT, INBOX, PARKED, Document, Id, Where
from kpo_chassis.testing.broker import partition_of
from kpo_chassis.testing.database import MemoryDatabase
from kpo_chassis.testing.service import MemoryService, memory

from .bench import Bench, a_record
from .sample import POISON, Counter, blueprint, counter_of

LATER = 40
"""How many events of one key wait behind a missing one."""


class InterruptedDatabase(MemoryDatabase):
    """Lets a person wish something just after the healer has read whole rows."""

    wish: Document | None = None

    async def find(
        self,
        collection: str,
        where: Where,
        *,
        limit: int,
        sort: tuple[tuple[str, int], ...] = (("_id", 1),),
        without: Sequence[str] = (),
    ) -> list[Document]:
        found = await super().find(collection, where, limit=limit, sort=sort, without=without)
        wish, is_whole = self.wish, collection == PARKED and "_id" in where and not without
        if wish is not None and is_whole:
            self.wish = None
            await self.update(PARKED, where, wish)
        return found


@pytest.fixture
async def service() -> AsyncIterator[MemoryService]:
    async with memory(blueprint()) as running:
        yield running


def arrive(service: MemoryService, key: UUID, number: int, name: str = "Acme") -> None:
    made = a_record(key, number, name)
    service.broker.append(made.topic, made.key, made.headers, made.value)


def two_of_one_partition() -> list[UUID]:
    """Give two keys in the order in which the healer comes to them."""
    neighbours = (key for key in iter(uuid4, None) if partition_of(str(key)) == 0)
    return sorted(islice(neighbours, 2), key=str)


def wish(what: str) -> Document:
    return {"wish": what, "wished_by": "somebody", "wished_because": "a test"}


def parked_name(key: UUID, number: int) -> Id:
    return f"intake.client/{key}/{number}"


async def parked(service: MemoryService) -> int:
    return await service.database.count(PARKED, {}, limit=10_000)


async def total(service: MemoryService, key: UUID) -> int:
    return (await service.reads.get(Counter, counter_of(key))).state.total


async def test_all_that_waited_behind_a_gap_comes_back_in_one_look(service: MemoryService) -> None:
    key = uuid4()
    for number in range(2, LATER + 2):
        arrive(service, key, number)
    await service.settle()
    arrive(service, key, 1)
    await service.settle()

    await service.heal()

    assert await parked(service) == 0
    assert await total(service, key) == LATER + 1
    assert [event.seq for event in service.published] == list(range(1, LATER + 2))


async def test_a_chain_stops_at_the_first_that_fails_and_keeps_the_order(service: MemoryService) -> None:
    key = uuid4()
    for number in (2, 3, 5, 6):
        arrive(service, key, number)
    arrive(service, key, 4, POISON)
    await service.settle()
    arrive(service, key, 1)
    await service.settle()

    await service.heal()

    rows = await service.database.find(PARKED, {}, sort=(("seq", 1),), limit=10)
    assert [(row["seq"], row["code"]) for row in rows] == [(4, "bug"), (5, "behind"), (6, "behind")]
    assert await total(service, key) == 3


async def test_many_rows_that_cannot_come_back_keep_no_other_stream_waiting(service: MemoryService) -> None:
    stuck, healing = two_of_one_partition()
    arrive(service, stuck, 1, POISON)
    for number in range(2, PARKED_ROWS_MAX + 2):
        arrive(service, stuck, number)
    for number in (2, 1):
        arrive(service, healing, number)
    await service.settle()

    await service.heal()
    await service.heal()

    assert await parked(service) == PARKED_ROWS_MAX + 1
    assert await total(service, healing) == 2


async def test_an_event_that_is_to_be_left_out_waits_for_those_before_it(service: MemoryService) -> None:
    key = uuid4()
    for number in (2, 3, 4):
        arrive(service, key, number)
    await service.settle()
    await service.database.update(PARKED, {"_id": parked_name(key, 3)}, wish("skip"))
    arrive(service, key, 1)
    await service.settle()

    await service.heal()
    between = await total(service, key)
    await service.heal()

    assert (between, await total(service, key)) == (2, 3)
    assert await parked(service) == 0


async def test_a_wish_that_is_made_while_another_is_carried_out_is_not_lost() -> None:
    key, database = uuid4(), InterruptedDatabase()
    async with memory(blueprint(), database=database) as service:
        arrive(service, key, 1, POISON)
        await service.settle()
        await database.update(PARKED, {"_id": parked_name(key, 1)}, wish("retry"))
        database.wish = wish("skip")

        await service.heal()
        await service.heal()

        assert await parked(service) == 0
        steps = [(row["step"], row["wish"]) for row in await database.find(AUDIT, {}, limit=10)]
        assert steps == [("done", "skip")]


async def test_what_arrives_while_its_key_comes_back_is_applied_in_its_turn(service: MemoryService) -> None:
    key = uuid4()
    for number in (2, 3, 1, 4, 5):
        arrive(service, key, number)
    await service.settle()

    await service.heal()
    arrive(service, key, 6)
    await service.settle()
    await service.heal()

    assert await parked(service) == 0
    assert await total(service, key) == 6


@pytest.mark.real
async def test_a_long_queue_behind_a_gap_comes_back_on_real_servers(bench: Bench) -> None:
    client = uuid4()
    await bench.send(client, *range(2, LATER + 2))
    async with bench.worker():
        await bench.until(PARKED, LATER)

        await bench.send(client, 1)

        await bench.until(PARKED, 0)
        (row,) = await bench.rows(INBOX)
        assert (row["seq"], row["parked"], row["head"]) == (LATER + 1, 0, 0)
