"""The other ends of an assignment: none leaves money or people hanging."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, RefusedError, World
from kpo_cli.story.documents import a_pdf

from .money import NOTHING, cash_of, money_of, sums

pytestmark = pytest.mark.real

REPORT = a_pdf("Report", 100_000)


@dataclass
class Stage:
    """A client and a team of experts whom no other test's engagements can find."""

    client: Actor
    operator: Actor
    country: str
    team: list[say.Member]

    async def submit(self, **changes: object) -> say.Engaged:
        skill: Json = {"skill": say.CLINICAL_SCIENCE, "level": 3}
        needs = {
            "required_skills": [skill],
            "jurisdictions": [self.country],
            "overlap": None,
            "choice": "auto",
        }
        return await say.submit(self.client, say.a_brief(**{**needs, **changes}))  # type: ignore[arg-type] # JSON by construction.

    async def offered(self, **changes: object) -> tuple[say.Engaged, Json]:
        """Submit and fund; the policy asks the first expert at once."""
        engaged = await self.submit(**changes)
        await say.fund(engaged, self.operator, "48000.00")
        return engaged, await say.open_offer(engaged)

    async def working(self, **changes: object) -> tuple[say.Engaged, Actor]:
        """Bring an engagement to its open work order."""
        engaged, offer = await self.offered(**changes)
        vendor = say.vendor_of(self.client.world, offer)
        await say.answer_offer(vendor, engaged, offer, "accept")
        await say.until_state(self.client, "delivery", engaged.work_order_path, "open")
        return engaged, vendor

    async def cash(self) -> object:
        return await cash_of(self.client)


@pytest.fixture
async def stage(world: World, operator: Actor, a_country: Callable[[], str]) -> Stage:
    country = a_country()
    client = await say.register_client(world, operator)
    return Stage(client, operator, country, await say.register_team(world, operator, country, 2))


async def test_cancelled_before_funding(stage: Stage) -> None:
    engaged = await stage.submit()
    await say.until_state(stage.client, "billing", engaged.escrow_path, "awaiting_funds")

    await say.cancel(engaged)

    await say.until_closed(engaged, "cancelled")
    assert await money_of(engaged) == sums("0.00", "0.00", "0.00", "0.00")


async def test_cancelled_with_a_part_payment_that_becomes_cash(stage: Stage) -> None:
    engaged = await stage.submit()
    await say.fund(engaged, stage.operator, "1000.00")

    await say.cancel(engaged)

    await say.until_closed(engaged, "cancelled")
    assert await money_of(engaged) == sums("1000.00", "0.00", "0.00", "1000.00")
    assert await stage.cash() == say.money("1000.00")


async def test_cancelled_while_an_offer_is_open(stage: Stage) -> None:
    engaged, offer = await stage.offered()

    await say.cancel(engaged)

    await say.until_closed(engaged, "cancelled")
    assert await money_of(engaged) == sums("48000.00", "0.00", "0.00", "48000.00")
    with pytest.raises(RefusedError) as refused:
        await say.answer_offer(say.vendor_of(stage.client.world, offer), engaged, offer, "accept")
    assert refused.value.status == 409


async def test_cancelled_with_one_milestone_accepted(stage: Stage) -> None:
    engaged, vendor = await stage.working()
    await say.deliver(vendor, engaged, 1, REPORT)
    await say.accept_milestone(engaged, 1)

    await say.cancel(engaged)

    await say.until_closed(engaged, "cancelled")
    assert await money_of(engaged) == sums("48000.00", "18000.00", "2000.00", "28000.00")
    assert await stage.cash() == say.money("28000.00")


async def test_cancelled_with_one_submitted_waits_for_its_review(stage: Stage) -> None:
    engaged, vendor = await stage.working()
    await say.deliver(vendor, engaged, 1, REPORT)
    await say.cancel(engaged)
    await say.until(
        stage.client,
        "delivery",
        engaged.work_order_path,
        lambda body: body["cancel_reason"] is not None,
        "the wish arrives",
    )

    await say.accept_milestone(engaged, 1)

    await say.until_closed(engaged, "cancelled")
    assert await money_of(engaged) == sums("48000.00", "18000.00", "2000.00", "28000.00")


async def test_never_funded(stage: Stage) -> None:
    engaged = await stage.submit(fund_by=say.in_days(3 / 86_400))

    await say.until_closed(engaged, "lapsed")

    await say.until_state(stage.client, "matching", engaged.match_path, "withdrawn")


async def test_overfunded_leaves_the_excess_in_cash(stage: Stage) -> None:
    engaged = await stage.submit()

    await say.fund(engaged, stage.operator, "48000.00", "250.00")

    assert await stage.cash() == say.money("250.00")
    assert await money_of(engaged) == sums("48000.00", "0.00", "0.00", "0.00")


async def test_nobody_suitable(stage: Stage) -> None:
    engaged = await stage.submit(jurisdictions=["AQ"])

    await say.until_closed(engaged, "unfilled")

    match = await stage.client.get("matching", engaged.match_path)
    shortlist = match.body["shortlist"]
    assert isinstance(shortlist, dict)
    assert shortlist["candidates"] == []
    assert shortlist["removed"], "the client learns which filter kept everybody out"


async def test_everybody_declines(stage: Stage) -> None:
    engaged, _ = await stage.offered()

    for _ in stage.team:
        offer = await say.open_offer(engaged)
        vendor = say.vendor_of(stage.client.world, offer)
        await say.answer_offer(vendor, engaged, offer, "decline", {"reason": "No time."})

    await say.until_closed(engaged, "unfilled")
    assert await stage.cash() == say.money("48000.00")


async def test_the_vendor_never_delivers(stage: Stage) -> None:
    late = [{"title": "All", "amount": say.money("48000.00"), "due_within": "PT1S"}]
    engaged, _ = await stage.working(milestones=late)

    await say.until_closed(engaged, "cancelled")

    steps = await say.until_timeline(engaged, "delivery.workorder.delivery_overdue", 1)
    assert any(step["actor"] == "clock" for step in steps)
    assert await stage.cash() == say.money("48000.00")


async def test_the_client_never_chooses(stage: Stage) -> None:
    engaged, offer = await stage.offered(choice="client", choose_within="PT1S")

    match = await stage.client.get("matching", engaged.match_path)
    assert offer["expert_id"] == say.candidates(match)[0]["expert_id"]


async def test_a_new_engagement_follows_a_cancelled_one_and_is_funded_from_cash(stage: Stage) -> None:
    first = await stage.submit()
    await say.fund(first, stage.operator, "20000.00")
    await say.cancel(first)
    await say.until_closed(first, "cancelled")
    whole = [{"title": "All", "amount": say.money("20000.00"), "due_within": "P9D"}]

    second = await stage.submit(follows=str(first.id), budget=say.money("20000.00"), milestones=whole)
    funded = await say.fund_from_cash(second)

    assert funded.body["state"] == "funded"
    assert await stage.cash() == NOTHING
