"""Traces go on through events, clocks begin new ones; metrics and logs have closed forms."""

import json
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import get_args

import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from kpo_chassis.logs import REPEATED_SECONDS, JsonLines, Seldom
from kpo_chassis.meters import COUNTERS, GAUGES, HISTOGRAMS, CounterName, GaugeName, HistogramName, Meters
from kpo_chassis.telemetry import (
    current_traceparent,
    install,
    linked_span,
    process_span,
    resource,
    span_from,
)

from .door import READ, Door, a_door

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


class Spans:
    """The spans that ended, by name."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()

    def named(self, name: str) -> ReadableSpan:
        found = [span for span in self.exporter.get_finished_spans() if span.name == name]
        assert len(found) == 1, [span.name for span in self.exporter.get_finished_spans()]
        return found[0]


@pytest.fixture(scope="module")
def recorded() -> Spans:
    """Switch tracing on for this process: OpenTelemetry allows it once."""
    spans = Spans()
    processor = SimpleSpanProcessor(spans.exporter)
    install(resource("kpo-sample", "1"), processor, InMemoryMetricReader(), traced_share=1.0)
    return spans


@pytest.fixture
def spans(recorded: Spans) -> Iterator[Spans]:
    recorded.exporter.clear()
    yield recorded
    recorded.exporter.clear()


@pytest.fixture
async def door(spans: Spans) -> AsyncIterator[Door]:
    assert spans
    async with a_door() as opened:
        yield opened


def trace_of(span: ReadableSpan) -> str:
    context = span.get_span_context()
    assert context is not None
    return trace.format_trace_id(context.trace_id)


def test_without_a_collector_traces_go_on_and_nothing_is_recorded() -> None:
    program = (
        "from kpo_chassis.telemetry import current_traceparent, span_from, start_telemetry\n"
        "start_telemetry('kpo-sample', '1', endpoint=None, traced_share=1.0)\n"
        f"with span_from('{PARENT}', 'a change'): print(current_traceparent())"
    )

    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)  # noqa: S603  # Our own program.

    assert told.stdout.split("-")[1] == TRACE
    assert told.stdout.strip().endswith("-00")


def test_outside_of_any_span_there_is_no_traceparent() -> None:
    assert current_traceparent() is None


def test_an_events_trace_goes_on_while_it_is_handled(spans: Spans) -> None:
    with process_span(PARENT, "intake.engagement", "intake.engagement.submitted.v1"):
        traceparent = current_traceparent()

    span = spans.named("process intake.engagement")
    assert trace_of(span) == TRACE
    assert span.parent is not None
    assert trace.format_span_id(span.parent.span_id) == "b7ad6b7169203331"
    assert traceparent is not None
    assert traceparent.startswith(f"00-{TRACE}-")
    assert traceparent != PARENT


def test_an_event_without_a_trace_begins_one(spans: Spans) -> None:
    for traceparent in (None, "", "nonsense", "00-0-0-01"):
        with span_from(traceparent, "handle"):
            assert current_traceparent() is not None

    assert all(span.parent is None for span in spans.exporter.get_finished_spans())


def test_a_trace_that_is_not_recorded_stays_so(spans: Spans) -> None:
    with span_from(PARENT[:-2] + "00", "handle"):
        assert (current_traceparent() or "").endswith("-00")

    assert spans.exporter.get_finished_spans() == ()


def test_a_clock_begins_a_trace_that_points_to_the_one_that_set_it(spans: Spans) -> None:
    with linked_span(PARENT, "clock match"):
        pass

    span = spans.named("clock match")
    assert trace_of(span) != TRACE
    assert [trace.format_trace_id(link.context.trace_id) for link in span.links] == [TRACE]


def test_an_error_ends_the_span_as_an_error(spans: Spans) -> None:
    with pytest.raises(ZeroDivisionError), span_from(None, "handle"):
        raise ZeroDivisionError

    assert spans.named("handle").status.status_code is trace.StatusCode.ERROR


async def test_a_request_continues_its_callers_trace_under_the_routes_name(door: Door, spans: Spans) -> None:
    headers = door.writing() | {"traceparent": PARENT}

    await door.http.post("/v1/briefs", json={"title": "Cobalt"}, headers=headers)

    assert trace_of(spans.named("POST /v1/briefs")) == TRACE


async def test_a_problem_names_its_trace(door: Door, spans: Spans) -> None:
    answer = await door.http.get("/v1/briefs/0", headers=door.token(READ) | {"traceparent": PARENT})

    assert answer.json()["trace_id"] == TRACE
    assert spans.named("GET /v1/briefs/{brief_id}")


async def test_a_bug_is_recorded_on_the_span(door: Door, spans: Spans) -> None:
    door.shelf.failure = ZeroDivisionError("in the dark")

    await door.http.post("/v1/briefs", json={"title": "Cobalt"}, headers=door.writing())

    span = spans.named("POST /v1/briefs")
    assert span.status.status_code is trace.StatusCode.ERROR
    assert [event.name for event in span.events] == ["exception"]


async def test_health_leaves_no_span(door: Door, spans: Spans) -> None:
    await door.http.get("/livez")
    await door.http.get("/readyz")

    assert spans.exporter.get_finished_spans() == ()


def test_every_metric_name_is_described() -> None:
    assert set(get_args(CounterName)) == set(COUNTERS)
    assert set(get_args(HistogramName)) == set(HISTOGRAMS)
    assert set(get_args(GaugeName)) == set(GAUGES)
    assert all(name.endswith("_total") for name in COUNTERS)


def test_meters_tell_what_was_counted() -> None:
    reader = InMemoryMetricReader()
    meters = Meters(MeterProvider([reader]))

    meters.add("kpo_guard_stopped_total", {"guard": "position"}, amount=2)
    meters.record("kpo_commit_seconds", 0.02)
    meters.set("kpo_outbox_documents", 7)

    told = json.loads(reader.get_metrics_data().to_json())  # type: ignore[union-attr]  # There are data.
    metrics = {
        m["name"]: m["data"]["data_points"][0]
        for m in told["resource_metrics"][0]["scope_metrics"][0]["metrics"]
    }
    assert metrics["kpo_guard_stopped_total"]["value"] == 2
    assert metrics["kpo_guard_stopped_total"]["attributes"] == {"guard": "position"}
    assert metrics["kpo_commit_seconds"]["count"] == 1
    assert metrics["kpo_outbox_documents"]["value"] == 7


def test_a_log_line_is_one_json_object_with_its_trace(spans: Spans) -> None:
    assert spans
    record = logging.LogRecord("kpo.http", logging.INFO, __file__, 1, "request", None, None)
    record.__dict__ |= {"status": 201, "tenant": None, "route": "/v1/briefs"}

    with span_from(PARENT, "handle"):
        line = json.loads(JsonLines("kpo-sample").format(record))

    assert line["service"] == "kpo-sample"
    assert line["event"] == "request"
    assert line["status"] == 201
    assert line["trace_id"] == TRACE
    assert "tenant" not in line


def test_a_chatty_library_says_the_same_once_in_a_while() -> None:
    moments = iter((0.0, 1.0, REPEATED_SECONDS))
    seldom = Seldom(clock=lambda: next(moments))
    lost = logging.LogRecord("aiokafka", logging.WARNING, __file__, 1, "lost %s", ("node 1",), None)

    assert [seldom.filter(lost) for _ in range(3)] == [True, False, True]


def test_an_error_is_logged_in_one_line() -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        1 / 0  # noqa: B018 - it is the error that is wanted.
    info = (raised.type, raised.value, raised.tb)
    record = logging.LogRecord("kpo", logging.ERROR, __file__, 1, "request_failed", None, info)

    line = JsonLines("kpo-sample").format(record)

    assert "\n" not in line
    assert "ZeroDivisionError: division by zero" in json.loads(line)["error"]
