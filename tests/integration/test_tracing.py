"""One trace shows the way of a request through the services."""

import asyncio
from collections.abc import Collection

import pytest

from kpo_cli.story.assignment import Tale
from kpo_cli.story.spans import Spans
from kpo_cli.story.watch import Watch

pytestmark = pytest.mark.real

EXPORT_SECONDS_MAX = 20.0
LOOK_SECONDS = 0.2


async def reached(spans: Spans, trace_id: str, services: Collection[str]) -> set[str]:
    """Wait for spans of these services, which are handed in some seconds later; give whom it reached."""
    for _ in range(int(EXPORT_SECONDS_MAX / LOOK_SECONDS)):
        if set(services) <= spans.services(trace_id):
            break
        await asyncio.sleep(LOOK_SECONDS)
    return spans.services(trace_id)


async def test_submitting_reaches_money_and_matching_in_one_trace(tale: Tale, spans: Spans) -> None:
    services = {"intake", "billing", "matching"}

    assert services <= await reached(spans, tale.traces["submit"], services)


async def test_accepting_a_milestone_reaches_billing_and_intake(tale: Tale, spans: Spans) -> None:
    services = {"delivery", "billing", "intake"}

    assert services <= await reached(spans, tale.traces["accept milestone 1"], services)


async def test_the_clocks_acceptance_is_a_new_linked_trace_that_reaches_all(
    tale: Tale, spans: Spans, watch: Watch
) -> None:
    work_order = tale.engaged.work_order_path.rpartition("/")[2]
    accepted = await watch.until(
        lambda event: (
            event.type == "delivery.workorder.milestone_accepted.v1"
            and event.actor == "clock"
            and str(event.subject) == work_order
        ),
        seconds_max=30,
    )
    assert accepted.traceparent is not None
    trace_id = accepted.traceparent.split("-")[1]

    services = {"delivery", "billing", "intake", "matching"}
    assert services <= await reached(spans, trace_id, services)
    assert trace_id not in tale.traces.values()
    assert trace_id in spans.linked_to(accepted_after(watch, work_order))


def accepted_after(watch: Watch, work_order: str) -> str:
    """Give the trace of the last reminder: the change that set the deadline which then ran out."""
    reminders = [
        event
        for event in watch.events
        if event.type == "delivery.workorder.review_reminded.v1" and str(event.subject) == work_order
    ]
    assert reminders[-1].traceparent is not None
    return reminders[-1].traceparent.split("-")[1]
