"""An event as a consumer holds it: the envelope and the payload, typed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeGuard, TypeVar
from uuid import UUID

from kpo_events.envelope import Envelope, topic_of
from kpo_events.payload import Payload

P = TypeVar("P", bound=Payload)
P_co = TypeVar("P_co", bound=Payload, covariant=True)


@dataclass(frozen=True, slots=True)
class Event(Generic[P_co]):
    """One event, read or about to be written; `data` is its payload."""

    envelope: Envelope
    data: P_co

    @staticmethod
    def topic_of(event_type: str) -> str:
        """Name the topic that an event type is written to."""
        return topic_of(event_type)

    def narrow(self, model: type[P]) -> "Event[P]":
        """Look at the same event as one of a known type; anything else is a programmer's error."""
        assert _carries(self, model), f"{self.type} carries {self.data!r}, not {model.__name__}"
        return self

    @property
    def id(self) -> UUID:
        return self.envelope.id

    @property
    def type(self) -> str:
        return self.envelope.type

    @property
    def topic(self) -> str:
        return topic_of(self.envelope.type)

    @property
    def subject(self) -> UUID:
        """The aggregate's id, which is the record's key."""
        return self.envelope.subject

    @property
    def seq(self) -> int:
        """The number of the event in its aggregate's stream: 1, 2, 3."""
        return self.envelope.seq

    @property
    def time(self) -> datetime:
        return self.envelope.time

    @property
    def actor(self) -> str:
        """Who did it: `person:<id>`, `machine:<id>` or `clock`."""
        return self.envelope.actor

    @property
    def tenant_id(self) -> UUID | None:
        """The tenant that the actor acted for; none for a clock."""
        return self.envelope.tenant_id

    @property
    def correlation_id(self) -> UUID:
        return self.envelope.correlation_id

    @property
    def causation_id(self) -> UUID | None:
        """The id of the event that caused this one; none where a command or a clock did."""
        return self.envelope.causation_id

    @property
    def traceparent(self) -> str | None:
        return self.envelope.traceparent


def _carries(event: Event[Payload], model: "type[P]") -> TypeGuard[Event[P]]:
    return isinstance(event.data, model)
