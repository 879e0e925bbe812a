"""Golden records: what was written once is read by every later version of this library."""

import json
from pathlib import Path

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from jsonschema import Draft202012Validator
from pydantic import BaseModel, JsonValue

from kpo_events.catalogue import CATALOGUE, decode, peek, record
from kpo_events.schemas import read_schema, schema_name

from .make_samples import SAMPLES

SCHEMAS = Path(__file__).parents[1] / "schemas"
FILES = sorted(SAMPLES.glob("*.json"), key=lambda path: path.name)


class Sample(BaseModel):
    topic: str
    key: str
    headers: dict[str, str]
    value: dict[str, JsonValue]

    @property
    def header_bytes(self) -> list[tuple[str, bytes]]:
        return [(name, value.encode()) for name, value in self.headers.items()]

    @property
    def value_bytes(self) -> bytes:
        return json.dumps(self.value).encode()


def sample(path: Path) -> Sample:
    return Sample.model_validate_json(path.read_bytes())


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def golden(request: pytest.FixtureRequest) -> Sample:
    assert isinstance(request.param, Path)
    return sample(request.param)


def test_every_version_of_every_event_has_a_sample_and_a_schema() -> None:
    versions = {
        schema_name(entry.model, minor) for entry in CATALOGUE.values() for minor in range(entry.minor + 1)
    }

    assert {path.name for path in FILES} >= versions
    assert {path.name for path in SCHEMAS.glob("*.json")} >= versions


def test_every_schema_has_a_sample_and_every_sample_a_schema() -> None:
    assert {path.name for path in FILES} == {path.name for path in SCHEMAS.glob("*.json")}


def test_a_sample_is_read(golden: Sample) -> None:
    event = decode(golden.header_bytes, golden.value_bytes)

    assert (event.type, event.topic) == (golden.headers["ce_type"], golden.topic)
    assert str(event.subject) == golden.key == peek(golden.header_bytes).subject
    assert str(event.id) == golden.headers["ce_id"]


def test_a_sample_keeps_all_its_data_when_it_is_read(golden: Sample) -> None:
    event = decode(golden.header_bytes, golden.value_bytes)

    again = event.data.model_dump(mode="json")

    assert golden.value.items() <= again.items()


@pytest.mark.parametrize("event_type", CATALOGUE)
def test_a_sample_of_the_newest_version_is_written_again_in_the_same_bytes(event_type: str) -> None:
    golden = sample(SAMPLES / schema_name(CATALOGUE[event_type].model))

    written = record(decode(golden.header_bytes, golden.value_bytes))

    assert dict(written.headers) == dict(golden.header_bytes)
    assert json.loads(written.value) == golden.value
    assert (written.topic, written.key.decode()) == (golden.topic, golden.key)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_sample_is_valid_by_its_own_schema(path: Path) -> None:
    schema = read_schema(SCHEMAS / path.name)

    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
        sample(path).value
    )

    assert schema["$id"] == sample(path).headers["ce_dataschema"]


def test_the_cloudevents_library_reads_the_same_event(golden: Sample) -> None:
    event = decode(golden.header_bytes, golden.value_bytes)
    message = KafkaMessage(dict(golden.header_bytes), golden.key.encode(), golden.value_bytes)

    theirs = from_binary(message, JSONFormat())

    assert theirs.get_specversion() == "1.0"
    assert (theirs.get_id(), theirs.get_type()) == (str(event.id), event.type)
    assert theirs.get_source() == f"/{event.topic.replace('.', '/')}"
    assert theirs.get_subject() == theirs.get_extension("partitionkey") == str(event.subject)
    assert theirs.get_time() == event.time
    assert theirs.get_dataschema() == golden.headers["ce_dataschema"]
    assert theirs.get_datacontenttype() == "application/json"
    assert theirs.get_data() == golden.value


def test_the_cloudevents_library_reads_the_same_extensions(golden: Sample) -> None:
    event = decode(golden.header_bytes, golden.value_bytes)
    message = KafkaMessage(dict(golden.header_bytes), golden.key.encode(), golden.value_bytes)

    theirs = from_binary(message, JSONFormat())

    assert theirs.get_extension("aggregateseq") == str(event.seq)
    assert theirs.get_extension("correlationid") == str(event.correlation_id)
    assert theirs.get_extension("causationid") == (event.causation_id and str(event.causation_id))
    assert theirs.get_extension("tenantid") == (event.tenant_id and str(event.tenant_id))
    assert theirs.get_extension("actor") == event.actor
    assert theirs.get_extension("traceparent") == event.traceparent
