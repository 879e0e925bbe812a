"""Which event types exist, and how their bytes are written and read, in every version still on disk."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TypeAlias

from pydantic import JsonValue, TypeAdapter, ValidationError

from kpo_events.envelope import TYPE_PATTERN, Envelope, Headers, MalformedEventError, topic_of
from kpo_events.event import Event
from kpo_events.payload import Payload, Stage
from kpo_events.schemas import schema_of, shape

EVENT_BYTES_MAX = 64 * 1024
"""The largest body; CloudEvents intermediaries forward no larger event, so big things travel by reference."""

Upcast: TypeAlias = Callable[[dict[str, JsonValue]], dict[str, JsonValue]]
"""A pure step from the data of one major version to that of the next."""

_TYPE = re.compile(TYPE_PATTERN.replace("$", r"\Z"))
_OBJECT = TypeAdapter(dict[str, JsonValue])


class EventTooLargeError(ValueError):
    """A payload whose body is above EVENT_BYTES_MAX; nothing was written."""


class UnknownTypeError(ValueError):
    """A well-formed event type that this version does not know; a consumer moves on past it."""


class UnknownMajorError(ValueError):
    """A known event in a major version that this version cannot read; a newer consumer can."""


@dataclass(frozen=True, slots=True)
class Record:
    """An event as it goes into the log: these bytes are final."""

    topic: str
    key: bytes
    headers: Headers
    value: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One event type in one major version: who announces it, and who acts on its topic."""

    model: type[Payload]
    consumers: frozenset[str]

    @property
    def type(self) -> str:
        return self.model.event_type

    @property
    def topic(self) -> str:
        return topic_of(self.type)

    @property
    def producer(self) -> str:
        return self.type.partition(".")[0]

    @property
    def minor(self) -> int:
        return self.model.minor

    @property
    def public(self) -> bool:
        return self.model.public

    @property
    def stage(self) -> Stage | None:
        return self.model.stage


@dataclass(frozen=True, slots=True)
class Topic:
    """One stream per aggregate of one type: its only producer, and the services that consume it."""

    name: str
    producer: str
    consumers: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Reader:
    """How a type on the wire becomes a payload: the model that reads it after these steps."""

    model: type[Payload]
    adapter: TypeAdapter[Payload]
    steps: tuple[Upcast, ...] = ()

    def read(self, value: bytes) -> Payload:
        if not self.steps:
            return self.adapter.validate_json(value)
        data = _OBJECT.validate_json(value)
        for step in self.steps:
            data = step(data)
        return self.adapter.validate_python(data)


class Registry:
    """All event types with their models; one major version may still be written while the next is read.

    A model that replaces an older major version says how to read it: static methods `upcast_v1_v2`,
    `upcast_v2_v3`, each a pure step from dict to dict. They run before validation.
    """

    def __init__(self, models: Iterable[type[Payload]], consumers: Mapping[str, Iterable[str]]) -> None:
        entries = [Entry(model, frozenset(consumers[topic_of(model.event_type)])) for model in models]
        self.entries: Mapping[str, Entry] = {entry.type: entry for entry in entries}
        assert len(self.entries) == len(entries), "an event type is listed twice"
        self.topics: Mapping[str, Topic] = {
            entry.topic: Topic(entry.topic, entry.producer, entry.consumers) for entry in entries
        }
        self._adapters = {entry.type: TypeAdapter[Payload](entry.model) for entry in entries}
        self._readers = self._readers_by_type()
        self._names = {name for name, _ in map(_name_and_major, self._readers)}

    @cached_property
    def ability(self) -> str:
        """Name what can be read: another name for other types, versions or demands; 16 hexadecimal digits."""
        demands = {name: shape(schema_of(reader.model)) for name, reader in self._readers.items()}
        return sha256(json.dumps(demands, sort_keys=True).encode()).hexdigest()[:16]

    def encode(self, payload: Payload) -> bytes:
        """Write a payload as JSON; EventTooLargeError above EVENT_BYTES_MAX."""
        value = self._adapters[payload.event_type].dump_json(payload)
        if len(value) > EVENT_BYTES_MAX:
            raise EventTooLargeError(
                f"{payload.event_type} takes {len(value)} bytes of {EVENT_BYTES_MAX}; shorten its texts"
            )
        return value

    def record(self, event: Event[Payload]) -> Record:
        """Write an event as the final bytes of a Kafka record; EventTooLargeError as in `encode`."""
        assert event.type == event.data.event_type, f"{event.type} cannot carry {event.data!r}"
        return Record(
            topic=event.topic,
            key=str(event.subject).encode(),
            headers=event.envelope.headers(event.data.minor),
            value=self.encode(event.data),
        )

    def model_of(self, event_type: str) -> type[Payload]:
        """Name the model that `decode` gives for a type on the wire, without reading anything.

        Raises what `decode` raises for the type.
        """
        return self._reader(event_type).model

    def decode(self, headers: Iterable[tuple[str, bytes]], value: bytes) -> Event[Payload]:
        """Read a record, in any version that was ever written.

        Raises MalformedEventError for what is unreadable or above EVENT_BYTES_MAX (whoever wrote it may not
        have used `encode`), UnknownMajorError for a version from the future,
        and UnknownTypeError for a type from the future on a topic that exists today.
        """
        envelope = Envelope.read(headers)
        reader = self._reader(envelope.type)
        if len(value) > EVENT_BYTES_MAX:
            raise MalformedEventError(f"{envelope.type} has {len(value)} bytes, above {EVENT_BYTES_MAX}")
        try:
            return Event(envelope, reader.read(value))
        except ValidationError as error:
            raise MalformedEventError(_sentence(envelope.type, error)) from error

    def _readers_by_type(self) -> dict[str, _Reader]:
        """Give each readable type its newest model; ascending order lets a newer major take over."""
        readers: dict[str, _Reader] = {}
        for event_type in sorted(self.entries, key=_name_and_major):
            name, newest = _name_and_major(event_type)
            model, adapter = self.entries[event_type].model, self._adapters[event_type]
            steps = _steps(model, newest)
            for older in range(newest - len(steps), newest + 1):
                readers[f"{name}.v{older}"] = _Reader(model, adapter, steps[len(steps) - (newest - older) :])
        return readers

    def _reader(self, event_type: str) -> _Reader:
        reader = self._readers.get(event_type)
        if reader is None:
            raise self._unreadable(event_type)
        return reader

    def _unreadable(self, event_type: str) -> ValueError:
        if not _TYPE.match(event_type):
            return MalformedEventError(f"{event_type!r} is no event type; one is intake.client.updated.v1")
        name, major = _name_and_major(event_type)
        if name in self._names:
            return UnknownMajorError(f"{name} is not known in version {major}; deploy a newer consumer")
        if topic_of(event_type) not in self.topics:
            return MalformedEventError(f"{event_type} belongs to no topic of ours")
        return UnknownTypeError(f"{event_type} is not known here")


def _name_and_major(event_type: str) -> tuple[str, int]:
    name, _, major = event_type.rpartition(".v")
    return name, int(major)


def _steps(model: type[Payload], newest: int) -> tuple[Upcast, ...]:
    """Find the unbroken chain of upcasts that ends at the model's own major version."""
    steps: list[Upcast] = []
    for older in range(newest - 1, 0, -1):
        step: Upcast | None = getattr(model, f"upcast_v{older}_v{older + 1}", None)
        if step is None:
            break
        steps.insert(0, step)
    return tuple(steps)


def _sentence(event_type: str, error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(map(str, first["loc"])) or "the body"
    return f"{event_type}: {where}: {first['msg']}"
