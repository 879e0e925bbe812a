"""Nobody learns anything of other tenants: every route with an id answers as if the id were made up."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from uuid import uuid4

import pytest

from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, World
from kpo_cli.story.documents import a_pdf

from .operations import SERVICES, VERSIONS, operations
from .strangers import PUBLIC, about_calls, expected_status, lists, made_up, told, with_every_scope, with_ids
from .test_ends import Stage

pytestmark = pytest.mark.real

REPORT = a_pdf("Report", 10_000)


@dataclass(frozen=True)
class Scene:
    """What one client and one vendor have together, by the names that paths give to ids."""

    engaged: say.Engaged
    vendor: Actor
    declined: Actor
    ids: Mapping[str, str]

    @property
    def private_ids(self) -> frozenset[str]:
        return frozenset(value for name, value in self.ids.items() if name != "number")


@pytest.fixture(scope="module")
async def stage(world: World, operator: Actor, a_country: Callable[[], str]) -> Stage:
    country = a_country()
    client = await say.register_client(world, operator)
    return Stage(client, operator, country, await say.register_team(world, operator, country, 2))


@pytest.fixture(scope="module")
async def scene(stage: Stage) -> Scene:
    """Bring an engagement so far that there is something of every kind: asked twice, paid once, submitted."""
    engaged, first = await stage.offered()
    declined = say.vendor_of(stage.client.world, first)
    await say.answer_offer(declined, engaged, first, "decline", {"reason": "No time."})
    second = await say.open_offer(engaged)
    vendor = say.vendor_of(stage.client.world, second)
    await say.answer_offer(vendor, engaged, second, "accept")
    await say.until_state(stage.client, "delivery", engaged.work_order_path, "open")
    await say.deliver(vendor, engaged, 1, REPORT)
    await say.accept_milestone(engaged, 1)
    submitted = await say.deliver(vendor, engaged, 2, REPORT)
    ids = await _ids(stage, engaged, second, submitted.body)
    return Scene(engaged, vendor, declined, ids)


async def _ids(stage: Stage, engaged: say.Engaged, offer: Json, order: Json) -> dict[str, str]:
    """Name everything that the engagement has made."""
    line = await say.bank_line(stage.operator, "credit", say.money("5.00"), "no reference")
    (payout,) = await of_engagement(stage.operator, "/v1/payouts", engaged, 1)
    invoice, _ = await of_engagement(stage.operator, "/v1/invoices", engaged, 2)
    (submission,) = say.rows(say.rows(order["milestones"])[1]["submissions"])
    (deliverable,) = say.rows(submission["deliverables"])
    return {
        "client_id": str(stage.client.tenant),
        "engagement_id": str(engaged.id),
        "vendor_id": str(offer["vendor_id"]),
        "expert_id": str(offer["expert_id"]),
        "match_id": engaged.match_path.rpartition("/")[2],
        "number": "2",
        "work_order_id": engaged.work_order_path.rpartition("/")[2],
        "deliverable_id": str(deliverable["deliverable_id"]),
        "escrow_id": engaged.escrow_path.rpartition("/")[2],
        "bank_line_id": line.text("id"),
        "payout_id": str(payout["id"]),
        "invoice_id": str(invoice["id"]),
    }


async def of_engagement(operator: Actor, path: str, engaged: say.Engaged, count: int) -> list[Json]:
    """Wait until a list of billing's has so many items of the engagement, and give them."""

    def ours(page: Json) -> list[Json]:
        return [row for row in say.rows(page["items"]) if row["engagement_id"] == str(engaged.id)]

    page = await say.until(
        operator, "billing", f"{path}?limit=200", lambda page: len(ours(page)) == count, f"{count} at {path}"
    )
    return ours(page.body)


# Ids in paths ---------------------------------------------------------------------------------------------


async def test_the_ids_of_the_scene_are_those_that_the_routes_ask_for(
    world: World, operator: Actor, scene: Scene
) -> None:
    found = [each for each in with_ids(await operations(world)) if not about_calls(each)]
    reads = [each for each in found if each.method == "GET"]

    answers = {each.name: (await each.ask(operator, scene.ids, VERSIONS[0])).status_code for each in reads}

    assert len(answers) >= 12
    assert {name: status for name, status in answers.items() if status != 200} == {}


async def test_a_strangers_request_is_answered_as_if_the_id_were_made_up(
    world: World, scene: Scene, strangers: list[Actor]
) -> None:
    found = [each for each in with_ids(await operations(world)) if not about_calls(each)]
    nobodys = made_up(scene.ids)
    revealing: list[str] = []
    for operation, stranger, version in product(found, strangers, VERSIONS):
        real = told(await operation.ask(stranger, scene.ids, version), scene.ids)
        imagined = told(await operation.ask(stranger, nobodys, version), nobodys)
        if real != imagined or real[0] != expected_status(stranger, operation):
            revealing.append(f"{operation.name} with {version}: {real}, made up: {imagined}")

    assert len(found) >= 28
    assert revealing == []


async def test_the_operators_door_at_the_workers_is_closed_to_strangers(
    workers: Actor, strangers: list[Actor]
) -> None:
    path = "/v1/operations/parked/intake.engagement/0/1/wish"
    wish: Json = {"wish": "skip", "reason": "curious"}

    for stranger, service in product(strangers, SERVICES):
        outsider = Actor(workers.world, stranger.identity, stranger.token)
        refusals = [
            await say.refusal(outsider.get(service, "/v1/operations/status")),
            await say.refusal(outsider.get(service, "/v1/operations/parked")),
            await say.refusal(outsider.ask("PUT", service, path, json=wish)),
        ]
        assert {refused.status for refused in refusals} == {403}


async def test_the_key_of_somebody_elses_request_replays_nothing(
    stage: Stage, strangers: list[Actor]
) -> None:
    key, brief = uuid4().hex, say.a_brief()
    ours = await stage.client.post("intake", "/v1/engagements", brief, key=key)

    theirs = await strangers[0].post("intake", "/v1/engagements", brief, key=key)

    assert theirs.body["id"] != ours.body["id"]
    assert theirs.body["client_id"] == str(strangers[0].tenant)


# Ids in bodies --------------------------------------------------------------------------------------------


async def test_an_engagement_of_another_client_cannot_be_followed(
    scene: Scene, strangers: list[Actor]
) -> None:
    client, invented = strangers[0], uuid4()

    real = await say.refusal(
        client.post("intake", "/v1/engagements", say.a_brief(follows=str(scene.engaged.id)))
    )

    imagined = await say.refusal(client.post("intake", "/v1/engagements", say.a_brief(follows=str(invented))))
    assert (real.status, real.problem["code"]) == (422, "follows_unknown")
    assert (imagined.status, imagined.problem["code"]) == (422, "follows_unknown")


async def test_any_expert_can_be_preferred_and_nothing_is_said_of_them(
    world: World, operator: Actor, scene: Scene
) -> None:
    client = await say.register_client(world, operator)
    experts = (scene.ids["expert_id"], str(uuid4()))

    answers = [
        await client.post("intake", "/v1/engagements", say.a_brief(preferred_expert=expert))
        for expert in experts
    ]

    assert [answer.body["state"] for answer in answers] == ["submitted", "submitted"]


async def test_an_expert_cannot_be_offered_for_another_vendor(scene: Scene, strangers: list[Actor]) -> None:
    vendor = strangers[1]
    expert = say.an_expert(vendor, "AQ", vendor_id=scene.ids["vendor_id"], person_id=str(uuid4()))

    refused = await say.refusal(vendor.post("matching", "/v1/experts", expert))

    assert (refused.status, refused.problem["code"]) == (404, "not_found")


async def test_bank_lines_are_not_the_clients_to_allocate(scene: Scene, strangers: list[Actor]) -> None:
    path = f"/v1/bank-lines/{scene.ids['bank_line_id']}/allocate"
    target: Json = {"to": "escrow", "id": scene.ids["escrow_id"]}

    for stranger in (*strangers, scene.engaged.client):
        refused = await say.refusal(stranger.post("billing", path, target, seen='"1"'))
        assert (refused.status, refused.problem["code"]) == (403, "scope_missing")


async def test_the_deliverable_of_another_work_order_cannot_be_used(
    world: World, operator: Actor, a_country: Callable[[], str], scene: Scene
) -> None:
    country = a_country()
    client = await say.register_client(world, operator)
    other = Stage(client, operator, country, await say.register_team(world, operator, country, 1))
    engaged, vendor = await other.working()
    foreign = scene.ids["deliverable_id"]
    submission: Json = {"deliverables": [{"deliverable_id": foreign, "name": "report.pdf"}]}

    named = await say.refusal(
        vendor.post("delivery", f"{engaged.work_order_path}/milestones/1/submit", submission)
    )
    read = await say.refusal(
        vendor.get("delivery", f"{engaged.work_order_path}/deliverables/{foreign}/content")
    )

    assert (named.status, named.problem["code"]) == (422, "bytes_missing")
    assert (read.status, read.problem["code"]) == (404, "content_not_found")


# Lists, tasks, and what a vendor sees of a match ----------------------------------------------------------


async def test_the_lists_and_tasks_of_a_newcomer_are_empty(world: World, scene: Scene) -> None:
    newcomer = with_every_scope(world)
    found = [each for each in lists(await operations(world)) if each.path not in PUBLIC]

    shown = {each.name: (await each.ask(newcomer, scene.ids, VERSIONS[0])).json() for each in found}

    assert len(shown) >= 13
    assert {name: page for name, page in shown.items() if page != {"items": [], "next_cursor": None}} == {}


async def test_no_list_of_a_stranger_names_anything_of_others(
    world: World, scene: Scene, strangers: list[Actor]
) -> None:
    found = list(lists(await operations(world)))

    for each, stranger in product(found, strangers):
        page = json.dumps((await each.ask(stranger, scene.ids, VERSIONS[0])).json())
        assert [key for key in scene.private_ids if key in page] == [], each.name


async def test_the_lists_of_those_concerned_name_what_is_theirs(world: World, scene: Scene) -> None:
    found = list(lists(await operations(world)))
    concerned = (scene.engaged.client, scene.vendor)

    pages = [(await each.ask(who, scene.ids, VERSIONS[0])).text for each, who in product(found, concerned)]

    listed = [key for key in scene.private_ids if any(key in page for page in pages)]
    assert set(listed) == scene.private_ids - {scene.ids["bank_line_id"]}


async def test_a_vendor_sees_its_own_offers_only(scene: Scene) -> None:
    for vendor in (scene.declined, scene.vendor):
        match = await vendor.get("matching", scene.engaged.match_path)

        assert [row["vendor_id"] for row in say.rows(match.body["offers"])] == [str(vendor.tenant)]
        assert (match.body["shortlist"], match.body["passed_over"]) == (None, [])
        others = {scene.declined.tenant, scene.vendor.tenant} - {vendor.tenant}
        assert [other for other in others if str(other) in json.dumps(match.body)] == []


async def test_a_vendor_cannot_tell_another_vendors_offer_from_none(stage: Stage) -> None:
    engaged, first = await stage.offered()
    declined = say.vendor_of(stage.client.world, first)
    await say.answer_offer(declined, engaged, first, "decline", {"reason": "No time."})
    second = await say.open_offer(engaged)

    real = await say.refusal(say.answer_offer(declined, engaged, second, "accept"))

    imagined = await say.refusal(say.answer_offer(declined, engaged, {"number": 9}, "accept"))
    assert (real.status, real.problem["code"]) == (404, "offer_not_found")
    assert str(real.problem["detail"]).replace("offer 2", "offer 9") == imagined.problem["detail"]


async def test_a_vendor_cannot_tell_another_vendors_closed_offer_from_none(scene: Scene) -> None:
    real = await say.refusal(say.answer_offer(scene.declined, scene.engaged, {"number": 2}, "accept"))

    imagined = await say.refusal(say.answer_offer(scene.declined, scene.engaged, {"number": 9}, "accept"))
    assert (real.status, real.problem["code"]) == (imagined.status, imagined.problem["code"])
    assert real.problem["detail"] == imagined.problem["detail"]


async def test_a_vendor_whose_offer_is_over_does_not_see_the_work_order(scene: Scene) -> None:
    refused = await say.refusal(scene.declined.get("delivery", scene.engaged.work_order_path))

    assert (refused.status, refused.problem["code"]) == (404, "not_found")
