"""Nobody reads what was submitted before the deadline and its grace, however they try."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from kpo_chassis.openapi import operations_of
from kpo_delivery.domain.sealing import SealedContent

from .room import (
    ALMIGHTY,
    ANN,
    BOB,
    CHALLENGE_ID,
    CHALLENGE_PATH,
    CLIENT,
    DATASET_ID,
    EVE,
    FILE,
    FILE_ID,
    GRACE,
    OPEN_FOR,
    OPERATOR,
    SECRET,
    Room,
    Somebody,
    a_room,
    code,
)

MILLISECOND = timedelta(milliseconds=1)
OPENED = f"{ANN.path}/submissions/1"
COLLEAGUE = Somebody(EVE.person, ANN.tenant)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    """Give an open challenge with one entry and one submission of items and a file."""
    async with a_room() as open_room:
        await open_room.enter()
        await open_room.upload_file()
        await open_room.submit(file_id=FILE_ID, key="once")
        yield open_room


@pytest.mark.parametrize("who", [ANN, BOB, CLIENT, OPERATOR], ids=["entrant", "rival", "client", "operator"])
async def test_no_route_shows_it_to_anybody(room: Room, who: Somebody) -> None:
    """Walk every GET of the document, with every scope there is."""
    room.service.clock.advance(OPEN_FOR + GRACE - MILLISECOND)
    document = (await room.service.http.get("/openapi.json")).json()
    paths = [path for path, method, _ in operations_of(document) if method == "get"]
    assert "/v1/entries/{entry_id}/submissions/{number}" in paths

    for path in paths:
        answer = await room.get(_filled(path), who, ALMIGHTY)
        assert SECRET not in answer.text, path
        assert FILE not in answer.content, path


@pytest.mark.parametrize("who", [ANN, OPERATOR], ids=["entrant", "operator"])
@pytest.mark.parametrize("path", [OPENED, f"{OPENED}/content"])
async def test_who_may_know_the_entry_is_told_that_it_is_sealed(room: Room, who: Somebody, path: str) -> None:
    room.service.clock.advance(OPEN_FOR + GRACE - MILLISECOND)

    assert code(await room.get(path, who, ALMIGHTY)) == (409, "sealed")


@pytest.mark.parametrize("who", [BOB, CLIENT], ids=["rival", "client"])
async def test_to_others_there_is_no_such_entry_before_or_after(room: Room, who: Somebody) -> None:
    before = await room.get(OPENED, who)
    await room.close()
    after = await room.get(OPENED, who)

    assert (before.status_code, after.status_code) == (404, 404)


async def test_the_answer_to_a_repeated_submission_shows_nothing(room: Room) -> None:
    again = await room.submit(file_id=FILE_ID, key="once")

    assert again.headers["Idempotency-Replayed"] == "true"
    assert SECRET not in again.text


async def test_the_tag_that_others_see_does_not_tell_that_somebody_submitted_or_judges() -> None:
    async with a_room() as room:
        before = [(await room.get(CHALLENGE_PATH, who)).headers["ETag"] for who in (EVE, CLIENT)]
        await room.enter()
        await room.submit()
        await room.appoint(BOB)

        after = [(await room.get(CHALLENGE_PATH, who)).headers["ETag"] for who in (EVE, CLIENT)]
        seen_before = {"If-None-Match": before[0]}
        again = await room.get(CHALLENGE_PATH, EVE, headers=seen_before)
        await room.close()
        closed = await room.get(CHALLENGE_PATH, EVE, headers=seen_before)

    assert (after[0] == before[0], after[1] == before[1]) == (True, False)
    assert (again.status_code, closed.status_code) == (304, 200)


async def test_no_event_and_no_waiting_event_carries_it(room: Room) -> None:
    told = b"".join(sent.value for sent in room.service.broker.sent)

    assert b"commitment" in told
    assert SECRET.encode() not in told


async def test_of_all_collections_one_alone_has_it(room: Room) -> None:
    collections = ("entries", "challenges", "requests", "outbox", "participations", "downloads", "inbox")

    for collection in collections:
        rows = await room.service.database.find(collection, {}, limit=100)
        assert SECRET not in json.dumps(rows, default=str), collection
    sealed = await room.service.database.find("sealed_contents", {}, limit=100)
    assert [row["_id"] for row in sealed] == [SealedContent.id_of(ANN.entry_id, 1)]


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/work-orders/{ANN.entry_id}/deliverables/{FILE_ID}/content",
        f"{CHALLENGE_PATH}/datasets/{FILE_ID}/content",
        f"{CHALLENGE_PATH}/datasets/{ANN.entry_id}/content",
    ],
)
async def test_no_other_route_reaches_the_place_of_its_file(room: Room, path: str) -> None:
    assert (await room.get(path, ANN, ALMIGHTY)).status_code == 404


async def test_a_later_submission_does_not_open_the_earlier_one(room: Room) -> None:
    await room.submit(items=[{"label": "other", "values": {}}])

    assert code(await room.get(OPENED, ANN)) == (409, "sealed")


async def test_voiding_the_challenge_does_not_open_it_early(room: Room) -> None:
    await room.post(f"{CHALLENGE_PATH}/void", {"reason": "Foreign data."}, OPERATOR, ("operator",))

    assert code(await room.get(OPENED, ANN)) == (409, "sealed")


async def test_after_deadline_and_grace_the_entrant_opens_content_nonce_and_file(room: Room) -> None:
    room.service.clock.advance(OPEN_FOR + GRACE)

    told = (await room.get(OPENED, ANN)).json()
    file = await room.get(f"{OPENED}/content", ANN)

    assert told["items"][0]["values"] == {"easting": SECRET}
    assert len(bytes.fromhex(told["nonce"])) == 32
    assert file.content == FILE


async def test_until_the_end_nobody_else_of_the_vendor_can_tell_whose_blind_code_it_is(room: Room) -> None:
    await room.close()

    listed = (await room.get("/v1/entries", COLLEAGUE)).json()["items"]
    opened = await room.get(OPENED, COLLEAGUE)

    assert [(entry["state"], entry["submissions"]) for entry in listed] == [("submitted", [])]
    assert code(opened) == code(await room.get(f"{OPENED}/content", COLLEAGUE)) == (409, "sealed")


async def test_after_the_end_the_vendor_reads_what_its_people_have_submitted(room: Room) -> None:
    await room.close()
    await room.post(f"{CHALLENGE_PATH}/void", {"reason": "Foreign data."}, OPERATOR, ("operator",))

    told = (await room.get(OPENED, COLLEAGUE)).json()

    assert told["items"][0]["values"] == {"easting": SECRET}


async def test_what_was_never_submitted_is_not_found(room: Room) -> None:
    await room.close()

    assert code(await room.get(f"{ANN.path}/submissions/2", ANN)) == (404, "submission_unknown")


def _filled(path: str) -> str:
    """Put ids into a path that lead as near to the submission as one can come."""
    ids = {
        "entry_id": ANN.entry_id,
        "challenge_id": CHALLENGE_ID,
        "dataset_id": DATASET_ID,
        "file_id": FILE_ID,
        "deliverable_id": FILE_ID,
        "work_order_id": ANN.entry_id,
        "number": 1,
        "code": "AAAAAAAAAA",
    }
    for name, value in ids.items():
        path = path.replace(f"{{{name}}}", str(value))
    return path
