"""Traces and metrics: where they go, and how a trace goes on from a request to the events that follow it."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace

from opentelemetry import metrics, propagate, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, TraceIdRatioBased
from opentelemetry.trace import Link, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from kpo_chassis.meters import Meters

__all__ = [
    "Meters",
    "Telemetry",
    "current_traceparent",
    "linked_span",
    "process_span",
    "span_from",
    "start_telemetry",
]

SPANS_QUEUE_MAX = 8_192
"""Spans that wait for the collector; more are dropped, because a request never waits for telemetry."""
SPANS_BATCH_MAX = 512
SPANS_DELAY_MILLISECONDS = 1_000
METRICS_INTERVAL_MILLISECONDS = 10_000
EXPORT_SECONDS_MAX = 5
CLOSE_SECONDS_MAX = 3
"""How long a process that stops waits for a collector that does not answer."""

Attributes = Mapping[str, str | int | bool]

_INSTALLED: list[TracerProvider] = []
"""The process's own provider, once there is one: to ask the API for it costs more than most handlers."""

_W3C = TraceContextTextMapPropagator()
_TRACEPARENT = "traceparent"


@dataclass(frozen=True, slots=True)
class Telemetry:
    """The providers of a process; closed last, so that what was told on the way down still leaves.

    `hang_up` makes exporters give up at once what they are sending.
    """

    tracer_provider: TracerProvider | None = None
    meter_provider: MeterProvider | None = None
    hang_up: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Send what waits and stop; blocks for about CLOSE_SECONDS_MAX at most, so call it in a thread."""
        timer = threading.Timer(CLOSE_SECONDS_MAX, self.hang_up)
        timer.daemon = True
        timer.start()
        if self.tracer_provider:
            self.tracer_provider.shutdown()
        if self.meter_provider:
            self.meter_provider.shutdown(timeout_millis=CLOSE_SECONDS_MAX * 1_000)
        timer.cancel()


def start_telemetry(service: str, version: str, *, endpoint: str | None, traced_share: float) -> Telemetry:
    """Send traces and metrics to an OTLP/HTTP collector.

    Without an endpoint nothing is recorded or sent, but traces go on: answers, events and logs name them.
    `traced_share` (0 to 1) is the part of new traces that is recorded; a trace that comes in decides itself.
    Call it once per process.
    """
    if endpoint is None:
        tracers = TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False)
        _carry_traces(tracers)
        return Telemetry(tracers)
    spans = OTLPSpanExporter(f"{endpoint}/v1/traces", timeout=EXPORT_SECONDS_MAX)
    readings = OTLPMetricExporter(f"{endpoint}/v1/metrics", timeout=EXPORT_SECONDS_MAX)
    processor = BatchSpanProcessor(
        spans,
        max_queue_size=SPANS_QUEUE_MAX,
        schedule_delay_millis=SPANS_DELAY_MILLISECONDS,
        max_export_batch_size=SPANS_BATCH_MAX,
    )
    reader = PeriodicExportingMetricReader(readings, export_interval_millis=METRICS_INTERVAL_MILLISECONDS)
    made = install(resource(service, version), processor, reader, traced_share=traced_share)

    def hang_up() -> None:
        spans.shutdown()  # type: ignore[no-untyped-call]  # The exporter has no annotation here.
        readings.shutdown()

    return replace(made, hang_up=hang_up)


def resource(service: str, version: str) -> Resource:
    return Resource.create({"service.name": service, "service.version": version})


def install(
    told_by: Resource, processor: SpanProcessor, reader: MetricReader, *, traced_share: float
) -> Telemetry:
    """Make these the providers of the process; tests bring processors that keep everything in memory."""
    tracers = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(traced_share)), resource=told_by, shutdown_on_exit=False
    )
    tracers.add_span_processor(processor)
    meters = MeterProvider([reader], resource=told_by, shutdown_on_exit=False)
    _carry_traces(tracers)
    metrics.set_meter_provider(meters)
    return Telemetry(tracers, meters)


def _carry_traces(tracers: TracerProvider) -> None:
    trace.set_tracer_provider(tracers)
    _INSTALLED.append(tracers)
    propagate.set_global_textmap(_W3C)


def current_traceparent() -> str | None:
    """Give the running span as a W3C traceparent, to be stored with what follows from it."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    trace_id, span_id = trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id)
    return f"00-{trace_id}-{span_id}-{context.trace_flags:02x}"


def span_from(
    traceparent: str | None,
    name: str,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    attributes: Attributes | None = None,
) -> AbstractContextManager[None]:
    """Continue a stored trace: a span under the one that `traceparent` names (a new trace without one)."""
    if _is_off():
        return nullcontext()
    return _span(name, kind, _context_of(traceparent), attributes, ())


def process_span(traceparent: str | None, topic: str, event_type: str) -> AbstractContextManager[None]:
    """Continue the trace of an event while it is handled."""
    if _is_off():
        return nullcontext()
    attributes: Attributes = {
        "messaging.system": "kafka",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": topic,
        "cloudevents.event_type": event_type,
    }
    return span_from(traceparent, f"process {topic}", kind=SpanKind.CONSUMER, attributes=attributes)


def linked_span(
    traceparent: str | None, name: str, *, attributes: Attributes | None = None
) -> AbstractContextManager[None]:
    """Begin a new trace that points to the stored one: a deadline acts long after the change that set it."""
    if _is_off():
        return nullcontext()
    cause = trace.get_current_span(_context_of(traceparent)).get_span_context()
    links = (Link(cause),) if cause.is_valid else ()
    return _span(name, SpanKind.INTERNAL, Context(), attributes, links)


@contextmanager
def _span(
    name: str, kind: SpanKind, parent: Context, attributes: Attributes | None, links: tuple[Link, ...]
) -> Iterator[None]:
    tracer = trace.get_tracer("kpo")
    with tracer.start_as_current_span(name, parent, kind, attributes, links):
        yield


def _context_of(traceparent: str | None) -> Context:
    return _W3C.extract({_TRACEPARENT: traceparent}, Context()) if traceparent else Context()


def _is_off() -> bool:
    return not _INSTALLED
