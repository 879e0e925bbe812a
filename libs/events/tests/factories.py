"""Events and records for the tests of this library, with readable defaults."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from kpo_events.catalogue import CATALOGUE, Event, Origin, Record, make_event, record
from kpo_events.envelope import Envelope, Headers, uuid7
from kpo_events.intake import ClientRegisteredV1
from kpo_events.payload import Payload

from .story import BODIES, CLIENT_ID, ENGAGEMENT_ID, PERSON_ID

NOW = datetime(2026, 3, 2, 9, 30, 0, 123000, tzinfo=UTC)
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SUBJECT = UUID(CLIENT_ID)
CORRELATION_ID = UUID(ENGAGEMENT_ID)
CAUSE_ID = uuid7(NOW - timedelta(seconds=1))


def a_payload(event_type: str = "intake.client.registered.v1") -> Payload:
    return CATALOGUE[event_type].model.model_validate(BODIES[event_type])


def a_client(name: str = "Kanzlei Müller & Öztürk") -> ClientRegisteredV1:
    return ClientRegisteredV1(client_id=SUBJECT, name=name, country="DE", currency="EUR")


def an_origin(
    actor: str = f"person:{PERSON_ID}",
    tenant_id: UUID | None = SUBJECT,
    causation_id: UUID | None = CAUSE_ID,
    correlation_id: UUID | None = CORRELATION_ID,
    traceparent: str | None = TRACEPARENT,
) -> Origin:
    return Origin(
        actor=actor,
        tenant_id=tenant_id,
        causation_id=causation_id,
        correlation_id=correlation_id,
        traceparent=traceparent,
    )


def an_event(
    payload: Payload | None = None,
    *,
    origin: Origin | None = None,
    subject: UUID = SUBJECT,
    seq: int = 7,
    time: datetime = NOW,
) -> Event[Payload]:
    return make_event(payload or a_client(), origin or an_origin(), subject=subject, seq=seq, time=time)


def a_clock() -> Origin:
    return Origin(actor="clock", correlation_id=CORRELATION_ID, traceparent=TRACEPARENT)


def a_record(payload: Payload | None = None) -> Record:
    return record(an_event(payload))


def an_envelope(event_type: str = "intake.client.registered.v1") -> Envelope:
    return Envelope(
        id=uuid7(NOW),
        type=event_type,
        subject=SUBJECT,
        time=NOW,
        seq=7,
        correlation_id=CORRELATION_ID,
        actor="clock",
    )


def with_header(headers: Headers, name: str, value: bytes | None) -> Headers:
    """Change one header, or take it away with None."""
    others = [(key, kept) for key, kept in headers if key != name]
    return others if value is None else [*others, (name, value)]
