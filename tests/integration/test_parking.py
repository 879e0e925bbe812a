"""A bad record never blocks other keys, never disappears, and can be seen, repaired and skipped."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from kpo_chassis.broker import Outgoing
from kpo_chassis.kafka import KafkaBroker
from kpo_cli.stack.system import System
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, World
from kpo_cli.story.patience import LOOK_SECONDS
from kpo_events.envelope import Envelope, uuid7

pytestmark = pytest.mark.real

TYPE = "intake.engagement.submitted.v1"


def a_broken_event(key: UUID, seq: int) -> Outgoing:
    """Make a record with a good envelope and a body that nobody can read."""
    now = datetime.now(UTC)
    envelope = Envelope(
        id=uuid7(now), type=TYPE, subject=key, time=now, seq=seq, correlation_id=key, actor="machine:test"
    )
    return Outgoing("intake.engagement", str(key), tuple(envelope.headers()), b'{"title": ')


async def parked_at(workers: Actor, service: str, key: UUID) -> list[Json]:
    page = await workers.get(service, "/v1/operations/parked")
    return [row for row in say.rows(page.body["items"]) if row["key"] == str(key)]


async def until_parked(workers: Actor, service: str, key: UUID, count: int) -> list[Json]:
    async with asyncio.timeout(say.WAIT_SECONDS_MAX):
        while len(rows := await parked_at(workers, service, key)) != count:  # noqa: ASYNC110 - a door sends no event.
            await asyncio.sleep(LOOK_SECONDS)
    return rows


async def test_a_poison_record_parks_its_key_and_others_go_on(
    system: System, world: World, operator: Actor, workers: Actor, a_country: Callable[[], str]
) -> None:
    key, country = uuid4(), a_country()
    producer = await KafkaBroker(system.endpoints.kafka_bootstrap, "poison").producer()
    await producer.send([a_broken_event(key, 1), a_broken_event(key, 2)])
    await producer.close()

    for service in ("matching", "billing", "intake"):
        rows = await until_parked(workers, service, key, 2)
        assert [row["code"] for row in rows] == ["unreadable", "behind"]

    await say.register_team(world, operator, country, 1)
    client = await say.register_client(world, operator)
    well = await say.submit(client, say.a_brief(jurisdictions=[country], overlap=None))
    await say.until_state(client, "matching", well.match_path, "waiting")

    for service in ("matching", "billing", "intake", "delivery"):
        await skip_all(workers, service, key)


async def skip_all(workers: Actor, service: str, key: UUID) -> None:
    """Leave every parked event of a key out, as an operator would, until none is left."""
    wish: Json = {"wish": "skip", "reason": "made by a test"}
    async with asyncio.timeout(say.WAIT_SECONDS_MAX):
        while rows := await parked_at(workers, service, key):
            for row in rows:
                if row["wish"] is None:
                    await workers.ask("PUT", service, f"/v1/operations/parked/{row['id']}/wish", json=wish)
            await asyncio.sleep(LOOK_SECONDS)
