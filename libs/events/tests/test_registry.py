"""Writing and reading: what goes in comes out, and what cannot be read is told apart."""

import json
from functools import cache
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from kpo_events.catalogue import (
    CATALOGUE,
    EVENT_BYTES_MAX,
    EventTooLargeError,
    MalformedEventError,
    UnknownMajorError,
    UnknownTypeError,
    decode,
    encode,
    model_of,
    record,
)
from kpo_events.intake import ClientRegisteredV1
from kpo_events.payload import Payload
from kpo_events.registry import Registry
from kpo_events.schemas import JsonObject, schema_of, shape

from .factories import a_client, a_payload, an_envelope, an_event
from .story import BODIES
from .strategies import bodies

EXAMPLES = 120
NEWER: JsonObject = {"zz_new": [1, {"deep": None}]}


@cache
def payloads(event_type: str) -> st.SearchStrategy[Payload]:
    model = CATALOGUE[event_type].model
    return bodies(shape(schema_of(model))).map(model.model_validate)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(payload=st.sampled_from(list(CATALOGUE)).flatmap(payloads))
def test_whatever_a_schema_allows_survives_the_wire(payload: Payload) -> None:
    event = an_event(payload)

    written = record(event)

    assert decode(written.headers, written.value) == event


@pytest.mark.parametrize("event_type", CATALOGUE)
def test_unknown_fields_are_ignored_at_every_depth(event_type: str) -> None:
    headers = an_envelope(event_type).headers()
    newer = json.dumps(with_unknown_fields(dict(BODIES[event_type]))).encode()

    event = decode(headers, newer)

    assert event.data == a_payload(event_type)


def with_unknown_fields(value: JsonValue) -> JsonValue:
    match value:
        case dict():
            return {name: with_unknown_fields(each) for name, each in value.items()} | NEWER
        case list():
            return [with_unknown_fields(each) for each in value]
        case _:
            return value


def test_a_missing_optional_field_takes_its_default() -> None:
    body = {
        key: value for key, value in BODIES["matching.expert.registered.v1"].items() if key != "relations"
    }

    event = decode(an_envelope("matching.expert.registered.v1").headers(), json.dumps(body).encode())

    assert event.data == a_payload("matching.expert.registered.v1")


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (b"", "EOF"),
        (b"{", "EOF"),
        (b"[]", "object"),
        (b"null", "object"),
        (b"\xff\xfe", "JSON"),
        (b"{}", "client_id: Field required"),
        (b'{"client_id": "7"}', "client_id"),
    ],
)
def test_an_unreadable_body_is_malformed_and_says_where(value: bytes, what: str) -> None:
    with pytest.raises(MalformedEventError, match=rf"intake\.client\.registered\.v1: .*{what}"):
        decode(an_envelope().headers(), value)


def test_a_body_above_the_largest_size_is_malformed_even_if_it_fits_its_schema() -> None:
    body = json.dumps(dict(BODIES["intake.client.registered.v1"])).encode()
    largest = body + b" " * (EVENT_BYTES_MAX - len(body))

    assert decode(an_envelope().headers(), largest).data == a_payload("intake.client.registered.v1")
    with pytest.raises(MalformedEventError, match=r"registered\.v1 has 65537 bytes, above 65536"):
        decode(an_envelope().headers(), largest + b" ")


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    value=st.binary(max_size=200) | st.recursive(st.none(), st.lists).map(lambda x: json.dumps(x).encode())
)
def test_any_bytes_are_read_or_malformed(value: bytes) -> None:
    with pytest.raises(MalformedEventError):
        decode(an_envelope().headers(), value)


def test_a_newer_major_version_is_told_apart() -> None:
    with pytest.raises(UnknownMajorError, match=r"intake\.client\.registered is not known in version 2"):
        decode(an_envelope("intake.client.registered.v2").headers(), b"{}")


def test_a_new_type_on_a_known_topic_is_told_apart() -> None:
    with pytest.raises(UnknownTypeError, match=r"intake\.client\.merged\.v1"):
        decode(an_envelope("intake.client.merged.v1").headers(), b"{}")


def test_a_type_of_no_topic_of_ours_is_malformed() -> None:
    with pytest.raises(MalformedEventError, match="no topic of ours"):
        decode(an_envelope("shop.order.placed.v1").headers(), b"{}")


@pytest.mark.parametrize(
    "event_type",
    ["", "submitted", "intake.client.registered", "intake.client.registered.v0", "Intake.a.b.v1"],
)
def test_a_type_outside_the_grammar_is_malformed(event_type: str) -> None:
    with pytest.raises(MalformedEventError, match="no event type"):
        model_of(event_type)


def test_the_model_of_a_type_is_known_without_its_body() -> None:
    assert model_of("intake.client.registered.v1") is ClientRegisteredV1


@pytest.mark.parametrize(
    ("event_type", "error"),
    [
        ("intake.client.registered.v2", UnknownMajorError),
        ("intake.client.merged.v1", UnknownTypeError),
        ("shop.order.placed.v1", MalformedEventError),
    ],
)
def test_the_model_of_a_type_is_refused_as_its_record_is(event_type: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        model_of(event_type)


class NoteTakenV1(Payload):
    """Something of any length was written down."""

    event_type: ClassVar = "test.note.taken.v1"

    text: str


class NoteTakenAgainV1(NoteTakenV1):
    """The same with one optional field more."""

    minor: ClassVar = 1

    author: str | None = None


NOTES = Registry([NoteTakenV1], {"test.note": ()})
OVERHEAD_BYTES = len(b'{"text":""}')


def test_the_largest_body_is_written_and_read() -> None:
    payload = NoteTakenV1(text="x" * (EVENT_BYTES_MAX - OVERHEAD_BYTES))

    written = NOTES.record(an_event(payload))

    assert len(written.value) == EVENT_BYTES_MAX
    assert NOTES.decode(written.headers, written.value).data == payload


def test_a_body_one_byte_larger_is_refused() -> None:
    payload = NoteTakenV1(text="x" * (EVENT_BYTES_MAX - OVERHEAD_BYTES + 1))

    with pytest.raises(EventTooLargeError, match="65537 bytes of 65536"):
        NOTES.encode(payload)


def test_size_is_counted_in_bytes_not_in_characters() -> None:
    payload = NoteTakenV1(text="é" * (EVENT_BYTES_MAX // 2))

    with pytest.raises(EventTooLargeError):
        NOTES.record(an_event(payload))


def test_text_is_written_as_utf_8() -> None:
    value = encode(a_client(name="Müller & Öztürk"))

    assert "Müller & Öztürk".encode() in value


def test_an_event_cannot_be_written_under_anothers_name() -> None:
    event = an_event(a_client())
    renamed = type(event)(an_envelope("intake.client.updated.v1"), event.data)

    with pytest.raises(AssertionError, match="cannot carry"):
        record(renamed)


def test_a_record_names_the_minor_version_of_its_data() -> None:
    registry = Registry([NoteTakenAgainV1], {"test.note": ()})

    written = registry.record(an_event(NoteTakenAgainV1(text="x")))

    assert dict(written.headers)["ce_dataschema"] == b"urn:kpo:test.note.taken:1.1"
