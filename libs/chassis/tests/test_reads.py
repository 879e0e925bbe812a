"""What waits for somebody is listed whole and in its order, however much of it there is."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from kpo_chassis.attempt import Registry
from kpo_chassis.documents import OpenTask
from kpo_chassis.kernel import Caller, PersonId, TenantId
from kpo_chassis.reading import TaskPlace
from kpo_chassis.reads import IDS_AT_ONCE_MAX, StoredReads
from kpo_chassis.store import Document
from kpo_chassis.testing.database import MemoryDatabase

from .sample import Counter, blueprint

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TENANT, OTHER = TenantId(UUID(int=1)), TenantId(UUID(int=2))
A_MEMBER = Caller(PersonId(UUID(int=3)), TENANT, frozenset())
THE_OPERATOR = Caller(PersonId(UUID(int=4)), OTHER, frozenset({Caller.OPERATOR}))
MANY = 1_200


def a_row(number: int, *untils: datetime | None, tenant: UUID = TENANT) -> Document:
    tasks = [
        {"tenant": tenant, "action": f"act-{position}", "path": f"/v1/counters/{number}", "until": until}
        for position, until in enumerate(untils)
    ]
    return {"_id": UUID(int=number), "tasks": tasks}


async def reads_of(*rows: Document) -> StoredReads:
    database, described = MemoryDatabase(), blueprint()
    registry = Registry.of("sample", described.documents, described.entries, described.outgoing)
    await database.insert(described.documents[0].collection, rows)
    return StoredReads(database, registry)


async def every_task(reads: StoredReads, caller: Caller, limit: int) -> list[OpenTask]:
    found: list[OpenTask] = []
    while page := await reads.tasks(caller, after=_place_behind(found), limit=limit):
        found.extend(page)
    return found


def _place_behind(found: Sequence[OpenTask]) -> TaskPlace | None:
    if not found:
        return None
    last = found[-1]
    return TaskPlace(last.task.until, last.id, last.task.path, last.task.action)


async def test_the_most_urgent_of_very_many_comes_first() -> None:
    rows = [a_row(number, NOON) for number in range(MANY)]
    reads = await reads_of(*rows, a_row(MANY, NOON - timedelta(hours=1)))

    (first,) = await reads.tasks(A_MEMBER, after=None, limit=1)

    assert first.id == UUID(int=MANY)


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
async def test_pages_show_every_task_once_and_those_without_a_time_last(limit: int) -> None:
    late = NOON + timedelta(days=1)
    reads = await reads_of(a_row(1, late, None), a_row(2, NOON, NOON), a_row(3, None), a_row(4, late))

    found = await every_task(reads, A_MEMBER, limit)

    assert [(each.id.int, each.task.until) for each in found] == [
        (2, NOON),
        (2, NOON),
        (1, late),
        (4, late),
        (1, None),
        (3, None),
    ]
    assert len({(each.id, each.task.action) for each in found}) == len(found)


async def test_a_tenant_sees_its_own_tasks_and_the_operator_all() -> None:
    reads = await reads_of(a_row(1, NOON), a_row(2, NOON, tenant=OTHER), a_row(3))

    ours = await every_task(reads, A_MEMBER, 10)
    all_of_them = await every_task(reads, THE_OPERATOR, 10)

    assert [each.id.int for each in ours] == [1]
    assert [each.id.int for each in all_of_them] == [1, 2]


def a_counter_row(number: int) -> Document:
    (counters, *_) = blueprint().documents
    return {"_id": UUID(int=number), "schema": 1, "state": counters.dump(Counter(UUID(int=number), TENANT))}


async def test_states_are_found_by_their_ids_however_many_are_asked_for() -> None:
    ids = [UUID(int=number) for number in range(IDS_AT_ONCE_MAX + 1)]
    reads = await reads_of(*(a_counter_row(key.int) for key in [*ids, UUID(int=MANY)]))

    found = await reads.several(Counter, ids)

    assert [counter.id for counter in found] == ids


async def test_an_id_without_a_state_is_left_out_and_one_named_twice_is_found_once() -> None:
    reads = await reads_of(a_counter_row(1), a_counter_row(2))

    found = await reads.several(Counter, [UUID(int=2), UUID(int=9), UUID(int=1), UUID(int=2)])

    assert [counter.id.int for counter in found] == [1, 2]
