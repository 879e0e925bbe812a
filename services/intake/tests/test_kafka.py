"""What intake makes of all services' events: timelines, and the end of engagements."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from kpo_chassis.testing.service import memory
from kpo_events.catalogue import CATALOGUE, CONSUMERS
from kpo_events.intake import EngagementClosedV1
from kpo_intake.entrypoints.kafka import TIMELINE_TOPICS
from kpo_intake.wire import SENTENCES

from .factories import (
    BLUEPRINT,
    CHALLENGE_ID,
    CLIENT_ID,
    DAY,
    ESCROW_ID,
    HOUR,
    MATCH_ID,
    Desk,
    a_call,
    a_cancel_refused,
    a_payout,
    a_release,
    an_entry,
    an_escrow_lapsed,
    an_escrow_opened,
    an_escrow_settled,
    an_offer,
)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """Give a service where one client is registered."""
    async with memory(BLUEPRINT) as running:
        found = Desk(running)
        await found.register()
        yield found


async def timeline(desk: Desk, engagement_id: UUID, query: str = "") -> list[str]:
    answer = await desk.get(f"/v1/engagements/{engagement_id}/timeline{query}")
    return [step["type"].removesuffix(".v1") for step in answer.json()["items"]]


# Rows -----------------------------------------------------------------------------------------------------


async def test_every_event_about_an_engagement_has_its_row_and_its_sentence(desk: Desk) -> None:
    engagement_id = await desk.filed()
    await desk.service.tick(HOUR)

    await desk.service.deliver(an_escrow_opened(engagement_id), key=ESCROW_ID)

    step = (await desk.get(f"/v1/engagements/{engagement_id}/timeline")).json()["items"][-1]
    assert step["service"] == "billing"
    assert step["subject"] == str(ESCROW_ID)
    assert step["number"] == 1
    assert step["actor"].startswith("person:")
    assert step["sentence"] == "12500.00 EUR is awaited until 2026-03-09 09:00 UTC; quote KPO-1."
    assert step["waiting_on"] == {"party": "client_finance", "act_by": "2026-03-09T09:00:00.000Z"}


async def test_the_same_event_again_makes_no_second_row(desk: Desk) -> None:
    engagement_id = await desk.filed()
    await desk.service.deliver(an_escrow_opened(engagement_id), key=ESCROW_ID)

    await desk.service.deliver(an_escrow_opened(engagement_id), key=ESCROW_ID, seq=1)

    assert (await timeline(desk, engagement_id)).count("billing.escrow.opened") == 1


async def test_our_own_events_are_steps_too(desk: Desk) -> None:
    engagement_id = await desk.filed()
    await desk.cancel(engagement_id)

    assert await timeline(desk, engagement_id) == [
        "intake.engagement.submitted",
        "intake.engagement.cancellation_requested",
    ]


async def test_events_of_other_engagements_stay_in_their_own_timelines(desk: Desk) -> None:
    mine, other = await desk.filed(), await desk.filed()

    await desk.service.deliver(an_offer(other), key=MATCH_ID)

    assert "matching.match.offered" not in await timeline(desk, mine)
    assert "matching.match.offered" in await timeline(desk, other)


async def test_a_payout_of_the_clients_cash_is_in_no_timeline(desk: Desk) -> None:
    engagement_id = await desk.filed()
    await desk.service.deliver(a_payout(None), key=uuid4())

    await desk.service.deliver(a_payout(engagement_id), key=uuid4())

    assert (await timeline(desk, engagement_id)).count("billing.payout.requested") == 1


async def test_a_timeline_is_read_in_pages_by_time(desk: Desk) -> None:
    engagement_id = await desk.filed()
    await desk.service.deliver(an_offer(engagement_id), key=MATCH_ID)
    await desk.service.tick(DAY)
    await desk.service.deliver(an_escrow_opened(engagement_id), key=ESCROW_ID)
    await desk.service.deliver(a_release(engagement_id), key=ESCROW_ID)
    whole = await timeline(desk, engagement_id)

    seen, path = [], f"/v1/engagements/{engagement_id}/timeline?limit=2"
    while True:
        page = (await desk.get(path)).json()
        seen += [step["type"].removesuffix(".v1") for step in page["items"]]
        if page["next_cursor"] is None:
            break
        path = f"/v1/engagements/{engagement_id}/timeline?limit=2&cursor={page['next_cursor']}"

    assert seen == whole
    assert seen[-2:] == ["billing.escrow.opened", "billing.escrow.released"]


async def test_a_cursor_opens_no_other_timeline(desk: Desk) -> None:
    mine, other = await desk.filed(), await desk.filed()
    await desk.service.deliver(an_escrow_opened(mine), key=ESCROW_ID)
    await desk.service.deliver(an_offer(mine), key=MATCH_ID)
    cursor = (await desk.get(f"/v1/engagements/{mine}/timeline?limit=1")).json()["next_cursor"]

    answer = await desk.get(f"/v1/engagements/{other}/timeline?cursor={cursor}")

    assert answer.status_code == 400


def test_every_event_of_the_timelines_topics_has_a_sentence() -> None:
    about_engagements = {entry.model for entry in CATALOGUE.values() if entry.topic in TIMELINE_TOPICS}

    assert set(SENTENCES) == about_engagements


def test_the_timeline_reads_every_topic_that_the_catalogue_names() -> None:
    assert set(TIMELINE_TOPICS) == {topic for topic, services in CONSUMERS.items() if "intake" in services}


# The current step -----------------------------------------------------------------------------------------


async def test_the_current_step_is_the_holders_whatever_order_events_arrive_in(desk: Desk) -> None:
    engagement_id = await desk.filed()
    await desk.service.deliver(an_offer(engagement_id), key=MATCH_ID)

    await desk.service.deliver(an_escrow_opened(engagement_id), key=ESCROW_ID)

    shown = (await desk.get(f"/v1/engagements/{engagement_id}")).json()
    assert shown["current_step"]["type"] == "matching.match.offered.v1"
    assert shown["waiting_on"] == {"party": "vendor", "act_by": "2026-03-04T09:00:00.000Z"}


async def test_an_event_of_no_holder_moves_time_but_not_the_step(desk: Desk) -> None:
    engagement_id = await desk.filed()
    await desk.service.deliver(an_escrow_opened(engagement_id), key=ESCROW_ID)
    await desk.service.tick(DAY)

    await desk.service.deliver(a_release(engagement_id), key=ESCROW_ID)

    shown = (await desk.get(f"/v1/engagements/{engagement_id}")).json()
    assert shown["current_step"]["type"] == "billing.escrow.opened.v1"
    assert shown["as_of"] == "2026-03-03T09:00:00.000Z"


# Challenges -----------------------------------------------------------------------------------------------


async def test_a_refused_wish_lets_the_engagement_go_on_and_is_a_step_of_its_timeline(desk: Desk) -> None:
    engagement_id = await desk.filed(a_call())
    await desk.cancel(engagement_id)

    await desk.service.deliver(a_cancel_refused(engagement_id), key=CHALLENGE_ID)

    shown = (await desk.get(f"/v1/engagements/{engagement_id}")).json()
    assert (shown["state"], shown["cancel_reason"]) == ("submitted", None)
    assert shown["current_step"]["sentence"] == "The challenge goes on: People have submitted already."


async def test_after_a_refused_wish_the_client_may_wish_again(desk: Desk) -> None:
    engagement_id = await desk.filed(a_call())
    await desk.cancel(engagement_id)
    await desk.service.deliver(a_cancel_refused(engagement_id), key=CHALLENGE_ID)

    answer = await desk.cancel(engagement_id, etag='"3"')

    assert answer.json()["state"] == "cancelling"


async def test_entries_are_rows_and_leave_the_engagement_alone(desk: Desk) -> None:
    engagement_id = await desk.filed(a_call())

    for number in range(20):
        await desk.service.deliver(an_entry(engagement_id, number), key=UUID(int=number))

    assert (await timeline(desk, engagement_id)).count("delivery.entry.entered") == 20
    assert (await desk.get(f"/v1/engagements/{engagement_id}")).headers["ETag"] == '"1"'


# The end --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["awarded", "voided", "cancelled"])
async def test_the_settled_escrow_closes_a_challenge_with_its_outcome(desk: Desk, outcome: str) -> None:
    engagement_id = await desk.filed(a_call())

    await desk.service.deliver(an_escrow_settled(engagement_id, outcome=outcome), key=ESCROW_ID)

    shown = (await desk.get(f"/v1/engagements/{engagement_id}")).json()
    assert (shown["mode"], shown["state"], shown["outcome"]) == ("challenge", "closed", outcome)


@pytest.mark.parametrize("outcome", ["voided", "cancelled", "lapsed"])
async def test_the_lapsed_escrow_closes_a_challenge_with_its_outcome(desk: Desk, outcome: str) -> None:
    engagement_id = await desk.filed(a_call())

    await desk.service.deliver(an_escrow_lapsed(engagement_id, outcome=outcome), key=ESCROW_ID)

    shown = (await desk.get(f"/v1/engagements/{engagement_id}")).json()
    assert (shown["state"], shown["outcome"]) == ("closed", outcome)


async def test_the_settled_escrow_closes_the_engagement_and_is_a_step_of_its_timeline(desk: Desk) -> None:
    engagement_id = await desk.filed()

    await desk.service.deliver(an_escrow_settled(engagement_id, outcome="cancelled"), key=ESCROW_ID)

    shown = (await desk.get(f"/v1/engagements/{engagement_id}")).json()
    assert (shown["state"], shown["outcome"]) == ("closed", "cancelled")
    assert desk.service.announced(EngagementClosedV1)[0].data == EngagementClosedV1(
        engagement_id=engagement_id, client_id=CLIENT_ID, waiting_on=None, outcome="cancelled"
    )
    assert "billing.escrow.settled" in await timeline(desk, engagement_id)


async def test_the_lapsed_escrow_closes_the_engagement(desk: Desk) -> None:
    engagement_id = await desk.filed()

    await desk.service.deliver(an_escrow_lapsed(engagement_id), key=ESCROW_ID)

    shown = (await desk.get(f"/v1/engagements/{engagement_id}")).json()
    assert (shown["state"], shown["outcome"]) == ("closed", "lapsed")


async def test_a_closed_engagement_waits_on_nobody(desk: Desk) -> None:
    engagement_id = await desk.filed()
    await desk.service.deliver(an_escrow_settled(engagement_id), key=ESCROW_ID)

    shown = (await desk.get(f"/v1/engagements/{engagement_id}")).json()
    assert shown["current_step"]["type"] == "intake.engagement.closed.v1"
    assert shown["waiting_on"] is None
