"""Nobody reads what was submitted while a call is open: not by any route, and not in any role."""

import pytest

from kpo_cli.story.actors import Actor, World

from .call_scene import IN_FILE, IN_ITEMS, Call, Calls
from .operations import VERSIONS, operations
from .strangers import with_every_scope

pytestmark = pytest.mark.real

NONCE = '"nonce"'


def roles(call: Call) -> dict[str, Actor]:
    """Give everybody who could wish to look, with every scope that they could have."""
    cast = call.cast
    people = {
        "entrant": cast.entrant.vendor,
        "colleague": cast.colleague,
        "rival": cast.rival.vendor,
        "judge": cast.judge.vendor,
        "client": cast.client,
    }
    world = cast.client.world
    return {role: with_every_scope(world, like=who) for role, who in people.items()} | {
        "operator": cast.operator
    }


async def read_by(world: World, who: Actor, call: Call) -> dict[str, bytes]:
    """Get everything that delivery offers, with ids that lead as near to the submission as one can come."""
    near = {"work_order_id": call.ids["entry_id"], "deliverable_id": call.ids["file_id"], **call.ids}
    reads = [each for each in await operations(world) if each.service == "delivery" and each.method == "GET"]
    answers = {each.path: await each.ask(who, near, VERSIONS[0]) for each in reads}
    assert len(answers) >= 18
    return {path: answer.content for path, answer in answers.items() if answer.is_success}


def readers_of(marker: str, seen: dict[str, dict[str, bytes]]) -> dict[str, set[str]]:
    """Say who has read a marker, and where."""
    found = {
        role: {path for path, content in pages.items() if marker.encode() in content}
        for role, pages in seen.items()
    }
    return {role: paths for role, paths in found.items() if paths}


async def test_while_a_call_is_open_nobody_reads_content_or_nonce(world: World, open_calls: Calls) -> None:
    call = open_calls.busy

    seen = {role: await read_by(world, who, call) for role, who in roles(call).items()}

    assert [readers_of(marker, seen) for marker in (IN_ITEMS, IN_FILE, NONCE)] == [{}, {}, {}]
    assert readers_of('"commitment"', seen).keys() == {"entrant", "operator"}


async def test_once_submissions_have_closed_entrant_and_judge_read_them_and_nobody_else(
    world: World, open_calls: Calls
) -> None:
    call = open_calls.judged
    own, blind = (
        "/v1/entries/{entry_id}/submissions/{number}",
        "/v1/challenges/{challenge_id}/submissions/{code}",
    )

    seen = {role: await read_by(world, who, call) for role, who in roles(call).items()}

    owners = ("entrant", "operator")
    assert readers_of(NONCE, seen) == {role: {own} for role in owners}
    assert readers_of(IN_ITEMS, seen) == {role: {own} for role in owners} | {"judge": {blind}}
    files = {role: {f"{own}/content"} for role in owners} | {"judge": {f"{blind}/content"}}
    assert readers_of(IN_FILE, seen) == files
