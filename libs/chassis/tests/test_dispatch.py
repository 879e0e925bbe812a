"""How records reach their handlers."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4
from zlib import crc32

from kpo_chassis.doors import Blueprint, Doors, Engine, Handlers
from kpo_chassis.kernel import Decisions, Occurrence, maybe
from kpo_chassis.store import PARKED
from kpo_chassis.testing.broker import PARTITIONS
from kpo_chassis.testing.service import memory
from kpo_events.catalogue import Event
from kpo_events.intake import ClientRegisteredV1

from .sample import Counter as CounterState
from .sample import blueprint, count_client, counter_of

SECONDS_MAX = 10.0
LOOK_SECONDS = 0.01


def a_recording_blueprint(calls: list[UUID]) -> Blueprint:
    def build(engine: Engine) -> Doors:
        async def on_client(event: Event[ClientRegisteredV1], cause: Occurrence) -> None:
            calls.append(event.data.client_id)
            await count_client(event, cause, changes=engine.changes)

        doors = blueprint().build(engine)
        return replace(doors, handlers=Handlers().on(ClientRegisteredV1, on_client))

    return replace(blueprint(), build=build)


async def test_a_handler_runs_once_for_an_event_that_goes_well() -> None:
    client = uuid4()
    calls: list[UUID] = []

    async with memory(a_recording_blueprint(calls)) as service:
        await service.deliver(a_client(client), key=client)
        await service.settle()

    assert calls == [client]


async def test_a_handler_that_waits_holds_up_its_partition_alone() -> None:
    slow, calls, gate = uuid4(), list[UUID](), asyncio.Event()
    other = next(key for key in iter(uuid4, None) if partition_of(key) != partition_of(slow))

    async with memory(a_blueprint_that_waits_for(slow, gate, calls)) as service:
        keys = (slow, slow, other)
        delivered = asyncio.gather(*(service.deliver(a_client(key), key=key) for key in keys))
        while not {slow, other} <= set(calls):  # noqa: ASYNC110 - a handler sends no event.
            await asyncio.sleep(LOOK_SECONDS)
        called_meanwhile = Counter(calls)
        gate.set()
        await delivered

    assert called_meanwhile == {slow: 1, other: 1}
    assert Counter(calls) == {slow: 2, other: 1}


def a_blueprint_that_waits_for(slow: UUID, gate: asyncio.Event, calls: list[UUID]) -> Blueprint:
    def build(engine: Engine) -> Doors:
        async def on_client(event: Event[ClientRegisteredV1], cause: Occurrence) -> None:
            calls.append(event.data.client_id)
            if event.data.client_id == slow:
                await gate.wait()
            await count_client(event, cause, changes=engine.changes)

        doors = blueprint().build(engine)
        return replace(doors, handlers=Handlers().on(ClientRegisteredV1, on_client))

    return replace(blueprint(), build=build)


async def test_a_handler_whose_partition_was_taken_away_meanwhile_ends() -> None:
    client, goes_on = uuid4(), asyncio.Event()
    begun: list[UUID] = []
    ended: list[UUID] = []

    async with memory(a_slow_blueprint(begun, ended, goes_on)) as service:
        delivery = asyncio.create_task(service.deliver(a_client(client), key=client))
        await until(lambda: len(begun) == 1)
        await service.broker.share_out("kpo_sample")
        await until(lambda: len(begun) == 2)
        goes_on.set()
        await delivery

        await until(lambda: len(ended) == 2)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS_MAX):
        while not is_so():  # noqa: ASYNC110 - nobody tells when it is.
            await asyncio.sleep(LOOK_SECONDS)


def a_slow_blueprint(begun: list[UUID], ended: list[UUID], goes_on: asyncio.Event) -> Blueprint:
    def build(engine: Engine) -> Doors:
        async def on_client(event: Event[ClientRegisteredV1], cause: Occurrence) -> None:
            begun.append(event.data.client_id)
            await goes_on.wait()
            await count_client(event, cause, changes=engine.changes)
            ended.append(event.data.client_id)

        doors = blueprint().build(engine)
        return replace(doors, handlers=Handlers().on(ClientRegisteredV1, on_client))

    return replace(blueprint(), build=build)


def partition_of(key: UUID) -> int:
    return crc32(str(key).encode()) % PARTITIONS


def a_client(key: UUID) -> ClientRegisteredV1:
    return ClientRegisteredV1(client_id=key, name="Acme", country="NL", currency="EUR")


async def test_an_event_that_makes_nothing_of_what_it_names_is_done() -> None:
    client = uuid4()

    async with memory(a_blueprint_that_decides_nothing()) as service:
        await service.deliver(a_client(client), key=client)

        assert await service.database.find(PARKED, {}, limit=1) == []
        assert await service.database.count("counters", {}, limit=1) == 0


def a_blueprint_that_decides_nothing() -> Blueprint:
    def build(engine: Engine) -> Doors:
        async def on_client(event: Event[ClientRegisteredV1], cause: Occurrence) -> None:
            counter = maybe(CounterState, counter_of(event.data.client_id))
            await engine.changes.change(cause, lambda _states, _now: Decisions(), counter)

        doors = blueprint().build(engine)
        return replace(doors, handlers=Handlers().on(ClientRegisteredV1, on_client))

    return replace(blueprint(), build=build)
