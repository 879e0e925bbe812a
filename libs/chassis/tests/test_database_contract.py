"""The contract of the database port: in memory, on Motor, and on PyMongo's own asynchronous client."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient

from kpo_chassis.mongo import int64
from kpo_chassis.mongo.database import INSERTS_APART_MIN
from kpo_chassis.store import (
    BY_ID,
    INBOX,
    OUTBOX,
    POSITIONS,
    TRANSACTIONS_MAX,
    ConflictingWriteError,
    Database,
    Document,
    Id,
    Move,
    PositionLostError,
    RejectedWriteError,
    Window,
)
from kpo_chassis.testing.database import MemoryDatabase, Shelves
from kpo_cli.stack.servers import Servers

from .pair import LEDGER, Pair, a_pair


@pytest.fixture(params=["memory", "motor", "pymongo"])
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    if request.param == "memory":
        shelves = Shelves()
        yield MemoryDatabase(shelves), MemoryDatabase(shelves)
        return
    client_class = AsyncIOMotorClient if request.param == "motor" else AsyncMongoClient
    async with a_pair(request.getfixturevalue("servers"), client_class) as made:
        yield made


async def fail_inside(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.save(INBOX, [{"_id": "a", "seq": 1}], frozenset({"a"}))
        raise ZeroDivisionError


async def test_what_a_transaction_wrote_is_there_after_it(pair: Pair) -> None:
    one, other = pair

    async with one.transaction() as tx:
        await tx.load(INBOX, ["a"])
        await tx.save(INBOX, [{"_id": "a", "seq": 1}], frozenset({"a"}))

    assert await other.find(INBOX, {"_id": "a"}, limit=1) == [{"_id": "a", "seq": 1}]


async def test_a_failed_transaction_leaves_nothing(pair: Pair) -> None:
    one, other = pair

    with pytest.raises(ZeroDivisionError):
        await fail_inside(one)

    assert await other.find(INBOX, {}, limit=10) == []


async def test_a_session_goes_on_after_a_failed_transaction(pair: Pair) -> None:
    one, _ = pair
    with pytest.raises(ZeroDivisionError):
        await fail_inside(one)

    async with one.transaction() as tx:
        await tx.save(INBOX, [{"_id": "b"}], frozenset({"b"}))

    assert await one.count(INBOX, {}, limit=10) == 1


async def test_all_that_a_transaction_reads_is_of_one_moment(pair: Pair) -> None:
    one, other = pair
    async with one.transaction() as tx:
        await tx.insert(INBOX, [{"_id": "a", "seq": 0}, {"_id": "b", "seq": 0}])

    async with one.transaction() as tx:
        await tx.load(INBOX, ["a"])
        await other.update(INBOX, {"_id": "b"}, {"seq": 7})
        seen = await tx.load(INBOX, ["b"])

    assert seen["b"]["seq"] == 0


async def test_a_process_has_two_transactions_open_at_a_time(pair: Pair) -> None:
    one, _ = pair
    both_are_open = asyncio.Barrier(2)

    async def create(key: str) -> None:
        async with one.transaction() as tx:
            await tx.insert(INBOX, [{"_id": key}])
            await both_are_open.wait()

    await asyncio.gather(create("a"), create("b"))

    assert await one.count(INBOX, {}, limit=10) == TRANSACTIONS_MAX


async def test_of_two_writers_who_read_the_same_only_one_wins(pair: Pair) -> None:
    one, other = pair
    async with one.transaction() as tx:
        await tx.save(INBOX, [{"_id": "a", "seq": 0}], frozenset({"a"}))

    both_have_read = asyncio.Barrier(2)

    async def raise_number(database: Database) -> None:
        async with database.transaction() as tx:
            seq = (await tx.load(INBOX, ["a"]))["a"]["seq"]
            assert isinstance(seq, int)
            await both_have_read.wait()
            await tx.save(INBOX, [{"_id": "a", "seq": seq + 1}], frozenset())

    outcomes = await asyncio.gather(raise_number(one), raise_number(other), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes if outcome] == [ConflictingWriteError]
    assert await one.find(INBOX, {}, limit=1) == [{"_id": "a", "seq": 1}]


@pytest.mark.parametrize("count", [1, INSERTS_APART_MIN])
async def test_of_two_creators_only_one_wins(pair: Pair, count: int) -> None:
    one, other = pair
    both_have_looked = asyncio.Barrier(2)
    ids: list[Id] = [str(number) for number in range(count)]

    async def create(database: Database) -> None:
        async with database.transaction() as tx:
            await tx.load(INBOX, ids)
            await both_have_looked.wait()
            await tx.save(INBOX, [{"_id": each} for each in ids], frozenset(ids))

    outcomes = await asyncio.gather(create(one), create(other), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes if outcome] == [ConflictingWriteError]
    assert await one.count(INBOX, {}, limit=2 * count) == count


async def test_many_new_documents_and_old_ones_are_saved_together(pair: Pair) -> None:
    one, _ = pair
    new: list[Id] = [str(number) for number in range(INSERTS_APART_MIN)]
    async with one.transaction() as tx:
        await tx.save(INBOX, [{"_id": "old", "seq": 1}], frozenset({"old"}))

    async with one.transaction() as tx:
        await tx.save(INBOX, [{"_id": each, "seq": 2} for each in [*new, "old"]], frozenset(new))

    assert {row["seq"] for row in await one.find(INBOX, {}, limit=len(new) + 1)} == {2}


async def test_many_new_documents_of_which_one_was_there_already_are_not_saved(pair: Pair) -> None:
    one, _ = pair
    new: list[Id] = [str(number) for number in range(INSERTS_APART_MIN)]
    async with one.transaction() as tx:
        await tx.save(INBOX, [{"_id": new[-1]}], frozenset(new[-1:]))

    with pytest.raises(ConflictingWriteError):
        async with one.transaction() as tx:
            await tx.save(INBOX, [{"_id": each} for each in new], frozenset(new))

    assert await one.count(INBOX, {}, limit=len(new)) == 1


async def test_an_entry_cannot_be_inserted_twice(pair: Pair) -> None:
    one, other = pair
    async with one.transaction() as tx:
        await tx.insert("notes", [{"_id": "a"}])

    with pytest.raises(ConflictingWriteError):
        async with other.transaction() as tx:
            await tx.insert("notes", [{"_id": "a"}])


async def test_a_position_moves_only_from_where_it_is(pair: Pair) -> None:
    one, _ = pair
    await one.claim("t/0")
    await one.update(POSITIONS, {"_id": "t/0"}, {"next_offset": 5})

    async with one.transaction() as tx:
        await tx.advance([Move("t/0", 1, 5, 8)])
    with pytest.raises(PositionLostError):
        async with one.transaction() as tx:
            await tx.advance([Move("t/0", 1, 5, 9)])

    assert (await one.find(POSITIONS, {}, limit=1))[0]["next_offset"] == 8


async def test_a_new_owner_shuts_the_old_one_out(pair: Pair) -> None:
    one, other = pair
    await one.claim("t/0")
    await one.update(POSITIONS, {"_id": "t/0"}, {"next_offset": 5})

    before = await other.claim("t/0")

    assert before is not None
    assert (before["epoch"], before["sessions"]) == (1, list(one.session_ids))
    with pytest.raises(PositionLostError):
        async with one.transaction() as tx:
            await tx.advance([Move("t/0", 1, 5, 8)])


async def test_a_position_that_nobody_has_set_yet_moves_for_nobody(pair: Pair) -> None:
    one, other = pair
    await one.claim("t/0")
    await other.claim("t/0")

    with pytest.raises(PositionLostError):
        async with one.transaction() as tx:
            await tx.advance([Move("t/0", 1, 0, 1)])

    assert "next_offset" not in (await one.find(POSITIONS, {}, limit=1))[0]


async def test_an_ended_session_frees_what_it_held(pair: Pair) -> None:
    one, other = pair
    async with one.transaction() as tx:
        await tx.save(INBOX, [{"_id": "a", "seq": 0}], frozenset({"a"}))

    async def hang() -> None:
        async with one.transaction() as tx:
            await tx.load(INBOX, ["a"])
            await tx.save(INBOX, [{"_id": "a", "seq": 7}], frozenset())
            await asyncio.sleep(0.3)

    hanging = asyncio.create_task(hang())
    await asyncio.sleep(0.1)
    await other.end_sessions(one.session_ids)
    async with other.transaction() as tx:
        await tx.load(INBOX, ["a"])
        await tx.save(INBOX, [{"_id": "a", "seq": 1}], frozenset())

    assert isinstance((await asyncio.gather(hanging, return_exceptions=True))[0], Exception)
    assert (await other.find(INBOX, {}, limit=1))[0]["seq"] == 1


async def test_an_outbox_document_carries_the_servers_time(pair: Pair) -> None:
    one, _ = pair

    async with one.transaction() as tx:
        await tx.announce({"_id": "o", "prev": [], "events": [{"body": b"x"}]})

    (document,) = await one.find(OUTBOX, {"at": {"$lt": await one.now() + timedelta(seconds=5)}}, limit=1)
    assert document["events"] == [{"body": b"x"}]
    await one.forget(OUTBOX, ["o"])
    assert await one.existing(OUTBOX, ["o"]) == set()


async def test_what_exists_is_told_by_id_alone(pair: Pair) -> None:
    one, _ = pair
    async with one.transaction() as tx:
        await tx.insert("rows", [{"_id": "a"}, {"_id": "b"}])

    assert await one.existing("rows", ["a", "c"]) == {"a"}


async def test_the_servers_clock_is_in_utc(pair: Pair) -> None:
    one, _ = pair

    assert abs(await one.now() - datetime.now(UTC)) < timedelta(minutes=1)


async def test_filters_and_order_mean_the_same_everywhere(pair: Pair) -> None:
    one, _ = pair
    now = datetime(2026, 3, 2, tzinfo=UTC)
    rows: list[Document] = [
        {"_id": "a", "due": now, "tags": ["x", "y"], "deep": [{"n": 1}]},
        {"_id": "b", "due": None, "tags": [], "deep": [{"n": 2}, {"n": 3}]},
        {"_id": "c", "due": now + timedelta(hours=1), "tags": ["y"]},
    ]
    async with one.transaction() as tx:
        await tx.insert("rows", rows)

    async def ids(where: dict[str, object], *sort: tuple[str, int]) -> list[object]:
        found = await one.find("rows", where, sort=sort or (("_id", 1),), limit=10)
        return [row["_id"] for row in found]

    assert await ids({"due": {"$lte": now}}) == ["a"]
    assert await ids({"tags": "y"}) == ["a", "c"]
    assert await ids({"tags": {"$in": ["x", "z"]}}) == ["a"]
    assert await ids({"deep.n": {"$gte": 3}}) == ["b"]
    assert await ids({"tags.0": {"$exists": True}}) == ["a", "c"]
    assert await ids({"deep.n": 3}) == ["b"]
    assert await ids({"deep": {"$exists": False}}) == ["c"]
    assert await ids({"_id": {"$in": ["a", "c"]}}, ("due", -1)) == ["c", "a"]
    assert await ids({"$or": [{"_id": {"$gt": "b"}}, {"due": None}]}) == ["b", "c"]
    assert await ids({}, ("due", 1)) == ["b", "a", "c"]


async def test_fields_that_are_not_needed_are_left_out_of_what_is_found(pair: Pair) -> None:
    one, _ = pair
    row: Document = {"_id": "a", "body": b"large", "headers": ["x"], "seq": 1}
    await one.insert("rows", [row])

    assert await one.find("rows", {"seq": 1}, limit=1, without=("body", "headers")) == [
        {"_id": "a", "seq": 1}
    ]
    assert await one.find("rows", {}, limit=1) == [row]


async def test_what_is_inserted_without_a_transaction_is_there_for_everybody(pair: Pair) -> None:
    one, other = pair

    await one.insert("rows", [{"_id": "a"}, {"_id": "b"}])

    assert await other.find("rows", {}, limit=3) == [{"_id": "a"}, {"_id": "b"}]


async def test_what_a_reader_or_the_writer_changes_afterwards_nobody_sees(pair: Pair) -> None:
    one, other = pair
    legs, facets = [{"minor": 1}], {"skills": ["law"]}
    await one.insert("rows", [{"_id": "a", "legs": legs, "facets": facets}])

    legs[0]["minor"] = 2
    facets["skills"].append("tax")
    (read,) = await one.find("rows", {}, limit=1)
    read["legs"] = read["facets"] = None
    (read,) = await one.find("rows", {}, limit=1)
    assert isinstance(read["legs"], list)
    read["legs"].clear()

    assert await other.find("rows", {}, limit=1) == [
        {"_id": "a", "legs": [{"minor": 1}], "facets": {"skills": ["law"]}}
    ]


async def test_a_tuple_comes_back_as_a_list(pair: Pair) -> None:
    one, other = pair
    await one.insert("rows", [{"_id": "a", "tags": ("x", ("y",))}])

    assert await other.find("rows", {}, limit=1) == [{"_id": "a", "tags": ["x", ["y"]]}]


async def test_what_is_there_already_is_not_inserted_again(pair: Pair) -> None:
    one, _ = pair
    await one.insert("rows", [{"_id": "a", "by": "first"}])

    with pytest.raises(ConflictingWriteError):
        await one.insert("rows", [{"_id": "a", "by": "second"}, {"_id": "b", "by": "second"}])

    assert await one.find("rows", {}, limit=3) == [{"_id": "a", "by": "first"}, {"_id": "b", "by": "second"}]


def a_transfer(key: str, minor: int, debit: str, credit: str) -> Document:
    legs = [{"account": debit, "minor": int64(minor)}, {"account": credit, "minor": int64(-minor)}]
    return {"_id": key, "legs": legs}


async def test_totals_add_up_the_legs_of_all_entries(pair: Pair) -> None:
    one, _ = pair
    async with one.transaction() as tx:
        await tx.insert(LEDGER, [a_transfer("1", 5, "a", "b"), a_transfer("2", 2, "a", "c")])

    assert await one.totals(LEDGER, "legs", "account", "minor") == {"a": 7, "b": -5, "c": -2}


def a_list(key: str, *items: tuple[str, int | None]) -> Document:
    return {"_id": key, "items": [{"of": of, "rank": rank} for of, rank in items]}


async def test_elements_come_in_their_order_over_all_documents(pair: Pair) -> None:
    one, _ = pair
    await one.insert("rows", [a_list("a", ("x", 3), ("y", 1), ("x", 1)), a_list("b", ("x", 2)), a_list("c")])

    found = await one.elements("rows", "items", {"of": "x"}, Window({}, (("rank", 1),), 2))

    assert [(row["_id"], row["rank"]) for row in found] == [("a", 1), ("b", 2)]


async def test_elements_behind_a_place_may_be_of_the_same_document(pair: Pair) -> None:
    one, _ = pair
    await one.insert("rows", [a_list("a", ("x", 3), ("x", 1)), a_list("b", ("x", 1), ("x", None))])
    behind = {"$or": [{"rank": {"$gt": 1}}, {"rank": 1, "_id": {"$gt": "a"}}]}

    found = await one.elements("rows", "items", {"of": "x"}, Window(behind, (("rank", 1), ("_id", 1)), 9))

    assert [(row["_id"], row["rank"]) for row in found] == [("b", 1), ("a", 3)]


async def test_one_element_must_match_in_everything(pair: Pair) -> None:
    one, _ = pair
    await one.insert("rows", [a_list("a", ("x", None), ("y", 1))])

    assert not await one.elements("rows", "items", {"of": "x", "rank": 1}, Window({}, BY_ID, 9))


async def test_the_server_refuses_what_its_validator_forbids(servers: Servers) -> None:
    unbalanced: Document = {"_id": "1", "legs": [{"account": "a", "minor": int64(5)}]}

    async with a_pair(servers) as (database, _):
        with pytest.raises(RejectedWriteError):
            async with database.transaction() as tx:
                await tx.insert(LEDGER, [unbalanced])
