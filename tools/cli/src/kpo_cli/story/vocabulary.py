"""The verbs of the story: what clients, experts, vendors and finance do, a short exchange each."""

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4, uuid5

from pydantic import JsonValue

from kpo_cli.story import pages
from kpo_cli.story.actors import Actor, Answer, Json, RefusedError, World
from kpo_cli.story.patience import pauses

BANK_ACCOUNT = "NL91ABNA0417164300"
"""The operator's escrow account at its bank."""

ESCO = "http://data.europa.eu/esco/skill/"
CLINICAL_SCIENCE = f"{ESCO}ad05c2bf-3905-4e4c-bd56-6fcfdebc994c"
"""Clinical science, as ESCO names it."""

WAIT_SECONDS_MAX = 150.0
NOT_FOUND = 404


def money(amount: str, currency: str = "EUR") -> Json:
    return {"amount": amount, "currency": currency}


def seconds(number: float) -> str:
    """Write a duration as ISO 8601."""
    return f"PT{number:g}S"


def in_days(days: float) -> str:
    at = datetime.now(UTC) + timedelta(days=days)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def a_brief(**changes: JsonValue) -> Json:
    """Ask for a clinical evidence review; any field can be another."""
    brief: Json = {
        "title": "Clinical evidence review of a wearable defibrillator",
        "practice_area": "clinical_research",
        "mode": "assignment",
        "brief": "Review the clinical evidence for a class III device: search, appraise, report.",
        "required_skills": [],
        "wished_skills": [],
        "languages": [{"language": "en", "level": "B2"}, {"language": "de", "level": "B1"}],
        "jurisdictions": ["CH", "EU"],
        "overlap": {"time_zone": "Europe/Amsterdam", "hours": 4},
        "hours_per_week": 16,
        "budget": money("48000.00"),
        "milestones": [
            {"title": "Search and appraisal", "amount": money("20000.00"), "due_within": "P21D"},
            {"title": "Evidence report", "amount": money("28000.00"), "due_within": "P42D"},
        ],
        "fund_by": in_days(14),
        "choose_within": "P3D",
        "offer_valid_for": "P2D",
        "review_within": "P7D",
        "rework_within": "P7D",
    }
    return {**brief, **changes}


@dataclass(frozen=True)
class Engaged:
    """One engagement in the hands of its client; ids of what follows are derived from its own."""

    client: Actor
    id: UUID
    trace_id: str

    @property
    def match_path(self) -> str:
        return f"/v1/matches/{uuid5(self.id, 'match')}"

    @property
    def escrow_path(self) -> str:
        return f"/v1/escrows/{uuid5(self.id, 'escrow')}"

    @property
    def work_order_path(self) -> str:
        return f"/v1/work-orders/{uuid5(self.id, 'workorder')}"

    @property
    def challenge_path(self) -> str:
        return f"/v1/challenges/{self.challenge_id}"

    @property
    def challenge_id(self) -> UUID:
        return uuid5(self.id, "challenge")

    @property
    def path(self) -> str:
        return f"/v1/engagements/{self.id}"


async def refusal(asked: Awaitable[Answer]) -> RefusedError:
    """Expect a no, and give it."""
    try:
        answer = await asked
    except RefusedError as refused:
        return refused
    raise AssertionError(f"nobody refused: {answer.body}")


def rows(value: JsonValue) -> list[Json]:
    """Read a list of objects."""
    assert isinstance(value, list), f"{value!r} is no list"
    return [row for row in value if isinstance(row, dict)]


def candidates(match: Answer) -> list[Json]:
    """Give a match's shortlist, best first."""
    shortlist = match.body["shortlist"]
    assert isinstance(shortlist, dict), "only the client sees the shortlist, once there is one"
    return rows(shortlist["candidates"])


async def until(  # noqa: PLR0913 - who looks where for what, and how long.
    actor: Actor,
    service: str,
    path: str,
    is_so: Callable[[Json], bool],
    what: str,
    *,
    seconds_max: float = WAIT_SECONDS_MAX,
) -> Answer:
    """Look at a resource until it is as expected; a resource that is not there yet is waited for."""
    last: Json = {}
    pause = pauses()
    try:
        async with asyncio.timeout(seconds_max):
            while True:
                try:
                    answer = await actor.get(service, path)
                except RefusedError as error:
                    if error.status != NOT_FOUND:
                        raise
                else:
                    last = answer.body
                    if is_so(last):
                        return answer
                await asyncio.sleep(next(pause))
    except TimeoutError:
        raise AssertionError(f"{what}: not within {seconds_max:.0f} s; {path} is {last}") from None


async def until_state(actor: Actor, service: str, path: str, state: str) -> Answer:
    return await until(actor, service, path, lambda body: body["state"] == state, f"state {state}")


# Master data ----------------------------------------------------------------------------------------------


async def register_client(
    world: World, operator: Actor, name: str = "Hartslag Medical B.V.", **changes: JsonValue
) -> Actor:
    """Register an organisation and give one of its people."""
    client = world.actor("client")
    body: Json = {"client_id": str(client.tenant), "name": name, "country": "NL", "currency": "EUR"}
    await operator.post("intake", "/v1/clients", {**body, **changes})
    return client


@dataclass(frozen=True)
class Member:
    """An expert of a vendor of their own, and somebody of that vendor."""

    vendor: Actor
    expert_id: str


async def register_team(
    world: World, operator: Actor, country: str, size: int, **changes: JsonValue
) -> list[Member]:
    """Register independent experts, each a vendor of one, who may work in one country only."""
    return [await _register_member(world, operator, country, changes) for _ in range(size)]


async def _register_member(world: World, operator: Actor, country: str, changes: Json) -> Member:
    vendor = world.actor("vendor")
    organisation: Json = {
        "vendor_id": str(vendor.tenant),
        "name": f"Independent {vendor.tenant.hex[:6]}",
        "country": country,
        "currencies": ["EUR"],
    }
    await operator.post("matching", "/v1/vendors", organisation)
    answer = await vendor.post("matching", "/v1/experts", an_expert(vendor, country, **changes))
    return Member(vendor, answer.text("id"))


def an_expert(vendor: Actor, country: str, **changes: JsonValue) -> Json:
    """Describe the vendor's own person as a clinical scientist; any field can be another."""
    expert: Json = {
        "vendor_id": str(vendor.tenant),
        "person_id": str(vendor.person),
        "name": f"Expert {vendor.person.hex[:6]}",
        "country": country,
        "jurisdictions": [country],
        "time_zone": "Europe/Amsterdam",
        "weekly_hours": 40,
        "day_rate": money("900.00"),
        "practice_areas": ["clinical_research"],
        "skills": [{"skill": CLINICAL_SCIENCE, "level": 4}],
        "languages": [{"language": "en", "level": "C1"}, {"language": "de", "level": "B2"}],
    }
    return {**expert, **changes}


# The client -----------------------------------------------------------------------------------------------


async def submit(client: Actor, brief: Json) -> Engaged:
    answer = await client.post("intake", "/v1/engagements", brief)
    return Engaged(client, UUID(answer.text("id")), answer.trace_id)


async def cancel(engaged: Engaged, reason: str = "The project was stopped.") -> Answer:
    seen = await engaged.client.get("intake", engaged.path)
    return await engaged.client.post("intake", f"{engaged.path}/cancel", {"reason": reason}, seen=seen.etag)


async def choose(engaged: Engaged, expert_id: str) -> Answer:
    seen = await until_state(engaged.client, "matching", engaged.match_path, "choosing")
    path = f"{engaged.match_path}/choose"
    return await engaged.client.post("matching", path, {"expert_id": expert_id}, seen=seen.etag)


async def accept_milestone(engaged: Engaged, number: int) -> Answer:
    seen = await engaged.client.get("delivery", engaged.work_order_path)
    path = f"{engaged.work_order_path}/milestones/{number}/accept"
    return await engaged.client.post("delivery", path, seen=seen.etag)


async def return_milestone(engaged: Engaged, number: int, reason: str) -> Answer:
    seen = await engaged.client.get("delivery", engaged.work_order_path)
    path = f"{engaged.work_order_path}/milestones/{number}/return"
    return await engaged.client.post("delivery", path, {"reason": reason}, seen=seen.etag)


async def until_closed(engaged: Engaged, outcome: str) -> Answer:
    answer = await until_state(engaged.client, "intake", engaged.path, "closed")
    assert answer.body["outcome"] == outcome, f"closed as {answer.body['outcome']}, not {outcome}"
    return answer


async def until_timeline(engaged: Engaged, kind: str, count: int) -> list[Json]:
    """Wait until the timeline tells of so many events of a kind, and give all of it."""

    def is_there(body: Json) -> bool:
        return [str(row["type"]).rpartition(".v")[0] for row in rows(body["items"])].count(kind) == count

    path = f"{engaged.path}/timeline?limit=100"
    answer = await until(engaged.client, "intake", path, is_there, f"{count} times {kind}")
    return rows(answer.body["items"])


# Finance --------------------------------------------------------------------------------------------------


async def bank_line(
    operator: Actor, direction: str, amount: Json, remittance: str, *, reference: str | None = None
) -> Answer:
    """Record one line of the operator's bank statement."""
    body: Json = {
        "direction": direction,
        "account": BANK_ACCOUNT,
        "reference": reference or uuid4().hex,
        "amount": amount,
        "remittance": remittance,
        "booked_at": in_days(0),
    }
    return await operator.post("billing", "/v1/bank-lines", body)


async def fund(engaged: Engaged, operator: Actor, *amounts: str, currency: str = "EUR") -> Answer:
    """Pay the escrow by bank lines that quote its payment reference."""
    escrow = await until_state(engaged.client, "billing", engaged.escrow_path, "awaiting_funds")
    told = f"Payment {escrow.text('payment_reference')}"
    for amount in amounts:
        await bank_line(operator, "credit", money(amount, currency), told)
    return await engaged.client.get("billing", engaged.escrow_path)


async def fund_from_cash(engaged: Engaged) -> Answer:
    """Pay the escrow from what the client has at hand."""
    escrow = await until_state(engaged.client, "billing", engaged.escrow_path, "awaiting_funds")
    return await engaged.client.post("billing", f"{engaged.escrow_path}/fund-from-cash", seen=escrow.etag)


async def requested_payouts(operator: Actor, engagement: UUID, count: int) -> list[Json]:
    """Wait for the payouts of an engagement."""
    pause = pauses()
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while True:
            requested = await pages.all_items(operator, "billing", "/v1/payouts?state=requested")
            ours = [payout for payout in requested if payout["engagement_id"] == str(engagement)]
            if len(ours) == count:
                return ours
            await asyncio.sleep(next(pause))


async def pay_out(operator: Actor, payout: Json) -> None:
    """Send a payout and book it by the bank's debit."""
    path = f"/v1/payouts/{payout['id']}"
    seen = await operator.get("billing", path)
    sent = await operator.post("billing", f"{path}/send", seen=seen.etag)
    amount = sent.body["amount"]
    assert isinstance(amount, dict)
    await bank_line(operator, "debit", amount, sent.text("reference"))


# Experts and vendors --------------------------------------------------------------------------------------


async def open_offer(engaged: Engaged) -> Json:
    """Wait for an open offer of the match, as its client sees it."""
    match = await until_state(engaged.client, "matching", engaged.match_path, "offered")
    offers = match.body["offers"]
    assert isinstance(offers, list)
    offer = offers[-1]
    assert isinstance(offer, dict)
    return offer


def vendor_of(world: World, offer: Json) -> Actor:
    """Give somebody of the vendor that an offer went to."""
    return world.actor("vendor", tenant=UUID(str(offer["vendor_id"])))


async def answer_offer(
    vendor: Actor, engaged: Engaged, offer: Json, verb: str, body: Json | None = None
) -> Answer:
    path = f"{engaged.match_path}/offers/{offer['number']}/{verb}"
    return await vendor.post("matching", path, body)


def content_headers(content: bytes, media_type: str = "application/pdf") -> dict[str, str]:
    """Announce bytes by their kind and hash."""
    digest = b64encode(hashlib.sha256(content).digest()).decode()
    return {"Content-Type": media_type, "Content-Digest": f"sha-256=:{digest}:"}


async def upload(
    vendor: Actor, engaged: Engaged, content: bytes, *, media_type: str = "application/pdf"
) -> UUID:
    """Store a deliverable's bytes under a new id."""
    deliverable = uuid4()
    path = f"{engaged.work_order_path}/deliverables/{deliverable}/content"
    await vendor.put_content("delivery", path, content, content_headers(content, media_type))
    return deliverable


async def deliver(vendor: Actor, engaged: Engaged, number: int, content: bytes) -> Answer:
    """Upload a report and submit the milestone with it."""
    deliverable = await upload(vendor, engaged, content)
    path = f"{engaged.work_order_path}/milestones/{number}/submit"
    named: Json = {"deliverable_id": str(deliverable), "name": f"report-{number}.pdf"}
    return await vendor.post("delivery", path, {"deliverables": [named]})
