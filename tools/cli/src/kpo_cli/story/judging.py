"""How an open call ends: the panel scores blind, round after round, and the winners are paid."""

from typing import Final
from uuid import UUID

from kpo_cli.story import calls
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, World
from kpo_cli.story.assignment import Narrate
from kpo_cli.story.crowd import all_at_once
from kpo_cli.story.vocabulary import Engaged

SHOWN: Final = 3
"""How many of the winners are named."""


# The panel ------------------------------------------------------------------------------------------------


async def judge(engaged: Engaged, world: World, narrate: Narrate, *, rounds: int) -> None:
    """Let the panel judge round after round, until the call has its winners."""
    for number in range(1, rounds + 1):
        given = await _judge_round(engaged, world, number)
        narrate(f"Round {number}: the panel gives {given:,} scorecards, and the last one ranks them all.")
    awarded = await say.until_state(engaged.client, "delivery", engaged.challenge_path, "awarded")
    awards = say.rows(awarded.body["awards"])
    best = sorted(awards, key=lambda award: (-int(str(award["round"])), int(str(award["rank"]))))[:SHOWN]
    named = "\n".join(f"   {award['rank']}. {award['code']}: {_net(award)} net" for award in best)
    narrate(f"The call has its winners: {len(awards)} prizes. The finalists:\n{named}")


async def _judge_round(engaged: Engaged, world: World, number: int) -> int:
    """Let every judge score what is assigned to their seat; give the number of scorecards."""

    def has_begun(body: Json) -> bool:
        return body["state"] == "judging" and body["current_round"] == number

    what = f"round {number} to begin"
    challenge = await say.until(engaged.client, "delivery", engaged.challenge_path, has_begun, what)
    panel = [judge_of(world, each) for each in calls.seated(challenge.body)]
    links = await all_at_once(calls.assigned(each, engaged) for each in panel)
    cards = [(each, link) for each, assigned in zip(panel, links, strict=True) for link in assigned]
    await all_at_once(calls.score(each, link) for each, link in cards)
    return len(cards)


def judge_of(world: World, seated: Json) -> Actor:
    tenant, person = UUID(str(seated["vendor_id"])), UUID(str(seated["person_id"]))
    return world.actor("vendor", tenant=tenant, person=person)


def _net(award: Json) -> str:
    prize = award["prize"]
    assert isinstance(prize, dict)
    net = prize["net"]
    assert isinstance(net, dict), "the fee is known since the purse was opened"
    return f"{net['currency']} {net['amount']}"


# Money ----------------------------------------------------------------------------------------------------


async def pay(engaged: Engaged, operator: Actor, narrate: Narrate, *, prizes: int) -> None:
    """Send every winner's money and book it; what the prizes left of the purse goes back to the company."""
    escrow = await say.until_state(engaged.client, "billing", engaged.escrow_path, "settled")
    payouts = await say.requested_payouts(operator, engaged.id, prizes)
    await all_at_once(say.pay_out(operator, payout) for payout in payouts)
    narrate(f"{len(payouts)} payouts, one for each prize, are sent and booked by the bank.")
    returned = escrow.body["refunded"]
    assert isinstance(returned, dict)
    if returned["amount"] == "0.00":
        return
    back = await engaged.client.post("billing", "/v1/payouts", {"amount": returned})
    await say.pay_out(operator, back.body)
    narrate(f"{returned['currency']} {returned['amount']} were left of the purse; the company has them back.")
