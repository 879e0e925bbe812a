"""What is counted, in one closed list: a name that is not here does not type-check."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from opentelemetry import metrics
from opentelemetry.metrics import MeterProvider

CounterName: TypeAlias = Literal[
    "kpo_clocks_fired_total",
    "kpo_conflicts_total",
    "kpo_duplicates_total",
    "kpo_gaps_total",
    "kpo_guard_stopped_total",
    "kpo_job_failures_total",
    "kpo_parked_total",
    "kpo_publish_failures_total",
    "kpo_published_total",
    "kpo_released_total",
    "kpo_stuck_clocks_total",
]
HistogramName: TypeAlias = Literal[
    "kpo_batch_changes",
    "kpo_commit_seconds",
]
GaugeName: TypeAlias = Literal[
    "kpo_consumer_lag_records",
    "kpo_consumer_paused",
    "kpo_engagements_stranded",
    "kpo_outbox_age_seconds",
    "kpo_outbox_documents",
    "kpo_parked_events",
    "kpo_tasks_overdue",
]
MetricName: TypeAlias = CounterName | HistogramName | GaugeName

COUNTERS: Mapping[CounterName, str] = {
    "kpo_clocks_fired_total": "Deadlines that ran out and were acted on, by aggregate.",
    "kpo_conflicts_total": "Transactions that met another writer and were tried again.",
    "kpo_duplicates_total": "Events that had been applied before.",
    "kpo_gaps_total": "Events that came before their predecessor and were parked.",
    "kpo_guard_stopped_total": "What a guard of the engine stopped, by guard: position, order, request_key.",
    "kpo_job_failures_total": "Periodic jobs that failed and wait for their next time, by job.",
    "kpo_parked_total": "Events parked, by code.",
    "kpo_publish_failures_total": "Publications that failed and will be tried again.",
    "kpo_published_total": "Events published.",
    "kpo_released_total": "Parked events that were replayed with success.",
    "kpo_stuck_clocks_total": "Deadlines left out of the sweep after repeated errors, by aggregate.",
}
HISTOGRAMS: Mapping[HistogramName, tuple[str, tuple[float, ...]]] = {
    "kpo_batch_changes": ("Changes in one transaction.", (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    "kpo_commit_seconds": (
        "From the begin of a transaction to its commit.",
        (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    ),
}
GAUGES: Mapping[GaugeName, str] = {
    "kpo_consumer_lag_records": "Records that wait to be consumed, by topic.",
    "kpo_consumer_paused": "1 while consumption pauses because the outbox is over its bound.",
    "kpo_engagements_stranded": "Open engagements that nobody has held for too long.",
    "kpo_outbox_age_seconds": "Age of the oldest outbox document.",
    "kpo_outbox_documents": "Outbox documents that wait to be published.",
    "kpo_parked_events": "Parked events that nobody has released or discarded.",
    "kpo_tasks_overdue": "Aggregates with a task that is past its time, by aggregate.",
}


class Meters:
    """The instruments of one process; they cost next to nothing while no metrics are exported.

    Labels have few values (a code, a topic), never ids.
    """

    def __init__(self, provider: MeterProvider | None = None) -> None:
        meter = (provider or metrics.get_meter_provider()).get_meter("kpo")
        self._counters = {
            name: meter.create_counter(name, description=told) for name, told in COUNTERS.items()
        }
        self._gauges = {name: meter.create_gauge(name, description=told) for name, told in GAUGES.items()}
        self._histograms = {
            name: meter.create_histogram(name, description=told, explicit_bucket_boundaries_advisory=bounds)
            for name, (told, bounds) in HISTOGRAMS.items()
        }

    def add(self, name: CounterName, labels: Mapping[str, str] | None = None, *, amount: int = 1) -> None:
        self._counters[name].add(amount, labels)

    def record(self, name: HistogramName, value: float, labels: Mapping[str, str] | None = None) -> None:
        self._histograms[name].record(value, labels)

    def set(self, name: GaugeName, value: float, labels: Mapping[str, str] | None = None) -> None:
        self._gauges[name].set(value, labels)
