"""Entering a challenge: who may, on which licence, and that nobody plays two parts."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid5

import pytest

from kpo_delivery.domain.participation import ParticipantRole, Participation
from kpo_events.challenges import EntryEnteredV1
from kpo_events.matching import ExpertSuspendedV1

from .factories import CLIENT_ID, ENGAGEMENT_ID
from .room import (
    ACCEPTED,
    ANN,
    BOB,
    CHALLENGE_ID,
    CHALLENGE_PATH,
    CLIENT,
    EVE,
    EXCLUDED,
    LICENCE,
    OPEN_FOR,
    OPERATOR,
    Room,
    Somebody,
    a_cancel_wish,
    a_room,
    code,
    somebody,
)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    async with a_room() as open_room:
        yield open_room


async def test_an_expert_enters_and_gets_access_until_submissions_close(room: Room) -> None:
    answer = await room.enter()

    entry = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (201, ANN.path)
    assert entry["state"] == "entered"
    assert entry["licence"]["version"] == LICENCE.version
    assert entry["grant"]["expires_at"] == "2026-04-01T09:00:00.000Z"


async def test_entering_is_announced_with_licence_and_country(room: Room) -> None:
    await room.enter()

    (event,) = room.service.announced(EntryEnteredV1)
    assert event.subject == ANN.entry_id
    assert event.correlation_id == ENGAGEMENT_ID
    assert event.data == EntryEnteredV1(
        engagement_id=ENGAGEMENT_ID,
        client_id=CLIENT_ID,
        entry_id=ANN.entry_id,
        challenge_id=CHALLENGE_ID,
        expert_id=uuid5(ANN.person, "expert"),
        person_id=ANN.person,
        vendor_id=ANN.tenant,
        licence_version="1.0",
        country="NL",
    )


async def test_everybody_reads_the_licence_of_an_open_call(room: Room) -> None:
    answer = await room.get(f"{CHALLENGE_PATH}/licence", somebody(9))

    assert answer.json()["text"] == LICENCE.text


@pytest.mark.parametrize("changed", [{"licence_version": "0.9"}, {"licence_sha256": "0" * 64}])
async def test_another_licence_than_that_of_the_data_is_refused(room: Room, changed: dict[str, str]) -> None:
    assert code(await room.enter(accepted={**ACCEPTED, **changed})) == (409, "licence_differs")


async def test_nobody_enters_twice(room: Room) -> None:
    await room.enter()

    assert code(await room.enter()) == (409, "already_takes_part")


async def test_entering_with_the_same_key_is_answered_again(room: Room) -> None:
    first = await room.post(f"{CHALLENGE_PATH}/enter", ACCEPTED, ANN, key="once")

    again = await room.post(f"{CHALLENGE_PATH}/enter", ACCEPTED, ANN, key="once")

    assert again.json() == first.json()
    assert len(room.service.announced(EntryEnteredV1)) == 1


async def test_a_judge_does_not_enter_and_is_told_why(room: Room) -> None:
    await room.appoint(ANN)

    answer = await room.enter()

    assert code(answer) == (409, "already_takes_part")
    assert "as judge already" in answer.json()["detail"]


async def test_an_entrant_is_not_appointed_and_the_client_is_told_why(room: Room) -> None:
    await room.enter()

    answer = await room.appoint(ANN)

    assert code(answer) == (409, "already_takes_part")
    assert "as entrant already" in answer.json()["detail"]


async def test_of_entering_and_appointing_at_the_same_time_one_wins(room: Room) -> None:
    people = [ANN, BOB]

    answers = await asyncio.gather(*(do(who) for who in people for do in (room.enter, room.appoint)))

    for who, entered, appointed in zip(people, answers[::2], answers[1::2], strict=True):
        part = await room.service.reads.get(Participation, Participation.id_of(CHALLENGE_ID, who.person))
        won = entered if part.state.role is ParticipantRole.ENTRANT else appointed
        lost = appointed if won is entered else entered
        assert won.is_success
        assert code(lost) == (409, "already_takes_part")


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        (CLIENT, "own_challenge"),
        (somebody(9), "expert_unknown"),
        (Somebody(ANN.person, BOB.tenant), "expert_unknown"),
        (OPERATOR, "expert_unknown"),
    ],
    ids=["the client", "unknown", "for another vendor", "the operator"],
)
async def test_who_may_not_enter_is_refused(room: Room, who: Somebody, refusal: str) -> None:
    assert code(await room.enter(who)) == (422, refusal)


async def test_the_clients_own_people_do_not_enter(room: Room) -> None:
    await room.know(somebody(8), employer=CLIENT_ID)

    assert code(await room.enter(somebody(8))) == (422, "own_challenge")


async def test_people_in_an_excluded_country_do_not_enter(room: Room) -> None:
    await room.know(somebody(8), country=EXCLUDED)

    assert code(await room.enter(somebody(8))) == (422, "country_excluded")


async def test_a_suspended_expert_does_not_enter_even_after_an_update(room: Room) -> None:
    expert_id = uuid5(EVE.person, "expert")
    suspended = ExpertSuspendedV1(expert_id=expert_id, vendor_id=EVE.tenant, reason="Fraud.")
    await room.service.deliver(suspended, key=expert_id)
    await room.know(EVE)

    assert code(await room.enter(EVE)) == (422, "expert_unknown")


async def test_the_suspension_of_an_expert_who_has_not_arrived_waits_for_them(room: Room) -> None:
    who = somebody(8)
    expert_id = uuid5(who.person, "expert")
    suspended = ExpertSuspendedV1(expert_id=expert_id, vendor_id=who.tenant, reason="Fraud.")
    await room.service.deliver(suspended, key=expert_id)

    (row,) = await room.service.database.find("parked", {}, limit=2)

    assert row["code"] == "not_yet"


async def test_nobody_enters_once_submissions_are_closed(room: Room) -> None:
    room.service.clock.advance(OPEN_FOR)

    assert code(await room.enter()) == (409, "submissions_closed")


async def test_nobody_enters_a_challenge_that_has_ended(room: Room) -> None:
    await room.service.deliver(a_cancel_wish(), key=ENGAGEMENT_ID)

    assert code(await room.enter()) == (409, "challenge_state")


async def test_entries_are_their_vendors_alone(room: Room) -> None:
    await room.enter()
    await room.enter(BOB)

    mine = await room.get("/v1/entries", ANN)
    of_client = await room.get("/v1/entries", CLIENT)
    foreign = await room.get(BOB.path, ANN)

    assert [item["id"] for item in mine.json()["items"]] == [str(ANN.entry_id)]
    assert of_client.json()["items"] == []
    assert foreign.status_code == 404
