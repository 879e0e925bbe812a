"""The data room: no byte without a valid grant, and every download in the log."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4, uuid5

import pytest

from kpo_chassis.testing.service import memory
from kpo_events.challenges import ChallengeVoidedV1
from kpo_events.matching import ExpertSuspendedV1

from .factories import BLUEPRINT, ENGAGEMENT_ID
from .room import (
    ANN,
    BOB,
    CHALLENGE_PATH,
    CLIENT,
    DATA,
    DATASET_ID,
    EVE,
    EXCLUDED,
    FILE_ID,
    OPEN_FOR,
    OPERATOR,
    OTHER_CLIENT,
    OWNER,
    Room,
    Somebody,
    a_room,
    an_engagement,
    code,
)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    async with a_room() as open_room:
        yield open_room


@pytest.fixture
async def empty() -> AsyncIterator[Room]:
    """Give a service without a challenge."""
    async with memory(BLUEPRINT) as running:
        yield Room(running)


# Datasets -------------------------------------------------------------------------------------------------


async def test_a_client_uploads_data_and_names_them(empty: Room) -> None:
    await empty.upload_data()

    answer = await empty.name_data()

    dataset = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v1/datasets/{DATASET_ID}")
    assert (dataset["size"], dataset["media_type"]) == (len(DATA), "text/csv")
    assert dataset["state"] == "stored"


@pytest.mark.parametrize(
    "media_type", ["text/csv", 'text/csv; header=present;charset="utf-8"', "x!#$/y^_`|~"]
)
async def test_data_may_be_named_with_any_media_type(empty: Room, media_type: str) -> None:
    await empty.upload_data()

    answer = await empty.name_data(media_type=media_type)

    assert (answer.status_code, answer.json()["media_type"]) == (201, media_type)


@pytest.mark.parametrize(
    "media_type",
    [
        "Text",
        " ",
        "",
        "text/",
        "text/csv ",
        "text/csv;",
        "text/csv; a = b",
        "text/csv\r\nX-Evil: 1",
        "text/csv\n",
    ],
)
async def test_what_is_no_media_type_is_refused_with_an_example(empty: Room, media_type: str) -> None:
    await empty.upload_data()

    answer = await empty.name_data(media_type=media_type)

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"]) == (422, "/media_type")
    assert error["detail"] == "Write a media type such as text/csv (RFC 9110)."


async def test_the_document_shows_a_media_type_wherever_there_is_one(empty: Room) -> None:
    document = (await empty.service.http.get("/openapi.json")).json()

    schemas = document["components"]["schemas"].values()
    shown = [
        p["media_type"].get("examples") for s in schemas if "media_type" in (p := s.get("properties", {}))
    ]

    assert len(shown) > 1
    assert all(shown)


async def test_a_dataset_without_bytes_is_refused_with_a_pointer(empty: Room) -> None:
    answer = await empty.name_data()

    assert code(answer) == (422, "bytes_missing")
    assert answer.json()["errors"][0]["pointer"] == "/dataset_id"


async def test_bytes_that_waited_too_long_are_not_named_until_they_are_sent_again(empty: Room) -> None:
    await empty.upload_data()
    await empty.service.tick(timedelta(hours=23, seconds=1))

    refused = await empty.name_data()
    await empty.upload_data()

    assert code(refused) == (422, "bytes_too_old")
    assert (await empty.name_data()).status_code == 201


async def test_a_dataset_is_named_once(empty: Room) -> None:
    await empty.upload_data()
    await empty.name_data()

    assert code(await empty.name_data()) == (409, "dataset_exists")


async def test_a_dataset_never_takes_other_bytes(empty: Room) -> None:
    await empty.upload_data()
    await empty.name_data()

    assert code(await empty.upload_data(b"other")) == (409, "content_differs")
    assert (await empty.upload_data()).status_code == 200


async def test_nobody_can_take_anothers_id_away_before_it_is_named(empty: Room) -> None:
    await empty.upload_data(b"squatting", who=OTHER_CLIENT)

    await empty.upload_data()
    answer = await empty.name_data()

    assert answer.json()["size"] == len(DATA)


async def test_datasets_are_their_clients_alone(empty: Room) -> None:
    await empty.upload_data()
    await empty.name_data()

    mine = await empty.get("/v1/datasets?state=stored", CLIENT, OWNER)
    foreign = await empty.get("/v1/datasets", OTHER_CLIENT, OWNER)
    one = await empty.get(f"/v1/datasets/{DATASET_ID}", OTHER_CLIENT, OWNER)

    assert [item["id"] for item in mine.json()["items"]] == [str(DATASET_ID)]
    assert foreign.json()["items"] == []
    assert one.status_code == 404


async def test_a_call_for_anothers_data_is_voided(empty: Room) -> None:
    await empty.upload_data(who=OTHER_CLIENT)
    await empty.name_data(who=OTHER_CLIENT)

    await empty.service.deliver(an_engagement(), key=ENGAGEMENT_ID)

    assert len(empty.service.announced(ChallengeVoidedV1)) == 1


# Downloads ------------------------------------------------------------------------------------------------


async def test_an_entrant_downloads_the_data_and_ranges_of_them(room: Room) -> None:
    await room.enter()

    whole = await room.download()
    part = await room.download(part="bytes=0-6")

    assert (whole.status_code, whole.content) == (200, DATA)
    assert (part.status_code, part.content) == (206, b"easting")


async def test_without_the_licence_there_is_no_byte(room: Room) -> None:
    answer = await room.download()

    assert code(answer) == (409, "not_entered")
    assert answer.json()["allowed"] == ["enter"]


@pytest.mark.parametrize("who", [CLIENT, OPERATOR, BOB], ids=["client", "operator", "another expert"])
async def test_an_entry_opens_the_data_for_its_own_person_alone(room: Room, who: Somebody) -> None:
    await room.enter()

    assert code(await room.download(who)) == (409, "not_entered")


async def test_a_revoked_grant_ends_between_two_ranges(room: Room) -> None:
    await room.enter()
    first = await room.download(part="bytes=0-6")

    revoked = await room.revoke()
    second = await room.download(part="bytes=7-13")

    assert first.status_code == 206
    assert revoked.json()["revoke_reason"] == "The data were passed on."
    assert code(second) == (409, "grant_ended")


async def test_who_lost_the_data_may_still_submit(room: Room) -> None:
    await room.enter()
    await room.revoke()

    assert (await room.submit()).status_code == 200


@pytest.mark.parametrize("by", [ANN, BOB, OTHER_CLIENT], ids=["entrant", "another", "another client"])
async def test_nobody_but_the_client_revokes_or_learns_of_entries(room: Room, by: Somebody) -> None:
    await room.enter()

    answers = [await room.revoke(by=by), await room.revoke(EVE, by=by)]

    assert [code(answer) for answer in answers] == [(404, "not_found")] * 2
    assert (await room.download()).status_code == 200


async def test_an_entry_of_no_such_challenge_is_not_revoked(room: Room) -> None:
    assert code(await room.revoke(EVE)) == (404, "entry_unknown")


async def test_access_ends_with_the_deadline(room: Room) -> None:
    await room.enter()

    room.service.clock.advance(OPEN_FOR)

    assert code(await room.download()) == (409, "grant_ended")


async def test_a_suspended_expert_downloads_nothing_more(room: Room) -> None:
    await room.enter()
    expert_id = uuid5(ANN.person, "expert")
    suspended = ExpertSuspendedV1(expert_id=expert_id, vendor_id=ANN.tenant, reason="Fraud.")
    await room.service.deliver(suspended, key=expert_id)

    assert code(await room.download()) == (422, "expert_unknown")


async def test_who_moves_to_an_excluded_country_downloads_nothing_more(room: Room) -> None:
    await room.enter()
    await room.know(ANN, country=EXCLUDED)

    assert code(await room.download()) == (422, "country_excluded")


async def test_other_data_than_those_of_the_call_are_not_found(room: Room) -> None:
    other = uuid4()
    await room.upload_data(b"of another call", key=other)
    await room.name_data(key=other)
    await room.enter()

    answer = await room.get(f"{CHALLENGE_PATH}/datasets/{other}/content", ANN)

    assert code(answer) == (404, "dataset_unknown")


# The log --------------------------------------------------------------------------------------------------


async def test_the_client_sees_every_download_oldest_first(room: Room) -> None:
    await room.enter()
    await room.download()
    room.service.clock.advance(timedelta(minutes=1))
    await room.download(part="bytes=0-6")

    answer = await room.get(f"{CHALLENGE_PATH}/downloads", CLIENT, OWNER)

    rows = answer.json()["items"]
    assert [(row["person_id"], row["range"]) for row in rows] == [
        (str(ANN.person), None),
        (str(ANN.person), "bytes=0-6"),
    ]
    assert rows[1]["downloaded_at"] == "2026-03-02T09:01:00.000Z"
    assert rows[0]["dataset_id"] == str(DATASET_ID)


async def test_the_log_has_pages(room: Room) -> None:
    await room.enter()
    for _ in range(3):
        await room.download()
    path = f"{CHALLENGE_PATH}/downloads?limit=2"

    first = (await room.get(path, CLIENT, OWNER)).json()
    rest = (await room.get(f"{path}&cursor={first['next_cursor']}", CLIENT, OWNER)).json()

    assert len({row["id"] for row in (*first["items"], *rest["items"])}) == 3
    assert rest["next_cursor"] is None


async def test_a_refused_download_is_no_download(room: Room) -> None:
    await room.download()

    answer = await room.get(f"{CHALLENGE_PATH}/downloads", CLIENT, OWNER)

    assert answer.json()["items"] == []


@pytest.mark.parametrize("who", [ANN, OTHER_CLIENT], ids=["entrant", "another client"])
async def test_nobody_but_the_client_sees_who_downloaded(room: Room, who: Somebody) -> None:
    await room.enter()

    assert (await room.get(f"{CHALLENGE_PATH}/downloads", who, OWNER)).status_code == 404


# Clean-up -------------------------------------------------------------------------------------------------


async def test_bytes_that_nothing_named_are_removed_after_a_day_and_named_ones_stay(room: Room) -> None:
    draft = uuid4()
    await room.upload_data(b"draft", key=draft)
    await room.enter()
    await room.upload_file()
    await room.service.tick(timedelta(hours=25))

    await room.service.run_jobs()

    assert code(await room.name_data(key=draft)) == (422, "bytes_missing")
    assert code(await room.submit(file_id=FILE_ID)) == (422, "bytes_missing")
    assert (await room.download()).content == DATA


async def test_a_file_that_was_submitted_stays(room: Room) -> None:
    await room.enter()
    await room.upload_file()
    await room.submit(file_id=FILE_ID)
    await room.service.tick(timedelta(hours=25))

    await room.service.run_jobs()

    assert (await room.submit(file_id=FILE_ID)).status_code == 200
