"""A request that is sent again changes nothing: not at once, not later, not under another version."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import httpx2
import pytest
from pymongo import MongoClient

from kpo_cli.stack.services import ServiceProcess
from kpo_cli.stack.system import System
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, World

from .conftest import at_rest
from .test_ends import Stage

pytestmark = pytest.mark.real

ENGAGEMENTS = "/v1/engagements"
AT_ONCE = 50
REPLAYED = "Idempotency-Replayed"
HELD_SECONDS = 3.0
"""How long the first process's transaction stays open: below what the server allows."""

HEAD_START_SECONDS = 0.5


@pytest.fixture
async def stage(world: World, operator: Actor, a_country: Callable[[], str]) -> Stage:
    country = a_country()
    client = await say.register_client(world, operator)
    return Stage(client, operator, country, await say.register_team(world, operator, country, 2))


async def send(
    actor: Actor, service: str, path: str, body: Json, *, key: str, seen: str | None = None
) -> httpx2.Response:
    """Send a command and give the answer whole, with its headers."""
    headers = {"Authorization": f"Bearer {actor.token}", "Idempotency-Key": key}
    if seen is not None:
        headers["If-Match"] = seen
    return await actor.world.client.post(f"{actor.world.urls[service]}{path}", json=body, headers=headers)


@pytest.fixture
def twin(system: System) -> Iterator[ServiceProcess]:
    """Run a second process of intake's api beside the first."""
    second = system.services["intake"][0].twin(system.home.port("intake-twin"))
    second.start()
    yield second
    second.stop()


@contextmanager
def an_open_transaction(system: System, collection: str) -> Iterator[None]:
    """Hold the next transaction that writes to this collection open at that point."""
    if system.servers.local is None:
        pytest.skip("only servers of our own take the commands that hold a transaction")
    held = {
        "failCommands": ["insert", "update"],
        "namespace": collection,
        "blockConnection": True,
        "blockTimeMS": int(HELD_SECONDS * 1000),
    }
    with MongoClient[Json](system.servers.mongo_admin_url) as client:
        client.admin.command({"configureFailPoint": "failCommand", "mode": {"times": 1}, "data": held})
        try:
            yield
        finally:
            client.admin.command({"configureFailPoint": "failCommand", "mode": "off"})


def fresh(answers: list[httpx2.Response]) -> list[httpx2.Response]:
    return [answer for answer in answers if REPLAYED not in answer.headers]


def only_answer(answers: list[httpx2.Response]) -> Json:
    """Give the body that all answers have, with the same version and place."""
    (told,) = {(a.status_code, a.text, a.headers["etag"], a.headers.get("location")) for a in answers}
    assert told[0] in {200, 201}
    body: Json = answers[0].json()
    return body


async def test_fifty_equal_requests_at_once_create_one_engagement(stage: Stage) -> None:
    key, brief = uuid4().hex, say.a_brief()

    answers = await asyncio.gather(
        *(send(stage.client, "intake", ENGAGEMENTS, brief, key=key) for _ in range(AT_ONCE))
    )

    created = only_answer(answers)
    assert len(fresh(answers)) == 1
    assert [a.headers[REPLAYED] for a in answers if REPLAYED in a.headers] == ["true"] * (AT_ONCE - 1)
    listed = await stage.client.get("intake", ENGAGEMENTS)
    assert [row["id"] for row in say.rows(listed.body["items"])] == [created["id"]]


async def test_a_second_process_waits_for_the_first_and_gives_its_answer(
    system: System, twin: ServiceProcess, stage: Stage, workers: Actor
) -> None:
    await at_rest(workers)
    key, brief = uuid4().hex, say.a_brief()
    other = World({"intake": twin.url}, system.issuer, client=stage.client.world.client)
    beside = Actor(other, stage.client.identity, stage.client.token)

    with an_open_transaction(system, "kpo_intake.outbox"):  # It is written last, behind the key's own row.
        first = asyncio.create_task(send(stage.client, "intake", ENGAGEMENTS, brief, key=key))
        await asyncio.sleep(HEAD_START_SECONDS)
        second = await send(beside, "intake", ENGAGEMENTS, brief, key=key)
        answers = [await first, second]

    assert only_answer(answers)["state"] == "submitted"
    assert [REPLAYED in answer.headers for answer in answers] == [False, True]
    assert second.elapsed.total_seconds() > HELD_SECONDS - 2 * HEAD_START_SECONDS
    listed = await stage.client.get("intake", ENGAGEMENTS)
    assert len(say.rows(listed.body["items"])) == 1


async def test_fifty_equal_choices_at_once_make_one_offer(stage: Stage) -> None:
    engaged = await stage.submit(choice="client")
    await say.fund(engaged, stage.operator, "48000.00")
    match = await say.until_state(stage.client, "matching", engaged.match_path, "choosing")
    key, path = uuid4().hex, f"{engaged.match_path}/choose"
    chosen: Json = {"expert_id": say.candidates(match)[1]["expert_id"]}

    answers = await asyncio.gather(
        *(send(stage.client, "matching", path, chosen, key=key, seen=match.etag) for _ in range(AT_ONCE))
    )

    answered = only_answer(answers)
    assert len(fresh(answers)) == 1
    assert [row["expert_id"] for row in say.rows(answered["offers"])] == [chosen["expert_id"]]
    after = await stage.client.get("matching", engaged.match_path)
    assert after.body == answered


async def test_one_key_for_two_bodies_at_once_does_one_of_them(stage: Stage) -> None:
    key, briefs = uuid4().hex, [say.a_brief(title="This"), say.a_brief(title="That")] * 5

    answers = await asyncio.gather(
        *(send(stage.client, "intake", ENGAGEMENTS, brief, key=key) for brief in briefs)
    )

    done = [answer for answer in answers if answer.status_code == 201]
    refused = [answer for answer in answers if answer.status_code == 422]
    assert (len(done), len(fresh(done)), len(refused)) == (5, 1, 5)
    assert {answer.json()["code"] for answer in refused} == {"idempotency_key_reused"}
    listed = await stage.client.get("intake", ENGAGEMENTS)
    assert [row["title"] for row in say.rows(listed.body["items"])] == [only_answer(done)["title"]]


async def test_a_creation_that_is_repeated_later_gets_its_first_answer(stage: Stage) -> None:
    key, brief = uuid4().hex, say.a_brief(jurisdictions=[stage.country], overlap=None)
    first = await send(stage.client, "intake", ENGAGEMENTS, brief, key=key)
    engaged = say.Engaged(stage.client, UUID(first.json()["id"]), "")
    await say.cancel(engaged)
    await say.until_closed(engaged, "cancelled")

    again = await send(stage.client, "intake", ENGAGEMENTS, brief, key=key)

    assert only_answer([first, again])["state"] == "submitted"
    assert (REPLAYED in first.headers, again.headers[REPLAYED]) == (False, "true")


async def test_a_choice_that_is_repeated_later_gets_its_first_answer_and_no_complaint_of_its_version(
    stage: Stage,
) -> None:
    engaged = await stage.submit(choice="client")
    await say.fund(engaged, stage.operator, "48000.00")
    match = await say.until_state(stage.client, "matching", engaged.match_path, "choosing")
    key, path = uuid4().hex, f"{engaged.match_path}/choose"
    chosen: Json = {"expert_id": say.candidates(match)[0]["expert_id"]}
    first = await send(stage.client, "matching", path, chosen, key=key, seen=match.etag)
    offer = await say.open_offer(engaged)
    await say.answer_offer(say.vendor_of(stage.client.world, offer), engaged, offer, "accept")

    again = await send(stage.client, "matching", path, chosen, key=key, seen=match.etag)

    assert only_answer([first, again])["state"] == "offered"
    assert again.headers[REPLAYED] == "true"
    now = await stage.client.get("matching", engaged.match_path)
    assert now.body["state"] == "accepted"


async def test_a_refused_request_may_be_repeated_under_its_key_once_it_is_right(stage: Stage) -> None:
    key, path = uuid4().hex, f"{ENGAGEMENTS}/{(await stage.submit()).id}/cancel"
    reason: Json = {"reason": "Stopped."}
    stale = await send(stage.client, "intake", path, reason, key=key, seen='"99"')

    answer = await send(stage.client, "intake", path, reason, key=key, seen='"1"')

    assert stale.status_code == 412
    assert (answer.status_code, REPLAYED in answer.headers) == (200, False)
