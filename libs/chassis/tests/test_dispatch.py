"""How records reach their handlers."""

from dataclasses import replace
from uuid import UUID, uuid4

from kpo_chassis.doors import Blueprint, Doors, Engine, Handlers
from kpo_chassis.kernel import Occurrence
from kpo_chassis.testing.service import memory
from kpo_events.catalogue import Event
from kpo_events.intake import ClientRegisteredV1

from .sample import blueprint, count_client


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
        payload = ClientRegisteredV1(client_id=client, name="Acme", country="NL", currency="EUR")
        await service.deliver(payload, key=client)
        await service.settle()

    assert calls == [client]
