"""One outbox document: all that a batch announces, as final bytes, and what must go out before it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Clock, Command, Occurrence
from kpo_chassis.store import Document
from kpo_events.catalogue import Origin, encode, make_event
from kpo_events.payload import Payload

Outgoing = Callable[[object], Payload]
"""A service's mapping from the facts of its domain to event payloads."""


def parked_topic(service: str) -> str:
    """Name the topic that copies of a service's parked records go to."""
    return f"{service}.parked"


def origin_of(cause: Cause, trace: str | None) -> Origin:
    """Say of a cause who acted for which tenant, and which event it follows from."""
    match cause:
        case Command(caller=caller):
            return Origin(actor=f"person:{caller.person}", tenant_id=caller.tenant, traceparent=trace)
        case Occurrence(actor=actor, tenant=tenant, event_id=event_id):
            return Origin(actor=actor, tenant_id=tenant, causation_id=event_id, traceparent=trace)
        case Clock():
            return Origin(actor="clock", traceparent=trace)


@dataclass(frozen=True, slots=True)
class Draft:
    """An event whose body is final and whose number is still to be given."""

    payload: Payload
    body: bytes

    @classmethod
    def of(cls, payload: Payload) -> "Draft":
        """Encode once. Raises EventTooLargeError above the size that every consumer accepts."""
        return cls(payload, encode(payload))


@dataclass(slots=True)
class Announcement:
    """The outbox document of one batch in the making."""

    id: str
    service: str
    prev: set[str] = field(default_factory=set)
    events: list[Document] = field(default_factory=list)

    def add(self, draft: Draft, subject: UUID, seq: int, origin: Origin, now: datetime) -> None:
        event = make_event(draft.payload, origin, subject=subject, seq=seq, time=now)
        headers = event.envelope.headers(draft.payload.minor)
        self.events.append(
            {
                "topic": event.topic,
                "key": str(subject),
                "headers": [[name, value] for name, value in headers],
                "body": draft.body,
            }
        )

    def copy(self, row: Document) -> None:
        """Add a copy of a parked record for people: its own bytes, and where and why it was parked."""
        about = ("topic", "partition", "offset", "seq", "code", "reason", "attempts", "trace")
        told = [[f"kpo_{name}", str(row[name]).encode()] for name in about if row[name] is not None]
        headers = row["headers"]
        assert isinstance(headers, list)
        self.events.append(
            {
                "topic": parked_topic(self.service),
                "key": row["key"] or str(row["_id"]),
                "headers": [*headers, *told],
                "body": row["value"],
            }
        )

    def document(self) -> Document:
        return {"_id": self.id, "prev": sorted(self.prev), "events": self.events}
