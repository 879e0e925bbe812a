"""What an onlooker has seen: all that the log held when it was told to look to the end."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from kpo_chassis.testing.broker import MemoryBroker
from kpo_cli.story.watch import Watch
from kpo_events.catalogue import Event, Origin, make_event, record
from kpo_events.intake import ClientRegisteredV1
from kpo_events.payload import Payload


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker()


@pytest.fixture
async def watch(broker: MemoryBroker) -> AsyncIterator[Watch]:
    """Look on from before the first event."""
    watch = Watch(broker.consumer("onlookers"), None)
    await watch.begin()
    looking = asyncio.create_task(watch.run())
    yield watch
    looking.cancel()
    await asyncio.wait([looking])


def announce(broker: MemoryBroker) -> UUID:
    client = uuid4()
    payload = ClientRegisteredV1(client_id=client, name="Acme", country="NL", currency="EUR")
    origin = Origin(actor="clock", correlation_id=uuid4())
    made = record(make_event(payload, origin, subject=client, seq=1, time=datetime.now(UTC)))
    broker.append(made.topic, str(client), tuple(made.headers), made.value)
    return client


async def test_who_looks_to_the_end_has_seen_all_that_was_announced(
    broker: MemoryBroker, watch: Watch
) -> None:
    announced = {announce(broker) for _ in range(20)}

    await watch.to_the_end()

    assert {event.subject for event in watch.events} == announced


async def test_who_comes_late_sees_all_from_the_beginning(broker: MemoryBroker) -> None:
    announced = {announce(broker) for _ in range(20)}
    late = Watch(broker.consumer("latecomers"), None)
    looking = asyncio.create_task(late.run())
    ending = asyncio.create_task(late.to_the_end())
    await asyncio.sleep(0)

    await late.begin()
    await ending

    assert {event.subject for event in late.events} == announced
    looking.cancel()
    await asyncio.wait([looking])


async def test_what_nobody_can_read_is_looked_past(broker: MemoryBroker, watch: Watch) -> None:
    announced = announce(broker)
    broker.append("intake.client", None, (), b"?")
    broker.append("intake.client", str(announced), (), b"?")

    await watch.to_the_end()

    assert [event.subject for event in watch.events] == [announced]


async def test_what_ended_the_reading_is_told_to_who_waits(broker: MemoryBroker) -> None:
    def stumble(event: Event[Payload]) -> None:
        raise ZeroDivisionError(event.type)

    watch = Watch(broker.consumer("onlookers"), stumble)
    await watch.begin()
    looking = asyncio.create_task(watch.run())
    announce(broker)

    with pytest.raises(ZeroDivisionError):
        await watch.to_the_end()

    with pytest.raises(ZeroDivisionError):
        await looking


async def test_an_event_to_come_is_waited_for(broker: MemoryBroker, watch: Watch) -> None:
    early = announce(broker)
    waiting = asyncio.create_task(watch.until(lambda event: event.subject != early, seconds_max=10))
    await watch.to_the_end()
    later = announce(broker)

    assert (await waiting).subject == later


async def test_an_empty_log_has_been_seen_at_once(watch: Watch) -> None:
    await watch.to_the_end()

    assert watch.events == []
