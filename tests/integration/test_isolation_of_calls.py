"""An open call is for everybody to find; who takes part in it, and how, is for nobody else to see."""

import json
import re
from collections.abc import Mapping
from itertools import product
from types import MappingProxyType

import httpx2
import pytest

from kpo_cli.story import vocabulary as say
from kpo_cli.story.actors import Actor, World

from .call_scene import Call, Calls
from .operations import VERSIONS, Operation, operations
from .strangers import (
    about_calls,
    expected_status,
    lists,
    made_up,
    told,
    with_ids,
    without_ids,
)

pytestmark = pytest.mark.real

ROOM = "/v1/challenges/{challenge_id}"
"""Everybody may know that an open call exists, so what is below it is compared with a call nobody is in."""

OPEN = {
    f"GET {ROOM}": "the call is for everybody to find",
    f"GET {ROOM}/licence": "it is read before it is accepted",
    f"GET {ROOM}/rounds/{{number}}/ranking": "anybody can recompute it after the end",
    f"GET {ROOM}/assignments": "whoever is not on the panel has none",
    f"GET {ROOM}/datasets/{{dataset_id}}/content": "whoever has not entered is told to",
    f"POST {ROOM}/enter": "anybody may try, and is told why not",
    f"POST {ROOM}/submissions/{{code}}/score": "that the panel is not at work is told to anybody",
}
"""What strangers are not refused as if there were no call, each with its reason."""

OF_THE_CALL = frozenset({"challenge_id", "number"})
"""What leads to a call itself, and to nothing that somebody has brought into it."""

OWN_PLACE = "/v1/datasets/{dataset_id}/content"
"""Each tenant has a place of its own under every id: bytes are taken, and nothing is learnt of others'."""

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


async def of_calls(world: World) -> list[Operation]:
    return [each for each in with_ids(await operations(world)) if about_calls(each)]


def shown(answer: httpx2.Response, ids: Mapping[str, str]) -> tuple[object, ...]:
    """Take down all that an answer gives away, but for ids that the caller sent and the time of day."""
    if answer.status_code > 299:
        return told(answer, ids)
    text = INSTANT.sub("<instant>", without_ids(answer.text, ids))
    return answer.status_code, version_of(answer), text


def version_of(answer: httpx2.Response) -> str | None:
    """Give the tag where it counts changes; a hash of what is shown says nothing more than that."""
    tag = answer.headers.get("etag", "").strip('"')
    return tag if tag.isdecimal() else None


def known(call: Call) -> dict[str, str]:
    """Give the ids of a call with those that its own public page names."""
    return {**call.ids, "engagement_id": str(call.engaged.id)}


async def revealing(
    found: list[Operation],
    strangers: list[Actor],
    ids: tuple[Mapping[str, str], Mapping[str, str]],
    is_open: Mapping[str, str] = MappingProxyType({}),
) -> list[str]:
    """Ask everything with both ids; say what tells them apart, or is no refusal where there must be one."""
    telling: list[str] = []
    for each, stranger, version in product(found, strangers, VERSIONS):
        real, imagined = [shown(await each.ask(stranger, some, version), some) for some in ids]
        is_free = f"{each.method} {each.path}" in is_open or each.path == OWN_PLACE
        if real != imagined or not (is_free or real[0] == expected_status(stranger, each)):
            telling.append(f"{each.name} with {version}: {real}, else: {imagined}")
    return telling


# Ids in paths ---------------------------------------------------------------------------------------------


async def test_the_ids_of_the_calls_are_those_that_the_routes_ask_for(
    world: World, open_calls: Calls
) -> None:
    reads = [each for each in await of_calls(world) if each.method == "GET"]
    cast, calls = open_calls.busy.cast, (open_calls.busy, open_calls.judged, open_calls.awarded)
    readers = [cast.operator, cast.client, *(each.vendor for each in (cast.entrant, cast.judge))]

    unread = [
        each.name
        for each in reads
        if not any(
            [(await each.ask(who, call.ids, VERSIONS[0])).is_success for who, call in product(readers, calls)]
        )
    ]

    assert len(reads) >= 14
    assert unread == []


async def test_a_call_without_its_purse_is_answered_as_if_it_were_made_up(
    world: World, open_calls: Calls, strangers: list[Actor]
) -> None:
    nobodys = made_up(open_calls.busy.ids)
    real = {**nobodys, **open_calls.planned.ids}
    found = await of_calls(world)

    assert len(found) >= 22
    assert await revealing(found, strangers, (real, nobodys)) == []


async def test_an_open_call_is_answered_to_strangers_as_if_nobody_were_in_it(
    world: World, open_calls: Calls, strangers: list[Actor]
) -> None:
    real = known(open_calls.busy)
    nobodys = {**made_up(real), **known(open_calls.untouched)}
    found = [each for each in await of_calls(world) if each.path.startswith(ROOM)]

    assert len(found) >= 11
    assert await revealing(found, strangers, (real, nobodys), OPEN) == []


@pytest.mark.parametrize("stage", ["busy", "judged", "awarded"])
async def test_what_a_call_has_led_to_is_answered_to_strangers_as_if_it_were_made_up(
    world: World, open_calls: Calls, strangers: list[Actor], stage: str
) -> None:
    real: Mapping[str, str] = getattr(open_calls, stage).ids
    nobodys = {**made_up(real), "challenge_id": real["challenge_id"]}
    found = [each for each in await of_calls(world) if not OF_THE_CALL.issuperset(each.names)]

    assert len(found) >= 14
    assert await revealing(found, strangers, (real, nobodys), OPEN) == []


# What is public -------------------------------------------------------------------------------------------


async def test_a_stranger_sees_the_call_and_nobody_in_it(open_calls: Calls, strangers: list[Actor]) -> None:
    for call, stranger in product((open_calls.busy, open_calls.judged), strangers):
        seen = await stranger.get("delivery", call.engaged.challenge_path)

        assert (seen.body["management"], seen.body["awards"]) == (None, [])
        (round_,) = say.rows(seen.body["rounds"])
        assert (round_["submissions"], round_["ranking_sha256"]) == (None, None)
        assert [prize["gross"] for prize in say.rows(round_["prizes"])] == [None]
        assert [each for each in call.private_ids if each in json.dumps(seen.body)] == []


async def test_a_stranger_reads_the_licence_before_entering(
    open_calls: Calls, strangers: list[Actor]
) -> None:
    for stranger in strangers:
        licence = await stranger.get("delivery", f"{open_calls.busy.engaged.challenge_path}/licence")

        assert licence.body.keys() == {"version", "sha256", "text"}


async def test_before_the_end_a_stranger_sees_no_ranking_and_no_assignment(
    open_calls: Calls, strangers: list[Actor]
) -> None:
    judged = open_calls.judged.engaged.challenge_path

    hidden = await say.refusal(strangers[0].get("delivery", f"{judged}/rounds/1/ranking"))
    nothing = await strangers[1].get("delivery", f"{judged}/assignments")

    assert (hidden.status, hidden.problem["code"]) == (404, "ranking_unknown")
    assert nothing.body["items"] == []


async def test_after_the_end_a_stranger_reads_the_ranking_and_learns_nothing_but_the_winner(
    open_calls: Calls, strangers: list[Actor]
) -> None:
    call, cast = open_calls.awarded, open_calls.awarded.cast
    others = [each.vendor for each in (cast.rival, cast.judge)]
    hidden = {str(each.tenant) for each in others} | {str(each.person) for each in others}
    hidden |= {call.ids["file_id"], call.ids["panel_id"], call.ids["invitation_id"]}
    for stranger in strangers:
        ranking = await stranger.get("delivery", f"{call.engaged.challenge_path}/rounds/1/ranking")
        seen = await stranger.get("delivery", call.engaged.challenge_path)

        assert [row["code"] for row in say.rows(ranking.body["ranking"])] == [call.ids["code"]]
        assert [row["entry_id"] for row in say.rows(seen.body["awards"])] == [call.ids["entry_id"]]
        assert seen.body["management"] is None
        told_of_all = json.dumps([ranking.body, seen.body])
        assert [each for each in hidden if each in told_of_all] == []
        assert call.ids["entry_id"] not in json.dumps(ranking.body)


async def test_the_public_list_shows_an_open_call_and_not_how_it_runs(
    open_calls: Calls, strangers: list[Actor]
) -> None:
    for stranger in strangers:
        page = await stranger.get("delivery", "/v1/challenges?practice_area=business_research&limit=200")

        items = {str(row["id"]): row for row in say.rows(page.body["items"])}
        assert open_calls.busy.ids["challenge_id"] in items
        assert open_calls.planned.ids["challenge_id"] not in items
        assert {json.dumps(row["management"]) for row in items.values()} == {"null"}


async def test_receipt_keys_are_public_halves_alone(strangers: list[Actor]) -> None:
    keys = await strangers[0].get("delivery", "/v1/receipt-keys")

    assert [key.keys() for key in say.rows(keys.body["keys"])] == [{"kty", "crv", "x", "kid", "alg", "use"}]


# Lists ----------------------------------------------------------------------------------------------------


async def test_no_list_of_a_stranger_names_anything_private_of_a_call(
    world: World, open_calls: Calls, strangers: list[Actor]
) -> None:
    winner = str(open_calls.awarded.cast.entrant.vendor.tenant)
    private = (open_calls.busy.private_ids | open_calls.judged.private_ids) - {winner}

    for each, stranger in product(lists(await operations(world)), strangers):
        page = (await each.ask(stranger, {}, VERSIONS[0])).text
        assert [key for key in private if key in page] == [], each.name


async def test_the_lists_of_those_who_take_part_name_what_is_theirs(world: World, open_calls: Calls) -> None:
    call, cast = open_calls.busy, open_calls.busy.cast
    concerned = [cast.client, *(each.vendor for each in (cast.entrant, cast.rival, cast.judge))]
    found = list(lists(await operations(world)))

    pages = [(await each.ask(who, {}, VERSIONS[0])).text for each, who in product(found, concerned)]

    listed = {key for key in call.private_ids | call.public_ids if any(key in page for page in pages)}
    assert listed == call.private_ids | call.public_ids
