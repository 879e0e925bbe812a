"""How a client files an open call over HTTP, what is announced of it, and what is refused."""

from collections.abc import AsyncIterator

import pytest
from pydantic import JsonValue

from kpo_chassis.testing.service import memory
from kpo_events.catalogue import EVENT_BYTES_MAX
from kpo_events.intake import EngagementSubmittedV1
from kpo_events.money import Money
from kpo_reference import published

from .factories import BLUEPRINT, DATASET_ID, DIGEST, Desk, a_call, a_request, dollars

BRIEF_BYTES, LICENCE_BYTES = 32 * 1024, 8 * 1024


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """Give a service where one client is registered."""
    async with memory(BLUEPRINT) as running:
        found = Desk(running)
        await found.register()
        yield found


@pytest.fixture(scope="module")
async def shared_desk() -> AsyncIterator[Desk]:
    """Give one registered client to all tests of refusals: what is refused leaves no trace."""
    async with memory(BLUEPRINT) as running:
        found = Desk(running)
        await found.register()
        yield found


def the_largest_call() -> dict[str, JsonValue]:
    """Fill everything that a call may say."""
    skills: list[JsonValue] = [{"skill": skill.id, "level": 5} for skill in published.skills()[:64]]
    datasets: list[JsonValue] = [
        {"dataset_id": f"0d000000-0000-4000-8000-{number:012}", "sha256": DIGEST} for number in range(16)
    ]
    countries: list[JsonValue] = [*sorted(published.countries())[:64]]
    return a_call(
        title="t" * 500,
        brief="b" * BRIEF_BYTES,
        required_skills=skills,
        wished_skills=skills,
        licence={"version": "v" * 80, "text": "l" * LICENCE_BYTES},
        datasets=datasets,
        criteria=[{"name": f"{number:c>80}", "weight": 100} for number in range(12)],
        rounds=[{"picks": 64, "prizes": [dollars("1000.00")] * 64, "judge_within": "P90D"}],
        excluded_countries=countries,
    )


async def test_filing_a_challenge_answers_with_the_whole_of_it(desk: Desk) -> None:
    answer = await desk.file(a_call())

    body = answer.json()
    assert answer.status_code == 201
    assert {name: body[name] for name in a_call()} == {**a_call(), "fund_by": "2026-03-09T09:30:00.000Z"}
    assert body["state"] == "submitted"
    assert "milestones" not in body


async def test_a_challenge_is_shown_and_listed_as_it_was_filed(desk: Desk) -> None:
    filed = (await desk.file(a_call())).json()

    shown = (await desk.get(f"/v1/engagements/{filed['id']}")).json()
    (listed,) = (await desk.get("/v1/engagements")).json()["items"]

    assert listed == filed
    assert shown["current_step"]["type"] == "intake.engagement.submitted.v1"
    assert {name: shown[name] for name in filed} == filed


async def test_filing_a_challenge_announces_its_plan(desk: Desk) -> None:
    await desk.file(a_call())

    told = desk.service.announced(EngagementSubmittedV1)[0].data
    assert isinstance(told, EngagementSubmittedV1)
    assert told.mode == "challenge"
    assert told.assignment is None
    assert told.challenge is not None
    assert [(each.number, each.picks, len(each.prizes)) for each in told.challenge.rounds] == [
        (1, 23, 23),
        (2, 3, 3),
    ]
    assert told.challenge.rounds[1].prizes[0] == Money(amount="150000.00", currency="USD")
    assert (told.challenge.datasets[0].dataset_id, told.challenge.datasets[0].sha256) == (DATASET_ID, DIGEST)
    assert [(each.name, each.weight) for each in told.challenge.criteria] == [
        ("Reasoning", 60),
        ("Evidence", 40),
    ]
    assert (told.challenge.judges, told.challenge.invitations) == (5, 100)
    assert told.challenge.excluded_countries == ("KP",)


async def test_the_largest_call_fits_into_its_event(desk: Desk) -> None:
    answer = await desk.file(the_largest_call())

    assert answer.status_code == 201, answer.text
    announced = desk.service.announced(EngagementSubmittedV1)[0].data
    assert len(announced.model_dump_json().encode()) < EVENT_BYTES_MAX


async def test_a_call_whose_text_swells_in_its_event_is_refused_with_what_to_do(desk: Desk) -> None:
    answer = await desk.file(a_call(brief='"' * BRIEF_BYTES))

    assert answer.status_code == 422
    assert "shorten its texts" in answer.json()["detail"]


async def test_both_examples_of_the_document_can_be_filed_as_they_are(desk: Desk) -> None:
    document = (await desk.service.http.get("/openapi.json")).json()
    body = document["paths"]["/v1/engagements"]["post"]["requestBody"]["content"]["application/json"]

    answers = {mode: await desk.file(shown["value"]) for mode, shown in body["examples"].items()}

    statuses = {mode: answer.status_code for mode, answer in answers.items()}
    assert statuses == {"assignment": 201, "challenge": 201}


@pytest.mark.parametrize(
    ("said", "pointer", "detail"),
    [
        ({"rounds": []}, "/rounds", "at least 1 item"),
        ({"judges": 0}, "/judges", "greater than or equal to 1"),
        ({"judges": 16}, "/judges", "less than or equal to 15"),
        ({"invitations": 501}, "/invitations", "less than or equal to"),
        ({"criteria": [{"name": "Reasoning", "weight": 101}]}, "/criteria/0/weight", "equal to 100"),
        ({"criteria": []}, "/criteria", "at least 1 item"),
        ({"datasets": [{"dataset_id": str(DATASET_ID), "sha256": "beef"}]}, "/datasets/0/sha256", "pattern"),
        ({"open_for": "PT1S"}, "/open_for", "from PT1H to P365D; this is PT1S"),
        ({"licence": {"version": "1", "text": "ü" * 4_097}}, "/licence/text", "at most 8192"),
        ({"budget": dollars("499999.99")}, "/rounds", "500000.00 USD and the budget is 499999.99 USD"),
        ({"excluded_countries": ["North Korea"]}, "/excluded_countries/0", "pattern"),
        ({"milestones": []}, "/milestones", "no such field"),
        ({"confidential": True}, "/confidential", "leave 'confidential' out"),
    ],
)
async def test_filing_what_breaks_a_rule_points_to_the_place_and_says_what_is_allowed(
    shared_desk: Desk, said: dict[str, JsonValue], pointer: str, detail: str
) -> None:
    answer = await shared_desk.file(a_call(**said))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert detail in answer.json()["errors"][0]["detail"]


async def test_filing_in_no_mode_is_refused(shared_desk: Desk) -> None:
    answer = await shared_desk.file({name: said for name, said in a_request().items() if name != "mode"})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/mode"
