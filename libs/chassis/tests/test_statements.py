"""How many statements a batch costs: a promise that no machine's mood can change, counted on the wire."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from time import monotonic
from uuid import UUID, uuid4

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from kpo_chassis.doors import Blueprint, Doors, Engine, Handlers
from kpo_chassis.kernel import (
    Caller,
    Changes,
    Command,
    Decision,
    Occurrence,
    PersonId,
    States,
    TenantId,
    maybe,
)
from kpo_chassis.mongo import connect
from kpo_chassis.mongo.database import INSERTS_APART_MIN
from kpo_chassis.store import OUTBOX, PARKED, POSITIONS
from kpo_cli.stack.servers import Servers
from kpo_events.catalogue import Event
from kpo_events.intake import ClientRegisteredV1

from .bench import LOOK_SECONDS, SECONDS_MAX, Bench, a_bench
from .sample import POISON, Counted, Counter, blueprint, counter_of, create

pytestmark = pytest.mark.real

RECORDS = [
    "find inbox",
    "find counters",
    "update counters",
    "update inbox",
    "update positions",
    "update outbox",
    "commitTransaction",
]
"""All that a batch of records costs; with many new rows, an insert more for each collection that has them."""


class Statements(CommandListener):
    """Listens on the wire and keeps what each transaction sent, in order."""

    def __init__(self) -> None:
        self.by_transaction: defaultdict[tuple[object, int], list[str]] = defaultdict(list)
        self.outside: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        command: Mapping[str, object] = event.command
        name = event.command_name
        target = f"{name} {command[name]}" if isinstance(command[name], str) else name
        if command.get("autocommit") is False:
            session, number = command["lsid"], command["txnNumber"]
            assert isinstance(session, Mapping)
            assert isinstance(number, int)
            self.by_transaction[session["id"], number].append(target)
        else:
            self.outside.append(target)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Pass over: what was sent counts, not what came back."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Pass over, likewise."""

    def forget(self) -> None:
        self.by_transaction.clear()
        self.outside.clear()

    @property
    def transactions(self) -> list[list[str]]:
        return list(self.by_transaction.values())


def counting_only() -> Blueprint:
    """Describe the sample service without its notes: one collection of aggregates, no entries."""

    def build(engine: Engine) -> Doors:
        async def on_client(event: Event[ClientRegisteredV1], cause: Occurrence) -> None:
            counter = maybe(Counter, counter_of(event.data.client_id))

            def decide(states: States, now: datetime) -> Decision[Counter, Counted]:
                assert now is not None
                if event.data.name == POISON:
                    raise ZeroDivisionError
                return (states.get(counter) or Counter(counter.id, TenantId(event.data.client_id))).add(1)

            await engine.changes.change(cause, decide, counter)

        return replace(blueprint().build(engine), handlers=Handlers().on(ClientRegisteredV1, on_client))

    return replace(blueprint(), build=build)


@pytest.fixture
async def bench(servers: Servers) -> AsyncIterator[Bench]:
    async with a_bench(servers, counting_only()) as made:
        yield made


@pytest.fixture
def statements(bench: Bench, servers: Servers) -> Iterator[Statements]:
    listener = Statements()
    client = connect(servers.mongo_admin_url, partial(AsyncIOMotorClient, event_listeners=[listener]))
    bench.client = client
    yield listener
    client.close()


async def send_to_many(bench: Bench, clients: int, *numbers: int) -> list[UUID]:
    made = [uuid4() for _ in range(clients)]
    for client in made:
        await bench.send(client, *numbers)
    return made


async def test_a_batch_of_records_takes_seven_statements_whatever_its_size(
    bench: Bench, statements: Statements
) -> None:
    clients = await send_to_many(bench, 200, 1)
    async with bench.worker():
        await bench.until("counters", 200, seq=1)
        await bench.until(OUTBOX, 0)
    statements.forget()
    for client in clients:
        await bench.send(client, 2, 3)

    async with bench.worker():
        await bench.until("counters", 200, seq=3)
        await bench.until(OUTBOX, 0)

    assert {tuple(sent) for sent in statements.transactions} == {tuple(RECORDS)}
    assert len(statements.transactions) < 400 / 10, "records did not go in batches"


async def test_many_new_rows_are_inserted_by_a_statement_of_their_own(
    bench: Bench, statements: Statements
) -> None:
    await send_to_many(bench, 4 * INSERTS_APART_MIN, 1)

    async with bench.worker():
        await bench.until("counters", 4 * INSERTS_APART_MIN)

    apart = [
        statement.replace("update", "insert")
        if statement in ("update counters", "update inbox")
        else statement
        for statement in RECORDS
    ]
    assert apart in statements.transactions


async def test_what_was_published_is_deleted_in_groups(bench: Bench, statements: Statements) -> None:
    await send_to_many(bench, 200, 1, 2, 3)

    async with bench.worker():
        await bench.until("counters", 200, seq=3)
        await bench.until(OUTBOX, 0)

    deletes = statements.outside.count(f"delete {OUTBOX}")
    assert 1 <= deletes <= len(statements.transactions)


async def test_records_that_were_read_before_move_the_position_alone(
    bench: Bench, statements: Statements
) -> None:
    clients = await send_to_many(bench, 20, 1)
    async with bench.worker():
        await bench.until("counters", 20)
        statements.forget()
        before = await consumed(bench)

        for client in clients:
            await bench.send(client, 1)
        await consumed_up_to(bench, before + 20)

    assert {tuple(sent) for sent in statements.transactions} == {
        ("find inbox", "find counters", "update positions", "commitTransaction")
    }


async def test_parking_adds_a_look_and_an_insert(bench: Bench, statements: Statements) -> None:
    sick = uuid4()
    await bench.send(sick, 1, name=POISON)
    await bench.send(sick, 2)

    async with bench.worker():
        await bench.until(PARKED, 2)
        statements.forget()
        await bench.send(sick, 3)
        await bench.until(PARKED, 3)

    parking = next(sent for sent in statements.transactions if f"insert {PARKED}" in sent)
    assert parking == [
        "find inbox",
        "find counters",
        f"find {PARKED}",
        "update inbox",
        f"insert {PARKED}",
        "update positions",
        "update outbox",
        "commitTransaction",
    ]


async def test_commands_that_come_together_share_one_transaction(
    bench: Bench, statements: Statements
) -> None:
    caller = Caller(PersonId(uuid4()), TenantId(uuid4()), frozenset())
    async with bench.worker() as machinery:
        statements.forget()
        await asyncio.gather(
            *(create_counter(machinery.committer, caller) for _ in range(INSERTS_APART_MIN - 1))
        )

    assert statements.transactions == [
        [
            "find requests",
            "find counters",
            "update counters",
            "insert requests",
            "update outbox",
            "commitTransaction",
        ]
    ]


async def create_counter(changes: Changes, caller: Caller) -> None:
    cause = Command(caller, key=uuid4().hex, fingerprint="f")
    await create(uuid4(), caller.tenant, None, cause, changes=changes)


async def consumed(bench: Bench) -> int:
    """Add up the positions of all partitions."""
    return sum(int(str(row["next_offset"])) for row in await bench.rows(POSITIONS))


async def consumed_up_to(bench: Bench, offsets: int) -> None:
    deadline = monotonic() + SECONDS_MAX
    while await consumed(bench) < offsets:
        assert monotonic() < deadline, "the records are not consumed"
        await asyncio.sleep(LOOK_SECONDS)
