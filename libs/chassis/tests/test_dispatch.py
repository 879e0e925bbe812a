"""How records reach their handlers."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

from kpo_chassis.doors import Blueprint, Doors, Engine, Handlers
from kpo_chassis.kernel import Decisions, Occurrence, maybe
from kpo_chassis.store import PARKED
from kpo_chassis.testing.service import memory
from kpo_events.catalogue import Event
from kpo_events.intake import ClientRegisteredV1

from .sample import Counter, blueprint, count_client, counter_of

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


def a_client(client: UUID) -> ClientRegisteredV1:
    return ClientRegisteredV1(client_id=client, name="Acme", country="NL", currency="EUR")


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


async def test_an_event_that_makes_nothing_of_what_it_names_is_done() -> None:
    client = uuid4()

    async with memory(a_blueprint_that_decides_nothing()) as service:
        await service.deliver(a_client(client), key=client)

        assert await service.database.find(PARKED, {}, limit=1) == []
        assert await service.database.count("counters", {}, limit=1) == 0


def a_blueprint_that_decides_nothing() -> Blueprint:
    def build(engine: Engine) -> Doors:
        async def on_client(event: Event[ClientRegisteredV1], cause: Occurrence) -> None:
            counter = maybe(Counter, counter_of(event.data.client_id))
            await engine.changes.change(cause, lambda _states, _now: Decisions(), counter)

        doors = blueprint().build(engine)
        return replace(doors, handlers=Handlers().on(ClientRegisteredV1, on_client))

    return replace(blueprint(), build=build)
