"""What a service hands to the chassis: its collections, its wiring, and its doors."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from fastapi import APIRouter

from kpo_chassis.blobs import Blobs
from kpo_chassis.documents import Documents, Entries
from kpo_chassis.kernel import Aggregate, Changes, Clock, EntryReads, Occurrence, Reads
from kpo_chassis.meters import Meters
from kpo_events.catalogue import Event
from kpo_events.payload import Payload

P = TypeVar("P", bound=Payload)

Handler = Callable[[Event[Payload], Occurrence], Awaitable[object]]
ClockHandler = Callable[[UUID, Clock], Awaitable[object]]


class Handlers:
    """The table of events that a service acts on, and of topics whose every event it records.

    A handler calls `Changes.change` exactly once, with the occurrence it was given as the cause. That
    answers None at once: the change happens later, in the place of the record.
    """

    def __init__(self) -> None:
        self._by_type: dict[type[Payload], Handler] = {}
        self._by_topic: dict[str, Handler] = {}
        self._names: set[str] = set()

    def on(self, model: type[P], handler: Callable[[Event[P], Occurrence], Awaitable[object]]) -> "Handlers":
        """Act on one event type."""

        async def handle(event: Event[Payload], occurrence: Occurrence) -> object:
            return await handler(event.narrow(model), occurrence)

        assert model not in self._by_type, f"{model.event_type} has a handler already"
        self._by_type[model] = handle
        self._names.add(model.event_type.rpartition(".v")[0])
        return self

    def on_topic(self, topic: str, handler: Handler) -> "Handlers":
        """Act on every event of a topic that has no handler of its own."""
        self._by_topic[topic] = handler
        return self

    def concerns(self, topic: str, event_type: str) -> bool:
        """Say whether a record must be decoded: a version from the future of a known type must, too."""
        return topic in self._by_topic or event_type.rpartition(".v")[0] in self._names

    def of(self, event: Event[Payload]) -> Handler | None:
        return self._by_type.get(type(event.data)) or self._by_topic.get(event.topic)

    @property
    def topics(self) -> frozenset[str]:
        from_types = {Event.topic_of(model.event_type) for model in self._by_type}
        return frozenset(from_types | set(self._by_topic))


@dataclass(frozen=True)
class Engine:
    """What the chassis gives to a service's wiring."""

    changes: Changes
    reads: Reads
    entries: EntryReads
    blobs: Blobs
    meters: Meters


@dataclass(frozen=True)
class Job:
    """Something that every worker does now and then, told the time. Several may do it at once."""

    name: str
    every: timedelta
    run: Callable[[datetime], Awaitable[object]]


@dataclass(frozen=True)
class Doors:
    """What a service's wiring gives back: its routes, its event table, its clocks, its periodic jobs."""

    router: APIRouter
    handlers: Handlers = field(default_factory=Handlers)
    clocks: Mapping[type[Aggregate], ClockHandler] = field(default_factory=dict)
    jobs: tuple[Job, ...] = ()


@dataclass(frozen=True)
class Blueprint:
    """One service, described: enough for the runner to make its api, its worker and its init job."""

    name: str
    description: str
    documents: tuple[Documents, ...]
    outgoing: Callable[[object], Payload]
    build: Callable[[Engine], Doors]
    entries: tuple[Entries, ...] = ()
