"""What every event says about itself: CloudEvents 1.0 attributes, as Kafka headers in binary mode."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from os import register_at_fork
from random import Random
from typing import Annotated, NamedTuple, TypeAlias
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints, TypeAdapter, ValidationError

Headers: TypeAlias = list[tuple[str, bytes]]
"""Kafka record headers, in the form that a producer takes and a consumer gives."""

SEQ_MAX = 2**31 - 1
"""The largest number of an event in its stream: the largest CloudEvents integer."""

ATTRIBUTE_CHARS_MAX = 200
"""The longest attribute text; a type, an actor and a traceparent are all much shorter."""

TYPES_MAX = 1024
"""How many event types are remembered with their topic; names from the wire must not fill the memory."""

TYPE_PATTERN = r"^[a-z]+\.[a-z]+\.[a-z]+(_[a-z]+)*\.v[1-9][0-9]{0,3}$"
"""An event type: service, aggregate, what happened, major version."""

_SPECVERSION = b"1.0"
_CONTENT_TYPE = b"application/json"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_CHANCE = Random()  # noqa: S311 - ids have to be different, not secret; asking the system takes twice as long.
register_at_fork(after_in_child=_CHANCE.seed)


class MalformedEventError(ValueError):
    """A record that is no readable event of ours; the sentence says which part of it is wrong."""


def uuid7(at: datetime) -> UUID:
    """Make an id that sorts by the millisecond it was made in (RFC 9562, version 7)."""
    milliseconds = (at - _EPOCH) // _MILLISECOND
    chance = _CHANCE.getrandbits(74)
    version_and_chance = 0x7000 | (chance >> 62)
    variant_and_chance = (0b10 << 62) | (chance & ((1 << 62) - 1))
    return UUID(int=(milliseconds << 80) | (version_and_chance << 64) | variant_and_chance)


@lru_cache(TYPES_MAX)
def topic_of(event_type: str) -> str:
    """Name the topic of an event type: its first two parts, service and aggregate."""
    service, aggregate, _ = event_type.split(".", 2)
    return f"{service}.{aggregate}"


def schema_id(event_type: str, minor: int) -> str:
    """Name the schema of an event type in one minor version, as `dataschema` does."""
    name, _, major = event_type.rpartition(".v")
    return f"urn:kpo:{name}:{major}.{minor}"


class Route(NamedTuple):
    """Where a record belongs, read from three of its headers without a look at its body."""

    type: str
    seq: int
    subject: str


def peek(headers: Iterable[tuple[str, bytes]]) -> Route:
    """Read what routing needs: type, number in the stream, and subject (the stream's key).

    Raises MalformedEventError where one of the three is missing or unreadable.
    """
    found = dict(headers)
    try:
        number = found["ce_aggregateseq"]
        route = Route(found["ce_type"].decode(), int(number), found["ce_subject"].decode())
    except KeyError as error:
        raise MalformedEventError(f"the header {error} is missing") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise MalformedEventError(f"a header of routing is unreadable: {error}") from error
    if not 1 <= route.seq <= SEQ_MAX:
        raise MalformedEventError(f"ce_aggregateseq is {route.seq}, outside 1 to {SEQ_MAX}")
    return route


_Type = Annotated[str, StringConstraints(max_length=ATTRIBUTE_CHARS_MAX, pattern=TYPE_PATTERN)]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=ATTRIBUTE_CHARS_MAX)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The attributes of one event; each field names the header that carries it.

    `subject` is the aggregate's id and the record's key; `seq` numbers the aggregate's events 1, 2, 3;
    `actor` is `person:<id>`, `machine:<id>` or `clock`; `tenant_id` is the tenant it acted for.
    """

    id: Annotated[UUID, Field(alias="ce_id")]
    type: Annotated[_Type, Field(alias="ce_type")]
    subject: Annotated[UUID, Field(alias="ce_subject")]
    time: Annotated[AwareDatetime, Field(alias="ce_time")]
    seq: Annotated[int, Field(alias="ce_aggregateseq", ge=1, le=SEQ_MAX)]
    correlation_id: Annotated[UUID, Field(alias="ce_correlationid")]
    causation_id: Annotated[UUID | None, Field(alias="ce_causationid")] = None
    actor: Annotated[_Text, Field(alias="ce_actor")]
    tenant_id: Annotated[UUID | None, Field(alias="ce_tenantid")] = None
    traceparent: Annotated[_Text | None, Field(alias="ce_traceparent")] = None

    @classmethod
    def read(cls, headers: Iterable[tuple[str, bytes]]) -> "Envelope":
        """Read the attributes from a record's headers; headers of others are passed over.

        Raises MalformedEventError where one is missing or unreadable.
        """
        found = dict(headers)
        if found.get("ce_specversion") != _SPECVERSION:
            raise MalformedEventError("the record is no CloudEvent 1.0 in binary mode")
        try:
            return _ADAPTER.validate_python(found)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            raise MalformedEventError(f"the header {first['loc'][0]!r}: {first['msg']}") from error

    def headers(self, minor: int = 0) -> Headers:
        """Write the attributes as record headers; `minor` is the minor version of the data's schema."""
        attributes = _ADAPTER.dump_python(self, mode="json", by_alias=True, exclude_none=True)
        own = [(name, str(value).encode()) for name, value in attributes.items()]
        return _fixed_headers(self.type, minor) + own


_ADAPTER = TypeAdapter(Envelope)


@cache
def _fixed_headers(event_type: str, minor: int) -> Headers:
    """Write the headers that are the same for all events of a type."""
    service, aggregate, _ = event_type.split(".", 2)
    return [
        ("content-type", _CONTENT_TYPE),
        ("ce_specversion", _SPECVERSION),
        ("ce_source", f"/{service}/{aggregate}".encode()),
        ("ce_dataschema", schema_id(event_type, minor).encode()),
    ]
