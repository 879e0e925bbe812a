"""The envelope: CloudEvents attributes in record headers, there and back."""

from datetime import timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpo_events.catalogue import MalformedEventError, peek
from kpo_events.envelope import SEQ_MAX, Envelope, topic_of, uuid7

from .factories import NOW, SUBJECT, a_clock, a_record, an_envelope, an_event, with_header

REQUIRED = (
    "ce_specversion",
    "ce_id",
    "ce_type",
    "ce_subject",
    "ce_time",
    "ce_aggregateseq",
    "ce_correlationid",
    "ce_actor",
)


def test_an_envelope_survives_its_headers() -> None:
    envelope = an_event().envelope

    assert Envelope.read(envelope.headers()) == envelope


def test_attributes_without_a_value_take_no_header() -> None:
    envelope = an_event(origin=a_clock()).envelope

    names = {name for name, _ in envelope.headers()}

    assert not names & {"ce_causationid", "ce_tenantid"}
    assert Envelope.read(envelope.headers()) == envelope


def test_headers_name_source_and_schema() -> None:
    headers = dict(an_envelope("billing.escrow.part_funded.v3").headers(minor=2))

    assert headers["ce_source"] == b"/billing/escrow"
    assert headers["ce_type"] == b"billing.escrow.part_funded.v3"
    assert headers["ce_dataschema"] == b"urn:kpo:billing.escrow.part_funded:3.2"
    assert headers["ce_specversion"] == b"1.0"
    assert headers["content-type"] == b"application/json"


def test_attribute_names_are_legal_in_cloudevents() -> None:
    names = [name for name, _ in an_event().envelope.headers() if name != "content-type"]

    attributes = [name.removeprefix("ce_") for name in names]

    assert all(name.isascii() and name.isalnum() and name.islower() for name in attributes)
    assert max(map(len, attributes)) <= 20


def test_headers_of_others_are_passed_over() -> None:
    envelope = an_envelope()
    headers = [("x-proxy", b"\xff"), *envelope.headers(), ("ce_partitionkey", b"7")]

    assert Envelope.read(headers) == envelope


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_header_is_named(name: str) -> None:
    headers = with_header(an_envelope().headers(), name, None)

    with pytest.raises(MalformedEventError, match=r"CloudEvent 1\.0|" + name):
        Envelope.read(headers)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_specversion", b"0.3"),
        ("ce_id", b"17"),
        ("ce_subject", b"intake/7"),
        ("ce_time", b"yesterday"),
        ("ce_time", b"2026-03-02T09:30:00"),
        ("ce_aggregateseq", b"0"),
        ("ce_aggregateseq", b"-1"),
        ("ce_aggregateseq", b"1.5"),
        ("ce_aggregateseq", str(SEQ_MAX + 1).encode()),
        ("ce_type", b""),
        ("ce_actor", b"\xff\xfe"),
        ("ce_actor", b"a" * 201),
        ("ce_tenantid", b"none"),
    ],
)
def test_an_unreadable_header_is_named(name: str, value: bytes) -> None:
    headers = with_header(an_envelope().headers(), name, value)

    with pytest.raises(MalformedEventError, match=r"CloudEvent 1\.0|" + name):
        Envelope.read(headers)


def test_a_time_in_another_zone_is_the_same_moment() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=9))).isoformat().encode()
    headers = with_header(an_envelope().headers(), "ce_time", elsewhere)

    assert Envelope.read(headers).time == NOW


def test_peek_reads_what_routing_needs() -> None:
    written = a_record()

    route = peek(written.headers)

    assert route == ("intake.client.registered.v1", 7, str(SUBJECT))
    assert route.subject.encode() == written.key


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_type", None),
        ("ce_subject", None),
        ("ce_aggregateseq", None),
        ("ce_aggregateseq", b"seven"),
        ("ce_aggregateseq", b"0"),
        ("ce_aggregateseq", str(SEQ_MAX + 1).encode()),
        ("ce_type", b"\xff"),
    ],
)
def test_peek_refuses_what_it_cannot_route(name: str, value: bytes | None) -> None:
    headers = with_header(an_envelope().headers(), name, value)

    with pytest.raises(MalformedEventError, match=r"ce_|header"):
        peek(headers)


@given(headers=st.lists(st.tuples(st.sampled_from([*REQUIRED, "ce_tenantid"]), st.binary(max_size=40))))
def test_any_headers_are_read_or_refused(headers: list[tuple[str, bytes]]) -> None:
    complete = [*an_envelope().headers(), *headers]

    try:
        read = Envelope.read(complete)
    except MalformedEventError:
        return

    assert Envelope.read(read.headers()).id == read.id


def test_ids_are_of_version_7_and_sort_by_their_millisecond() -> None:
    ids = [uuid7(NOW + timedelta(milliseconds=step)) for step in range(50)]

    assert {made.version for made in ids} == {7}
    assert {made.variant for made in ids} == {UUID(int=2 << 62).variant}
    assert ids == sorted(ids)
    assert ids[0].int >> 80 == round(NOW.timestamp() * 1000)


def test_ids_of_one_millisecond_differ() -> None:
    ids = {uuid7(NOW) for _ in range(1000)}

    assert len(ids) == 1000


def test_a_topic_is_service_and_aggregate() -> None:
    assert topic_of("billing.escrow.part_funded.v1") == "billing.escrow"
