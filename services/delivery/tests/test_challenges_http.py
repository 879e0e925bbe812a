"""What a stranger, a client and the operator see of open calls, and how calls are found."""

from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from uuid import UUID, uuid4

import pytest

from kpo_chassis.testing.service import memory
from kpo_delivery.domain.challenge_plan import ChallengePlan, DatasetReference, PracticeArea

from .call_site import ENTRANT_VENDOR, CallSite, small_call
from .challenge_factories import CHALLENGE_ID, CLOSES_AT, DATASET_ID, person
from .factories import BLUEPRINT, BYTES, CLIENT_ID, DAY, HOUR, digest_of


@pytest.fixture
async def site() -> AsyncIterator[CallSite]:
    async with memory(BLUEPRINT) as running:
        yield CallSite(running)


async def found(site: CallSite, query: str) -> list[str]:
    answer = await site.service.http.get(f"/v1/challenges?{query}", headers=site.as_stranger())
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


# The call -------------------------------------------------------------------------------------------------


async def test_a_stranger_reads_the_open_call_with_what_prizes_are_worth_to_a_winner(site: CallSite) -> None:
    await site.open()

    call = (await site.get(who=site.as_stranger())).json()

    assert call["state"] == "open"
    assert call["question"] == small_call().question
    assert call["licence"]["text"] == small_call().licence.text
    assert call["waiting_on"] == {"party": "entrants", "act_by": "2026-05-31T09:00:00.000Z"}
    assert call["rounds"][1]["prizes"] == [
        {"rank": 1, "net": {"amount": "94500.00", "currency": "USD"}, "gross": None}
    ]
    assert call["management"] is None


async def test_the_client_also_sees_gross_prizes_seats_and_bench(site: CallSite) -> None:
    await site.open(judges=(1, 2))
    await site.appoint(2)

    call = (await site.get()).json()

    assert call["rounds"][1]["prizes"][0]["gross"] == {"amount": "105000.00", "currency": "USD"}
    seats = [seat["judge"] and seat["judge"]["person_id"] for seat in call["management"]["seats"]]
    assert seats == [str(person(2)), None, None]
    assert [judge["person_id"] for judge in call["management"]["bench"]] == [str(person(1)), str(person(2))]


async def test_the_client_sees_how_many_took_part_once_submissions_closed(site: CallSite) -> None:
    await site.open()
    await site.close(1, 2)

    management = (await site.get()).json()["management"]

    assert (management["entries"], management["submissions"]) == (2, 2)


async def test_a_planned_call_is_its_clients_own_business(site: CallSite) -> None:
    await site.file()

    assert (await site.get()).status_code == 200
    assert (await site.get(who=site.as_stranger())).status_code == 404
    assert await found(site, "") == []


async def test_a_judge_may_leave_the_panel_before_it_judges(site: CallSite) -> None:
    await site.open()
    await site.register_judge(1)
    await site.appoint(1)

    before = await site.get(who=site.as_judge(1))
    answer = await site.decline(1, seat=1)

    assert (before.status_code, answer.status_code) == (200, 200)
    assert person(1) not in {judge.person_id for judge in (await site.state()).panel.judges}


async def test_everybody_sees_who_won_after_the_end(site: CallSite) -> None:
    await site.open()
    await site.close(1)
    await site.score_all(1, 2, 3)
    await site.score_all(1, 2, 3)

    call = (await site.get(who=site.as_stranger())).json()

    assert call["state"] == "awarded"
    assert [(award["round"], award["rank"], award["prize"]["net"]["amount"]) for award in call["awards"]] == [
        (1, 1, "9000.00"),
        (2, 1, "94500.00"),
    ]
    assert call["awards"][0]["vendor_id"] == str(ENTRANT_VENDOR)
    assert call["rounds"][0]["submissions"] == 1


async def test_an_action_that_the_state_forbids_names_those_that_it_allows(site: CallSite) -> None:
    await site.open()
    await site.close(1)

    answer = await site.appoint(2)

    assert (answer.status_code, answer.json()["code"]) == (409, "challenge_state")
    assert answer.json()["allowed"] == ["score", "decline", "void"]


# Data -----------------------------------------------------------------------------------------------------


async def test_a_call_offers_the_data_that_its_client_uploaded(site: CallSite) -> None:
    await upload(site)

    await site.file(with_data())
    await site.fund()

    assert (await site.get(who=site.as_stranger())).json()["datasets"] == [
        {
            "dataset_id": str(DATASET_ID),
            "name": "drill holes",
            "media_type": "text/plain",
            "size": len(BYTES),
            "sha256": sha256(BYTES).hexdigest(),
        }
    ]


async def test_a_call_about_somebody_elses_data_is_voided(site: CallSite) -> None:
    await upload(site, tenant=uuid4())

    await site.file(with_data())

    assert site.announced() == ["voided"]


async def test_a_call_about_other_bytes_than_were_uploaded_is_voided(site: CallSite) -> None:
    await upload(site)

    await site.file(replace(with_data(), datasets=(DatasetReference(DATASET_ID, "0" * 64),)))

    assert site.announced() == ["voided"]


# Files of submissions -------------------------------------------------------------------------------------


async def test_a_judge_downloads_the_file_of_a_submission_under_no_name(site: CallSite) -> None:
    await site.open(small_call(seats=1), judges=(1,))
    await site.submit(1)
    entry_id = (await entries_of(site, 1))[0]
    file_id, who = uuid4(), site.as_entrant(1)
    headers = who | {"Content-Digest": digest_of(BYTES), "Content-Type": "text/plain"}
    await site.service.http.put(
        f"/v1/entries/{entry_id}/files/{file_id}/content", content=BYTES, headers=headers
    )
    await site.service.http.post(
        f"/v1/entries/{entry_id}/submit", json={"file_id": str(file_id)}, headers=site.as_entrant(1)
    )
    await site.close()
    (code,) = await site.assigned(1)

    told = (await site.get(f"/submissions/{code}", who=site.as_judge(1))).json()
    part = await site.get(f"/submissions/{code}/content", who=site.as_judge(1) | {"Range": "bytes=0-8"})

    assert told["file"]["content"] == f"/v1/challenges/{CHALLENGE_ID}/submissions/{code}/content"
    assert (part.status_code, part.content) == (206, BYTES[:9])
    assert part.headers["Content-Disposition"] == "attachment"


async def test_a_submission_of_items_alone_has_no_file(site: CallSite) -> None:
    await site.open(small_call(seats=1), judges=(1,))
    await site.close(1)
    (code,) = await site.assigned(1)

    answer = await site.get(f"/submissions/{code}/content", who=site.as_judge(1))

    assert (answer.status_code, answer.json()["code"]) == (404, "content_not_found")


# Lists ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("state=open", True),
        ("state=judging", False),
        ("practice_area=research_and_development", True),
        ("practice_area=legal", False),
        (f"closes_before={(CLOSES_AT + HOUR).isoformat().replace('+00:00', 'Z')}", True),
        (f"closes_before={(CLOSES_AT - DAY).isoformat().replace('+00:00', 'Z')}", False),
        ("purse_min=USD:575000.00", True),
        ("purse_min=USD:575000.01", False),
        ("purse_min=EUR:1.00", False),
    ],
)
async def test_strangers_find_open_calls(site: CallSite, query: str, is_found: bool) -> None:  # noqa: FBT001 - a column of the table.
    await site.open()

    assert await found(site, query) == ([str(CHALLENGE_ID)] if is_found else [])


@pytest.mark.parametrize("purse", ["USD:1", "XXX:1.00", "575000.00", "USD:1.000"])
async def test_a_purse_that_is_no_amount_is_refused(site: CallSite, purse: str) -> None:
    answer = await site.service.http.get(f"/v1/challenges?purse_min={purse}", headers=site.as_stranger())

    assert answer.status_code == 422


async def test_a_practice_area_that_nobody_knows_is_refused_with_those_that_there_are(site: CallSite) -> None:
    answer = await site.service.http.get("/v1/challenges?practice_area=zzz", headers=site.as_stranger())

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"]) == (422, "/practice_area")
    assert all(f"'{area}'" in error["detail"] for area in PracticeArea)


def with_data() -> ChallengePlan:
    reference = DatasetReference(DATASET_ID, sha256(BYTES).hexdigest())
    return replace(small_call(), datasets=(reference,))


async def upload(site: CallSite, *, tenant: UUID = CLIENT_ID) -> None:
    headers = {"Content-Digest": digest_of(BYTES), "Content-Type": "text/plain"}
    put = await site.service.http.put(
        f"/v1/datasets/{DATASET_ID}/content", content=BYTES, headers=site.as_client(tenant) | headers
    )
    assert put.status_code == 200, put.text
    named = await site.service.http.post(
        "/v1/datasets",
        json={"dataset_id": str(DATASET_ID), "name": "drill holes"},
        headers=site.as_client(tenant),
    )
    assert named.status_code == 201, named.text


async def entries_of(site: CallSite, number: int) -> list[str]:
    answer = await site.service.http.get("/v1/entries", headers=site.as_entrant(number))
    return [item["id"] for item in answer.json()["items"]]
