"""The engine on real Kafka and MongoDB: what the doubles cannot show."""

from uuid import uuid4

import pytest

from kpo_chassis.store import INBOX, OUTBOX, PARKED, POSITIONS

from .bench import PARTITIONS, Bench, a_record
from .sample import POISON, Note, counter_of

pytestmark = pytest.mark.real


async def test_events_arrive_once_and_in_order(bench: Bench) -> None:
    clients = [uuid4() for _ in range(20)]
    for client in clients:
        await bench.send(client, 1, 2, 2, 3, 1)

    async with bench.worker():
        notes = await bench.until("notes", 60)
        await bench.until(OUTBOX, 0)

    ours = {f"intake.client/{client}/3" for client in clients}
    assert {note["_id"] for note in notes if note["total"] == 3} >= ours


async def test_a_second_worker_takes_over_and_loses_nothing(bench: Bench) -> None:
    client = uuid4()
    await bench.send(client, 1, 2)
    async with bench.worker():
        await bench.until("notes", 2)

    await bench.send(client, 3)
    async with bench.worker():
        await bench.until("notes", 3)

    assert {row["epoch"] for row in await bench.rows(POSITIONS)} == {3}


async def test_records_that_are_read_again_change_nothing(bench: Bench) -> None:
    client = uuid4()
    await bench.send(client, 1, 2)
    async with bench.worker() as machinery:
        await bench.until("notes", 2, counter=counter_of(client))
    database = machinery.ports.database
    for row in await bench.rows(POSITIONS):
        assert isinstance(row["next_offset"], int)
        back = max(0, row["next_offset"] - 2)
        await database.update(POSITIONS, {"_id": row["_id"]}, {"next_offset": back})

    async with bench.worker():
        await bench.send(client, 3)
        await bench.until("notes", 3, counter=counter_of(client))

    assert [row["seq"] for row in await bench.rows(INBOX) if row["_id"] == f"intake.client/{client}"] == [3]


async def test_a_poison_record_parks_its_key_and_others_go_on(bench: Bench) -> None:
    sick, well = uuid4(), uuid4()
    await bench.send(sick, 1, name=POISON)
    await bench.send(sick, 2)
    await bench.send(well, 1)

    async with bench.worker():
        await bench.until("notes", 1)
        parked = await bench.until(PARKED, 2)

    assert [row["code"] for row in sorted(parked, key=lambda row: str(row["_id"]))] == ["bug", "behind"]


async def test_a_record_with_a_null_key_is_set_aside_alone_in_every_partition(bench: Bench) -> None:
    clients = [uuid4() for _ in range(20)]
    for number in range(PARTITIONS):
        await bench.send_without_key(number)
    for client in clients:
        await bench.send(client, 1)

    async with bench.worker():
        await bench.until("notes", len(clients))
        parked = await bench.until(PARKED, PARTITIONS)
        await bench.until(OUTBOX, 0)

    assert {(row["code"], row["key"], row["seq"]) for row in parked} == {("no_key", None, None)}
    assert [row["parked"] for row in await bench.rows(INBOX)] == [0] * len(clients)


async def test_a_record_with_a_null_header_can_be_set_aside(bench: Bench) -> None:
    client = uuid4()

    async with bench.worker() as machinery:
        await bench.send_with_null_header(0)
        (row,) = await bench.until(PARKED, 1, code="no_key")
        await bench.send(client, 1)
        await bench.until("notes", 1)

        assert row["headers"] == [["note", b""]]
        assert not machinery.failed.done()


async def test_a_backlog_of_thousands_is_counted_exactly(bench: Bench) -> None:
    clients = [uuid4() for _ in range(300)]
    for number in range(1, 11):
        await bench.producer.send([a_record(client, number) for client in clients])

    async with bench.worker() as machinery:
        await bench.until("notes", 3_000)
        kinds = await machinery.reads.entries(Note, {"total": 10}, order=("_id",), limit=1_000)

    assert len(kinds) == 300
