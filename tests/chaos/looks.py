"""The final look: waits until the system is at rest, then writes down what every public door shows."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from time import monotonic
from typing import Final
from uuid import UUID

from httpx2 import TransportError
from pydantic import JsonValue

from kpo_chassis.operations import StatusBody
from kpo_cli.stack.options import SERVICES
from kpo_cli.story import checks, pages
from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, Json, RefusedError
from kpo_cli.story.vocabulary import Engaged

from .entries import Look, Recorder, now
from .people import Town

CLOSED_SECONDS_MAX: Final = 90.0
REST_SECONDS_MAX: Final = 60.0
LOOK_SECONDS: Final = 0.5
LISTS: Final = (
    ("payout", "billing", "/v1/payouts", "id"),
    ("balance", "billing", "/v1/ledger/balances", "account"),
    *(("task", service, "/v1/tasks", "link") for service in SERVICES),
)
"""What the operator may list: what it is, where, and the field that names it."""


async def until(is_so: Callable[[], Awaitable[bool]], seconds_max: float) -> bool:
    """Look until it is so; say whether it came to that."""
    deadline = monotonic() + seconds_max
    while monotonic() < deadline:
        if await is_so():
            return True
        await asyncio.sleep(LOOK_SECONDS)
    return False


async def settle(town: Town, workers: Actor, recorder: Recorder) -> None:
    """Wait for the end of everything, and leave the poison out as an operator would.

    Clients cancel what they are told of now and did not know of: they never got the answer that named it.
    What does not come to an end is no error here: the look shows it, and a rule names it.
    """
    await _cancel_forgotten(town)
    if (
        await until(lambda: _all_closed(town), CLOSED_SECONDS_MAX)
        and await until(lambda: _paid(town.operator), REST_SECONDS_MAX)
        and await until(lambda: _consumed(workers), REST_SECONDS_MAX)
    ):
        await _discard_parked(workers, recorder)
        await until(lambda: checks.is_at_rest(workers), REST_SECONDS_MAX)


async def _cancel_forgotten(town: Town) -> None:
    for client in town.clients:
        for row in await pages.all_items(client, "intake", "/v1/engagements"):
            if row["state"] == "submitted":
                with suppress(RefusedError, TransportError):
                    await say.cancel(Engaged(client, UUID(str(row["id"])), ""))


async def _all_closed(town: Town) -> bool:
    for client in town.clients:
        rows = await pages.all_items(client, "intake", "/v1/engagements")
        if any(row["state"] != "closed" for row in rows):
            return False
    return True


async def _consumed(workers: Actor) -> bool:
    return not await checks.lag(workers)


async def _paid(operator: Actor) -> bool:
    payouts = await pages.all_items(operator, "billing", "/v1/payouts")
    return all(payout["state"] == "booked" for payout in payouts)


async def _discard_parked(workers: Actor, recorder: Recorder) -> None:
    """Write down what is parked under whose name, and ask for what nobody can read to be left out."""
    wish: Json = {"wish": "skip", "reason": "put there on purpose"}
    for service in SERVICES:
        door = _door_of(workers, service)
        page = await workers.get(door, "/v1/operations/parked")
        for row in say.rows(page.body["items"]):
            _write(recorder, "parked", f"{service}/{row['key']}", row)
            if row["code"] == "unreadable":
                with suppress(RefusedError):  # It may have gone meanwhile.
                    await workers.ask("PUT", door, f"/v1/operations/parked/{row['id']}/wish", json=wish)


def _door_of(workers: Actor, service: str) -> str:
    return next(name for name in workers.world.urls if name.startswith(service))


def _write(recorder: Recorder, what: str, key: str, body: Mapping[str, JsonValue]) -> None:
    recorder.write(Look(at=now(), what=what, id=key, body=dict(body)))


async def look(town: Town, workers: Actor, recorder: Recorder) -> None:
    """Write down everything that people can see."""
    for client in town.clients:
        for row in await pages.all_items(client, "intake", "/v1/engagements"):
            await _look_at_engagement(client, row, recorder)
    for member in (*town.members, *town.geologists):
        await _look_at_expert(member, recorder)
    for what, service, path, key in LISTS:
        for row in await pages.all_items(town.operator, service, path):
            _write(recorder, what, str(row[key]), row)
    for name in workers.world.urls:
        _write(recorder, "status", name, _status((await workers.get(name, "/v1/operations/status")).body))


async def _look_at_engagement(client: Actor, row: Json, recorder: Recorder) -> None:
    key = str(row["id"])
    _write(recorder, "engagement", key, row)
    rows: list[JsonValue] = []
    rows.extend(await pages.all_items(client, "intake", f"/v1/engagements/{key}/timeline"))
    _write(recorder, "timeline", key, {"items": rows})
    engaged = Engaged(client, UUID(key), "")
    with suppress(RefusedError):  # Nobody opened one, and a rule says so.
        escrow = await client.get("billing", engaged.escrow_path)
        _write(recorder, "escrow", key, escrow.body)
    if row["mode"] == "challenge":
        with suppress(RefusedError):  # Nobody judged, or a rule says so.
            ranking = await client.get("delivery", f"{engaged.challenge_path}/rounds/1/ranking")
            _write(recorder, "ranking", str(engaged.challenge_id), ranking.body)


async def _look_at_expert(member: say.Member, recorder: Recorder) -> None:
    with suppress(RefusedError):  # Nobody knows them any more, and a rule says so.
        shown = await member.vendor.get("matching", f"/v1/experts/{member.expert_id}")
        _write(recorder, "expert", member.expert_id, shown.body)
    for row in await pages.all_items(member.vendor, "delivery", "/v1/entries"):
        _write(recorder, "entry", str(row["id"]), row)
        for submission in say.rows(row["submissions"]):
            with suppress(RefusedError):  # It stays sealed, and a rule says so.
                path = f"/v1/entries/{row['id']}/submissions/{submission['number']}"
                opened = await member.vendor.get("delivery", path)
                _write(recorder, "submission", f"{row['id']}/{submission['number']}", opened.body)


def _status(body: Json) -> dict[str, JsonValue]:
    """Leave out what has no meaning to others, and add the lag up."""
    status = StatusBody.model_validate(body)
    return {
        "outbox_documents": status.outbox_documents,
        "parked_events": status.parked_events,
        "queued_records": status.queued_records,
        "lag": sum(lane.lag or 0 for lane in status.lanes),
        "stuck_clocks": len(status.stuck_clocks),
    }
