"""The two modes meet: one bank line pays for an assignment, a call and another assignment, to the cent."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from kpo_cli.story import pages
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, World
from kpo_cli.story.calls import Prizes, RoundPrizes
from kpo_cli.story.crowd import all_at_once
from kpo_cli.story.documents import a_pdf
from kpo_cli.story.vocabulary import Engaged, Member

from .call_scenes import IN_TIME, a_quiet_call, enter, score_all, seat, until_round
from .money import NOTHING, cash_of, money_of, sums

pytestmark = pytest.mark.real

PRIZES = Prizes("30000.00", (RoundPrizes(2, ("20000.33", "5000.05")),), "EUR")
LEFT = "22999.62"
"""48000.00 came in; 20000.33 and 5000.05 were won."""


@dataclass(frozen=True)
class Troupe:
    """Two experts whom only these assignments find, and somebody who judges them."""

    operator: Actor
    country: str
    team: list[Member]
    judge: Actor


@dataclass(frozen=True)
class Chain:
    """Three engagements, each of which follows the one before; what was at hand after each."""

    unfilled: Engaged
    call: Engaged
    assignment: Engaged
    cash: list[object]
    winner: str
    offered_to: str


@pytest.fixture(scope="module")
async def troupe(world: World, operator: Actor, a_country: Callable[[], str]) -> Troupe:
    country = a_country()
    team = await say.register_team(world, operator, country, 2)
    (judge,) = await say.register_team(world, operator, country, 1, practice_areas=["legal"])
    return Troupe(operator, country, team, judge.vendor)


@pytest.fixture(scope="module")
async def chain(troupe: Troupe) -> Chain:
    """Tell the whole story once; tests look at what it left."""
    client = await say.register_client(troupe.operator.world, troupe.operator)
    unfilled = await nobody_wants_it(client, troupe)
    cash = [await cash_of(client)]
    call = await ask_everybody(client, troupe, unfilled)
    cash.append(await cash_of(client))
    winner = await winner_of(call)
    whole: Json = {"title": "All", "amount": say.money(LEFT), "due_within": "P9D"}
    changes: Json = {"budget": say.money(LEFT), "milestones": [whole], "preferred_expert": winner}
    assignment = await say.submit(client, a_brief(troupe, follows=str(call.id), **changes))
    await say.fund_from_cash(assignment)
    offer = await say.open_offer(assignment)
    await work(say.vendor_of(client.world, offer), assignment, offer)
    cash.append(await cash_of(client))
    return Chain(unfilled, call, assignment, cash, winner, str(offer["expert_id"]))


def a_brief(troupe: Troupe, **changes: object) -> Json:
    skill: Json = {"skill": say.CLINICAL_SCIENCE, "level": 3}
    needs: Json = {"required_skills": [skill], "jurisdictions": [troupe.country], "overlap": None}
    return say.a_brief(**{**needs, "choice": "auto", **changes})  # type: ignore[arg-type] # JSON by construction.


async def nobody_wants_it(client: Actor, troupe: Troupe) -> Engaged:
    """Fund an assignment that everybody declines."""
    engaged = await say.submit(client, a_brief(troupe))
    await say.fund(engaged, troupe.operator, "48000.00")
    for _ in troupe.team:
        offer = await say.open_offer(engaged)
        vendor = say.vendor_of(client.world, offer)
        await say.answer_offer(vendor, engaged, offer, "decline", {"reason": "No time."})
    await say.until_closed(engaged, "unfilled")
    return engaged


async def ask_everybody(client: Actor, troupe: Troupe, before: Engaged) -> Engaged:
    """Put the question to everybody instead; the same two answer it."""
    engaged = await say.submit(client, a_quiet_call(PRIZES, IN_TIME, follows=str(before.id)))
    await say.fund_from_cash(engaged)
    await seat(engaged, troupe.judge)
    await all_at_once(enter(member.vendor, engaged) for member in troupe.team)
    await until_round(engaged, 1)
    await score_all(troupe.judge, engaged)
    await say.until_closed(engaged, "awarded")
    return engaged


async def winner_of(call: Engaged) -> str:
    challenge = await call.client.get("delivery", call.challenge_path)
    (first,) = (award for award in say.rows(challenge.body["awards"]) if award["rank"] == 1)
    return str(first["expert_id"])


async def work(vendor: Actor, engaged: Engaged, offer: Json) -> None:
    await say.answer_offer(vendor, engaged, offer, "accept")
    await say.until_state(engaged.client, "delivery", engaged.work_order_path, "open")
    await say.deliver(vendor, engaged, 1, a_pdf("Report", 100_000))
    await say.accept_milestone(engaged, 1)
    await say.until_closed(engaged, "completed")


async def test_the_refund_of_an_unfilled_assignment_pays_for_the_call(chain: Chain) -> None:
    assert await money_of(chain.unfilled) == sums("48000.00", "0.00", "0.00", "48000.00")
    assert await money_of(chain.call) == sums("30000.00", "22500.34", "2500.04", "4999.62")


async def test_what_the_call_left_pays_for_the_assignment_to_its_winner(chain: Chain) -> None:
    assert chain.offered_to == chain.winner
    assert await money_of(chain.assignment) == sums(LEFT, "20699.66", "2299.96", "0.00")


def test_the_client_has_at_hand_what_no_engagement_holds(chain: Chain) -> None:
    assert chain.cash == [say.money("48000.00"), say.money(LEFT), NOTHING]


async def test_one_bank_line_is_all_that_ever_came_in(chain: Chain, troupe: Troupe) -> None:
    lines = await pages.all_items(troupe.operator, "billing", "/v1/bank-lines")

    escrows = {each.escrow_path.rpartition("/")[2] for each in (chain.unfilled, chain.call, chain.assignment)}
    places = [line["allocation"] for line in lines]
    assert [place["id"] for place in places if isinstance(place, dict) and place["id"] in escrows] == [
        chain.unfilled.escrow_path.rpartition("/")[2]
    ]


async def test_each_engagement_says_which_one_it_follows(chain: Chain) -> None:
    call = await chain.call.client.get("intake", chain.call.path)
    assignment = await chain.assignment.client.get("intake", chain.assignment.path)

    assert call.body["follows"] == str(chain.unfilled.id)
    assert assignment.body["follows"] == str(chain.call.id)
