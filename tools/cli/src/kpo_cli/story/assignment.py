"""The first main job, told in acts: from a brief to paid experts, every step through a public door."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import JsonValue

from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, World
from kpo_cli.story.documents import a_pdf

REPORT_BYTES = 3 * 1024 * 1024
OFFER_SECONDS = 4
REVIEW_SECONDS = 4
"""Short enough for a demo; production has days."""

Narrate = Callable[[str], None]


@dataclass
class Tale:
    """What the story has made so far, for those who check it afterwards."""

    operator: Actor
    client: Actor
    engaged: say.Engaged
    traces: dict[str, str] = field(default_factory=dict)


async def tell(world: World, narrate: Narrate, **needs: JsonValue) -> Tale:
    """Tell the whole story; `needs` are fields of the brief that at least three experts can meet."""
    operator = world.actor("operator")
    client = await say.register_client(world, operator)
    tale = await _file(client, operator, narrate, needs)
    await _fund(tale, narrate)
    vendor = await _find_expert(tale, world, narrate)
    await _work(tale, vendor, narrate)
    await _pay(tale, narrate)
    await say.until_closed(tale.engaged, "completed")
    narrate("The engagement is closed: completed.")
    return tale


async def _file(client: Actor, operator: Actor, narrate: Narrate, needs: Json) -> Tale:
    narrate(
        "A Dutch medical-device maker asks for a clinical evidence review: EUR 48,000.00 in two milestones."
    )
    pace: Json = {
        "offer_valid_for": say.seconds(OFFER_SECONDS),
        "review_within": say.seconds(REVIEW_SECONDS),
    }
    brief = say.a_brief(**{**pace, **needs})
    engaged = await say.submit(client, brief)
    match = await say.until_state(client, "matching", engaged.match_path, "waiting")
    candidates = say.candidates(match)
    narrate(f"{len(candidates)} experts fit; the shortlist has its reasons, the money is still to come.")
    return Tale(operator, client, engaged, {"submit": engaged.trace_id})


async def _fund(tale: Tale, narrate: Narrate) -> None:
    escrow = await say.fund(tale.engaged, tale.operator, "30000.00", "18000.00")
    assert escrow.body["state"] == "funded", escrow.body
    narrate("Two bank lines quote the payment reference: the escrow is funded.")


async def _find_expert(tale: Tale, world: World, narrate: Narrate) -> Actor:
    engaged = tale.engaged
    match = await say.until_state(tale.client, "matching", engaged.match_path, "choosing")
    first = say.candidates(match)[0]
    await say.choose(engaged, str(first["expert_id"]))
    offer = await say.open_offer(engaged)
    refusal: Json = {"reason": "Fully booked until the summer."}
    await say.answer_offer(say.vendor_of(world, offer), engaged, offer, "decline", refusal)
    narrate("The client chooses the first; the expert declines, and the second is asked at once.")
    second = await say.open_offer(engaged)
    third = await _next_offer(tale, second)
    narrate(f"The second lets the offer expire after {OFFER_SECONDS} seconds; the third is asked.")
    vendor = say.vendor_of(world, third)
    await say.answer_offer(vendor, engaged, third, "accept")
    await say.until_state(tale.client, "delivery", engaged.work_order_path, "open")
    narrate("The third accepts: a contract, and a work order at the vendor.")
    return vendor


async def _next_offer(tale: Tale, offer: Json) -> Json:
    def has_moved_on(body: Json) -> bool:
        return body["state"] == "offered" and len(say.rows(body["offers"])) > int(str(offer["number"]))

    path = tale.engaged.match_path
    match = await say.until(tale.client, "matching", path, has_moved_on, "the next offer")
    return say.rows(match.body["offers"])[-1]


async def _work(tale: Tale, vendor: Actor, narrate: Narrate) -> None:
    engaged, report = tale.engaged, a_pdf("Clinical evidence review", REPORT_BYTES)
    await say.deliver(vendor, engaged, 1, report)
    await say.return_milestone(engaged, 1, "The search strategy lacks one database.")
    await say.deliver(vendor, engaged, 1, report + b"% with the missing database\n")
    accepted = await say.accept_milestone(engaged, 1)
    tale.traces["accept milestone 1"] = accepted.trace_id
    narrate("Milestone 1: a PDF of 3 MB, returned with a reason, delivered again, accepted.")
    submitted = await say.deliver(vendor, engaged, 2, report)
    tale.traces["submit milestone 2"] = submitted.trace_id
    await say.until_state(tale.client, "delivery", engaged.work_order_path, "completed")
    narrate(
        f"Milestone 2: nobody reviews for {REVIEW_SECONDS} seconds; two reminders, then the clock accepts."
    )


async def _pay(tale: Tale, narrate: Narrate) -> None:
    payouts = await say.requested_payouts(tale.operator, tale.engaged.id, 2)
    for payout in payouts:
        await say.pay_out(tale.operator, payout)
    escrow = await say.until_state(tale.client, "billing", tale.engaged.escrow_path, "settled")
    assert escrow.body["held"] == say.money("0.00"), escrow.body
    narrate("Two invoices, two payouts, both booked by the bank; the escrow is settled to the cent.")
