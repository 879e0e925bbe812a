"""The catalogue as a page for people, made from the same table that the services run on."""

from collections.abc import Iterable, Iterator, Mapping

from kpo_events.payload import Payload
from kpo_events.registry import EVENT_BYTES_MAX, Entry, Topic
from kpo_events.schemas import schema_name

SERVICES = ("intake", "matching", "delivery", "billing")

_INTRODUCTION = f"""\
# The events of kpo

<!-- Made by `python -m kpo_events.generate`; edit the models or page.py, not this file. -->

Services tell each other what happened through these events, and through nothing else. An event is a fact:
it is numbered, immutable, and readable for ever.

## On the wire

A Kafka record holds one [CloudEvents 1.0](https://github.com/cloudevents/spec) event in binary mode, so any
CloudEvents library reads it. The topic is named by service and aggregate, the key is the aggregate's id, the
value is JSON of at most {EVENT_BYTES_MAX // 1024} KiB, and the headers are:

| header | what it holds |
|---|---|
| `ce_id` | the event's id (UUID version 7), the same however often the record is repeated |
| `ce_type` | `<service>.<aggregate>.<what happened>.v<major>` |
| `ce_source` | `/<service>/<aggregate>` |
| `ce_subject` | the aggregate's id, as in the key |
| `ce_time` | when it happened, in UTC, to the millisecond |
| `ce_dataschema` | `urn:kpo:<name>:<major>.<minor>`, the `$id` of a file in [schemas](schemas) |
| `ce_aggregateseq` | the event's number among those of its aggregate: 1, 2, 3, without gaps |
| `ce_correlationid` | the engagement's id, or the id of whatever else began the chain |
| `ce_causationid` | the id of the event that caused this one, if one did |
| `ce_actor` | `person:<id>`, `machine:<id>` or `clock` |
| `ce_tenantid` | the tenant that the actor acted for, if any |
| `ce_traceparent` | the W3C trace context of the change |

A consumer keeps the last number per key: a number at or below it is a copy, the next is news, a higher one is
a gap. It ignores fields that it does not know, moves past types that it does not know, and keeps aside major
versions that it does not know until it is updated.

Below, *data* lists the fields of the JSON value (with a question mark where they are optional), *step* is the
step that the event moves an engagement's current step to, and *public* events may be passed on to partners.

## How an event changes

* A major version may gain optional fields, each time raising `minor`; nothing else about it ever changes.
  `python -m kpo_events.generate` refuses anything else.
* Any other change is a new model beside the old one, `...V2`, with a static method `upcast_v1_v2` that turns
  the old data into the new. Consumers get it first, then the producer writes it.
* Every version has a schema in [schemas](schemas) and a sample record in [tests/samples](tests/samples); both
  stay for as long as the project. `python -m libs.events.tests.make_samples` writes the samples that are
  missing, from [tests/story.py](tests/story.py).
* Large things travel as references (an id and a SHA-256), and bank details never travel.

## Who consumes what
"""


def page(catalogue: Mapping[str, Entry], topics: Mapping[str, Topic]) -> str:
    """Write the whole page, as Markdown."""
    lines = [_INTRODUCTION, *_flows(topics.values())]
    for topic in topics.values():
        lines += _section(topic, [entry for entry in catalogue.values() if entry.topic == topic.name])
    return "\n".join(lines) + "\n"


def _flows(topics: Iterable[Topic]) -> Iterator[str]:
    yield f"| topic | {' | '.join(SERVICES)} |"
    yield f"|---|{'---|' * len(SERVICES)}"
    for topic in topics:
        roles = " | ".join(_role(topic, service) for service in SERVICES)
        yield f"| [{topic.name}](#{topic.name.replace('.', '')}) | {roles} |"


def _role(topic: Topic, service: str) -> str:
    writes = "writes" if service == topic.producer else ""
    reads = "reads" if service in topic.consumers else ""
    return ", ".join(filter(None, (writes, reads)))


def _section(topic: Topic, entries: Iterable[Entry]) -> Iterator[str]:
    yield f"\n## {topic.name}\n"
    yield "| event | what happened | data | step | public |"
    yield "|---|---|---|---|---|"
    for entry in entries:
        cells = (_links(entry), _meaning(entry.model), _data(entry.model), _step(entry), _mark(entry))
        yield f"| {' | '.join(cells)} |"


def _links(entry: Entry) -> str:
    name, file = entry.type.removeprefix(f"{entry.topic}."), schema_name(entry.model)
    return f"[{name}](schemas/{file}) ([sample](tests/samples/{file}))"


def _meaning(model: type[Payload]) -> str:
    assert model.__doc__ is not None, f"{model.__name__} does not say what happened"
    return model.__doc__.strip().partition("\n")[0]


def _data(model: type[Payload]) -> str:
    return ", ".join(
        name if field.is_required() else f"{name}?" for name, field in model.model_fields.items()
    )


def _step(entry: Entry) -> str:
    return "" if entry.stage is None else entry.stage.name.lower()


def _mark(entry: Entry) -> str:
    return "yes" if entry.public else ""
