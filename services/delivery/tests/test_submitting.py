"""Submitting: sealed at once, counted if decided in time, at most ten times, against every rival."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import JsonValue

from kpo_chassis.signing import opened
from kpo_chassis.testing.service import memory
from kpo_delivery.domain.challenge import Challenge, ChallengeStatus
from kpo_delivery.domain.entry import SUBMISSIONS_MAX
from kpo_delivery.wiring import blueprint
from kpo_events.challenges import (
    ChallengeCancelledV1,
    ChallengeCancelRefusedV1,
    ChallengeVoidedV1,
    SubmissionReceivedV1,
    SubmissionsClosedV1,
)

from .factories import ENGAGEMENT_ID, a_receipt_key, some_settings
from .room import (
    ANN,
    BOB,
    CHALLENGE_ID,
    FILE,
    FILE_ID,
    ITEMS,
    OPEN_FOR,
    Room,
    Somebody,
    a_cancel_wish,
    a_room,
    code,
    somebody,
)

MILLISECOND = timedelta(milliseconds=1)
RECEIPT = "kpo-receipt+jwt"


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    """Give an open challenge that one expert has entered."""
    async with a_room() as open_room:
        await open_room.enter()
        yield open_room


async def challenge(room: Room) -> Challenge:
    return (await room.service.reads.get(Challenge, CHALLENGE_ID)).state


# Receipts -------------------------------------------------------------------------------------------------


async def test_a_submission_is_answered_with_a_receipt_of_the_platform(room: Room) -> None:
    (received,) = (await room.submit()).json()["submissions"]
    keys = (await room.get("/v1/receipt-keys", somebody(9), ())).text

    told = opened(received["receipt"], keys, RECEIPT)

    assert told == {
        "challenge_id": str(CHALLENGE_ID),
        "entry_id": str(ANN.entry_id),
        "person_id": str(ANN.person),
        "submission": 1,
        "commitment": received["commitment"],
        "submitted_at": "2026-03-02T09:00:00.000Z",
    }


async def test_a_receipt_from_before_a_rotation_of_the_key_can_still_be_checked(room: Room) -> None:
    (received,) = (await room.submit()).json()["submissions"]
    before = (await room.get("/v1/receipt-keys", somebody(9), ())).text

    rotated = blueprint(some_settings(a_receipt_key(), former_receipt_keys=before))
    async with memory(rotated) as running:
        keys = (await Room(running).get("/v1/receipt-keys", somebody(9), ())).text

    assert len(json.loads(keys)["keys"]) == 2
    assert opened(received["receipt"], keys, RECEIPT)["commitment"] == received["commitment"]


async def test_a_receipt_is_the_same_whenever_it_is_asked_for(room: Room) -> None:
    first = (await room.submit()).json()
    room.service.clock.advance(timedelta(hours=1))

    assert (await room.get(ANN.path, ANN)).json() == first


async def test_the_event_carries_the_commitment(room: Room) -> None:
    (received,) = (await room.submit()).json()["submissions"]

    (event,) = room.service.announced(SubmissionReceivedV1)
    assert (event.data.model_dump()["submission"], event.data.model_dump()["commitment"]) == (
        1,
        received["commitment"],
    )
    assert event.seq == 2


async def test_the_commitment_can_be_recomputed_from_what_is_opened_after_the_deadline(room: Room) -> None:
    await room.upload_file()
    (received,) = (await room.submit(file_id=FILE_ID)).json()["submissions"]
    await room.close()

    told = (await room.get(f"{ANN.path}/submissions/1", ANN)).json()

    names = ("challenge_id", "entry_id", "person_id", "submission", "nonce", "items")
    sealed = {name: told[name] for name in names} | {"file_sha256": told["file"]["sha256"]}
    text = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == received["commitment"]
    assert told["receipt"] == received["receipt"]


async def test_equal_submissions_have_different_commitments(room: Room) -> None:
    await room.submit()

    one, two = (await room.submit()).json()["submissions"]

    assert one["commitment"] != two["commitment"]


# Submissions ----------------------------------------------------------------------------------------------


async def test_the_same_key_submits_once(room: Room) -> None:
    first = await room.submit(key="once")

    again = await room.submit(key="once")

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert len(room.service.announced(SubmissionReceivedV1)) == 1


async def test_the_eleventh_submission_is_refused(room: Room) -> None:
    for _ in range(SUBMISSIONS_MAX):
        assert (await room.submit()).status_code == 200

    assert code(await room.submit()) == (409, "submissions_exhausted")


async def test_of_eleven_submissions_at_once_ten_count(room: Room) -> None:
    answers = await asyncio.gather(*(room.submit() for _ in range(SUBMISSIONS_MAX + 1)))

    assert sorted(answer.status_code for answer in answers) == [200] * SUBMISSIONS_MAX + [409]
    numbers = [
        event.data.model_dump()["submission"] for event in room.service.announced(SubmissionReceivedV1)
    ]
    assert sorted(numbers) == list(range(1, SUBMISSIONS_MAX + 1))


async def test_neither_items_nor_a_file_are_no_submission(room: Room) -> None:
    assert code(await room.submit(items=[])) == (422, "submission_empty")


async def test_a_file_that_was_not_uploaded_is_refused_with_a_pointer(room: Room) -> None:
    answer = await room.submit(file_id=FILE_ID)

    assert code(answer) == (422, "bytes_missing")
    assert answer.json()["errors"][0]["pointer"] == "/file_id"


async def test_a_file_of_anothers_entry_cannot_be_submitted(room: Room) -> None:
    await room.enter(BOB)
    await room.upload_file()

    assert code(await room.submit(BOB, file_id=FILE_ID)) == (422, "bytes_missing")


async def test_a_submitted_file_never_becomes_another(room: Room) -> None:
    await room.upload_file()
    await room.submit(file_id=FILE_ID)

    assert code(await room.upload_file(content=b"better")) == (409, "content_differs")
    assert (await room.upload_file()).status_code == 200


@pytest.mark.parametrize(
    "items",
    [
        [{"label": "t", "values": {"n": "1"}}] * 201,
        [{"label": "t" * 101, "values": {}}],
        [{"label": "t", "values": {str(number): "1" for number in range(21)}}],
        [{"label": "t", "values": {"n" * 41: "1"}}],
        [{"label": "t", "values": {"n": "1" * 201}}],
        [{"label": "t", "values": {"n": 1}}],
    ],
    ids=["items", "label", "values", "name", "value", "number"],
)
async def test_items_have_bounds(room: Room, items: JsonValue) -> None:
    assert (await room.submit(items=items)).status_code == 422


async def test_half_a_character_is_refused(room: Room) -> None:
    token = room.service.token(tenant=ANN.tenant, person=ANN.person, scopes=("challenges:enter",))
    body = b'{"items": [{"label": "\\ud800", "values": {}}]}'

    headers = token | {"Content-Type": "application/json"}
    answer = await room.service.http.post(f"{ANN.path}/submit", content=body, headers=headers)

    assert answer.status_code == 422


@pytest.mark.parametrize(
    "who", [BOB, Somebody(BOB.person, ANN.tenant)], ids=["a stranger", "a colleague of the vendor"]
)
async def test_nobody_uploads_or_submits_for_another(room: Room, who: Somebody) -> None:
    path = f"{ANN.path}/submit"

    submitted = await room.post(path, {"items": ITEMS}, who)
    uploaded = await room.put(f"{ANN.path}/files/{FILE_ID}/content", FILE, who, ("challenges:enter",))

    assert (submitted.status_code, uploaded.status_code) == (404, 404)


# Deadline and rivals --------------------------------------------------------------------------------------


async def test_a_submission_in_the_last_millisecond_counts(room: Room) -> None:
    room.service.clock.advance(OPEN_FOR - MILLISECOND)
    answer = await room.submit()
    await room.close()

    (closed,) = room.service.announced(SubmissionsClosedV1)
    assert answer.status_code == 200
    assert closed.data.model_dump()["submissions"] == 1


async def test_at_the_deadline_it_is_too_late_though_the_close_has_not_happened_yet(room: Room) -> None:
    room.service.clock.advance(OPEN_FOR)

    answer = await room.submit()
    await room.close()

    assert code(answer) == (409, "submissions_closed")
    assert len(room.service.announced(ChallengeVoidedV1)) == 1


async def test_no_file_is_taken_once_the_challenge_is_judged(room: Room) -> None:
    await room.submit()
    await room.close()

    assert code(await room.upload_file()) == (409, "challenge_state")


async def test_after_the_first_submission_the_client_cannot_cancel(room: Room) -> None:
    await room.submit()

    await room.service.deliver(a_cancel_wish(), key=ENGAGEMENT_ID)

    assert len(room.service.announced(ChallengeCancelRefusedV1)) == 1
    assert (await challenge(room)).status is ChallengeStatus.OPEN


async def test_of_the_first_submission_and_a_cancel_wish_one_wins(room: Room) -> None:
    wish = room.service.deliver(a_cancel_wish(), key=ENGAGEMENT_ID)

    answer, _ = await asyncio.gather(room.submit(), wish)

    if answer.status_code == 200:
        assert len(room.service.announced(ChallengeCancelRefusedV1)) == 1
        assert (await challenge(room)).has_submission
    else:
        assert code(answer) == (409, "challenge_state")
        assert len(room.service.announced(ChallengeCancelledV1)) == 1


async def test_only_the_first_submission_writes_the_challenge(room: Room) -> None:
    await room.submit()
    after_first = (await room.service.reads.get(Challenge, CHALLENGE_ID)).version

    await room.submit()
    await room.enter(BOB)
    await room.submit(BOB)

    assert (await room.service.reads.get(Challenge, CHALLENGE_ID)).version == after_first
