"""The first main job, from brief to paid experts, on real Kafka and real MongoDB."""

import pytest

from kpo_cli.story import checks
from kpo_cli.story import vocabulary as say
from kpo_cli.story.assignment import Tale

pytestmark = pytest.mark.real


async def test_the_engagement_ends_completed(tale: Tale) -> None:
    engagement = await tale.client.get("intake", tale.engaged.path)

    assert engagement.body["outcome"] == "completed"
    assert engagement.body["waiting_on"] is None


async def test_the_escrow_is_settled_to_the_cent(tale: Tale) -> None:
    escrow = await tale.client.get("billing", tale.engaged.escrow_path)

    told = {name: escrow.body[name] for name in ("funded", "released", "fees", "refunded", "held")}
    assert told == {
        "funded": say.money("48000.00"),
        "released": say.money("43200.00"),
        "fees": say.money("4800.00"),
        "refunded": say.money("0.00"),
        "held": say.money("0.00"),
    }


async def test_the_timeline_tells_every_step_with_actor_and_trace(tale: Tale) -> None:
    steps = await say.until_timeline(tale.engaged, "billing.payout.booked", 2)

    types = [str(step["type"]).rpartition(".v")[0] for step in steps]
    assert types[0] == "intake.engagement.submitted"
    assert types.count("intake.engagement.closed") == 1
    assert types.count("delivery.workorder.review_reminded") == 2
    assert types.count("matching.match.offered") == 3
    assert all(step["trace_id"] for step in steps)
    assert {str(step["actor"]).partition(":")[0] for step in steps} == {"person", "clock"}


async def test_nothing_waits_for_the_client_any_more(tale: Tale) -> None:
    tasks = [await tale.client.get(service, "/v1/tasks") for service in tale.client.world.urls]

    assert [say.rows(answer.body["items"]) for answer in tasks] == [[], [], [], []]


async def test_the_ledger_balances_to_zero(tale: Tale) -> None:
    check = await checks.ledger_is_zero(tale.operator)

    assert check.held, check.seen
