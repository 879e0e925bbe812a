"""One outbox document: all that a batch announces, as final bytes, and what must go out before it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kpo_chassis.broker import Outgoing as Record
from kpo_chassis.kernel import Cause, Clock, Command, Occurrence
from kpo_chassis.packing import pack, unpack
from kpo_chassis.store import Document
from kpo_events.catalogue import EVENT_BYTES_MAX, Origin, encode, make_event
from kpo_events.payload import Payload

COPY_BYTES_MAX = 2 * EVENT_BYTES_MAX
"""The largest record that is copied whole: a copy that no broker takes would hold the outbox up for ever."""

TOLD = (
    *("topic", "partition", "offset", "seq", "parked_at", "code", "error", "reason", "attempts"),
    *("version", "trace"),
)
"""What the copy of a parked record says of it, in headers of these names with `kpo_` before them."""

Outgoing = Callable[[object], Payload]
"""A service's mapping from the facts of its domain to event payloads."""


def parked_topic(service: str) -> str:
    """Name the topic that copies of a service's parked records go to."""
    return f"{service}.parked"


def origin_of(cause: Cause, trace: str | None) -> Origin:
    """Say of a cause who acted for which tenant, and which event and chain it follows from."""
    match cause:
        case Command(caller=caller):
            return Origin(actor=f"person:{caller.person}", tenant_id=caller.tenant, traceparent=trace)
        case Occurrence(actor=actor, tenant=tenant, event_id=causation, correlation_id=correlation):
            return Origin(
                actor=actor,
                tenant_id=tenant,
                causation_id=causation,
                correlation_id=correlation,
                traceparent=trace,
            )
        case Clock():
            return Origin(actor="clock", traceparent=trace)


class Draft(NamedTuple):
    """An event whose body is final and whose number is still to be given."""

    payload: Payload
    body: bytes

    @classmethod
    def of(cls, payload: Payload) -> "Draft":
        """Encode once. Raises EventTooLargeError above the size that every consumer accepts."""
        return cls(payload, encode(payload))


@dataclass(frozen=True, slots=True)
class Parcel:
    """A committed outbox document: its records go out when none of the documents in `prev` is left."""

    id: str
    prev: frozenset[str]
    records: tuple[Record, ...]

    @classmethod
    def read(cls, document: Document) -> "Parcel":
        key, prev, events = document["_id"], document["prev"], document["events"]
        assert isinstance(key, str)
        assert isinstance(prev, list)
        assert isinstance(events, dict)
        return cls(key, frozenset(prev), tuple(unpack(events)))

    def document(self) -> Document:
        """Write it for the database; `topics` is for people who look what waits."""
        topics = sorted({record.topic for record in self.records})
        return {"_id": self.id, "prev": sorted(self.prev), "topics": topics, "events": pack(self.records)}


@dataclass(slots=True)
class Announcement:
    """The outbox document of one batch in the making."""

    id: str
    service: str
    prev: set[str] = field(default_factory=set)
    records: list[Record] = field(default_factory=list)

    def add(self, draft: Draft, subject: UUID, seq: int, origin: Origin, now: datetime) -> None:
        event = make_event(draft.payload, origin, subject=subject, seq=seq, time=now)
        headers = tuple(event.envelope.headers(draft.payload.minor))
        self.records.append(Record(event.topic, str(subject), headers, draft.body))

    def copy(self, row: Document) -> None:
        """Add a copy of a parked record for people: its own bytes, and where and why it was parked.

        Above COPY_BYTES_MAX it says only where and why; the bytes are in the log and in the parked row.
        """
        told = tuple((f"kpo_{name}", _text(row[name])) for name in TOLD if row[name] is not None)
        headers, key, value = row["headers"], str(row["key"] or row["_id"]), row["value"]
        assert isinstance(headers, list)
        assert isinstance(value, bytes)
        given = tuple((name, data) for name, data in headers)
        if len(key) + len(value) + sum(len(name) + len(data) for name, data in given) > COPY_BYTES_MAX:
            key, given, value = f"{row['topic']}/{row['partition']}/{row['offset']}", (), b""
        self.records.append(Record(parked_topic(self.service), key, given + told, value))

    def parcel(self) -> Parcel:
        return Parcel(self.id, frozenset(self.prev), tuple(self.records))


def _text(value: object) -> bytes:
    return (value.isoformat() if isinstance(value, datetime) else str(value)).encode()
