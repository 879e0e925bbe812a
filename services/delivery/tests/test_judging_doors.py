"""How a call is judged, over HTTP and by the clock: from the deadline to the awards, and how it can fail."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from kpo_chassis.testing.service import memory
from kpo_delivery.domain.challenge import ChallengeStatus
from kpo_delivery.domain.ranking_export import hash_of
from kpo_events.challenges import (
    ChallengeAwardedV1,
    RoundJudgedV1,
)

from .call_site import CallSite, code_of, entrant, small_call
from .challenge_factories import (
    CHALLENGE_PATH,
    a_round,
)
from .factories import BLUEPRINT


@pytest.fixture
async def site() -> AsyncIterator[CallSite]:
    async with memory(BLUEPRINT) as running:
        yield CallSite(running)


@pytest.fixture
async def judged(site: CallSite) -> CallSite:
    """Close a call with three submissions; judges 1, 2, 3 sit, 4 is on the bench."""
    await site.open_and_close()
    return site


# Scoring ---------------------------------------------------------------------------------------------------


async def test_each_judge_is_assigned_their_share_blind(judged: CallSite) -> None:
    assigned = [await judged.assigned(number) for number in (1, 2, 3)]

    assert [len(codes) for codes in assigned] == [2, 2, 2]
    assert {code for codes in assigned for code in codes} == {code_of(n) for n in (1, 2, 3)}


async def test_a_judge_reads_what_was_submitted_and_not_by_whom(judged: CallSite) -> None:
    code = (await judged.assigned(1))[0]

    answer = await judged.get(f"/submissions/{code}", who=judged.as_judge(1))

    number = next(n for n in (1, 2, 3) if code_of(n) == code)
    assert answer.json() == {
        "code": code,
        "items": [{"label": f"target {number}", "values": {"depth_m": str(100 * number)}}],
        "file": None,
    }


async def test_nobody_else_reads_a_submission_while_it_is_judged(judged: CallSite) -> None:
    mine = await judged.assigned(1)
    foreign = next(code_of(n) for n in (1, 2, 3) if code_of(n) not in mine)
    operator = judged.service.token(tenant=UUID(int=1), scopes=("operator", "challenges:read"))

    for who, code in [
        (judged.as_judge(1), foreign),
        (judged.as_judge(4), mine[0]),
        (judged.as_client(), mine[0]),
        (judged.as_entrant(1), code_of(1)),
        (judged.as_stranger(), mine[0]),
        (operator, mine[0]),
    ]:
        answer = await judged.get(f"/submissions/{code}", who=who)
        assert (answer.status_code, answer.json()["code"]) == (404, "assignment_unknown")


async def test_a_scorecard_is_given_once(judged: CallSite) -> None:
    code = (await judged.assigned(1))[0]

    first = await judged.score(1, code, {"geology": 80, "method": 70, "clarity": 60})
    second = await judged.score(1, code)

    assert first.status_code == 200
    assert first.json()["scores"] == [80, 70, 60]
    assert (second.status_code, second.json()["code"]) == (409, "scored_already")
    assert code not in await judged.assigned(1)


async def test_the_same_request_again_gets_the_same_scorecard_even_after_the_end(judged: CallSite) -> None:
    code = (await judged.assigned(1))[0]
    first = await judged.score(1, code, idempotency_key="once")
    await judged.void()

    again = await judged.score(1, code, idempotency_key="once")

    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"


async def test_a_scorecard_names_every_criterion_once(judged: CallSite) -> None:
    code = (await judged.assigned(1))[0]

    answer = await judged.score(1, code, {"geology": 80, "method": 70})

    assert (answer.status_code, answer.json()["code"]) == (422, "scores_incomplete")
    assert answer.json()["errors"][0]["pointer"] == "/scores"


async def test_nobody_scores_what_is_not_assigned_to_their_seat(judged: CallSite) -> None:
    mine = await judged.assigned(1)
    foreign = next(code_of(n) for n in (1, 2, 3) if code_of(n) not in mine)

    for number, code in [(1, foreign), (4, mine[0]), (1, "AAAAAAAAAA")]:
        answer = await judged.score(number, code)
        assert (answer.status_code, answer.json()["code"]) == (404, "assignment_unknown")


async def test_nobody_scores_before_submissions_close(site: CallSite) -> None:
    await site.open()
    await site.submit(1)

    answer = await site.score(1, code_of(1))

    assert (answer.status_code, answer.json()["code"]) == (409, "challenge_state")


async def test_judges_have_a_task_until_they_owe_nothing(judged: CallSite) -> None:
    async def links() -> list[str]:
        answer = await judged.service.http.get("/v1/tasks", headers=judged.as_judge(1))
        return [task["link"] for task in answer.json()["items"]]

    before = await links()
    await judged.score_all(1)

    assert before == [f"{CHALLENGE_PATH}/assignments"]
    assert await links() == []


async def test_assignments_come_in_pages(judged: CallSite) -> None:
    first = (await judged.get("/assignments?limit=1", who=judged.as_judge(1))).json()
    cursor = first["next_cursor"]
    second = (await judged.get(f"/assignments?limit=1&cursor={cursor}", who=judged.as_judge(1))).json()

    assert [page["items"][0]["code"] for page in (first, second)] == await judged.assigned(1)
    assert second["next_cursor"] is None


# From round to round ---------------------------------------------------------------------------------------


async def test_the_last_scorecard_closes_the_round_and_its_picks_go_on(judged: CallSite) -> None:
    await judged.score_all(1, 2, 3)

    challenge = await judged.state()
    assert challenge.status is ChallengeStatus.JUDGING
    assert challenge.clock is not None
    assert challenge.clock.round == 2
    told = judged.service.announced(RoundJudgedV1)[0].data.model_dump()
    assert (told["round"], told["submissions"], told["picked"]) == (1, 3, 2)
    assert [len(await judged.assigned(number)) for number in (1, 2, 3)] == [2, 2, 2]


async def test_the_best_two_go_on_and_the_best_of_them_wins(judged: CallSite) -> None:
    async def prefer(*numbers: int) -> None:
        """Score submission 2 best, then 3, then 1."""
        for number in numbers:
            for code in await judged.assigned(number):
                points = {code_of(2): 90, code_of(3): 70, code_of(1): 50}[code]
                await judged.score(number, code, dict.fromkeys(("geology", "method", "clarity"), points))
        await judged.service.tick()

    await prefer(1, 2, 3)
    await prefer(1, 2, 3)

    awarded = judged.service.announced(ChallengeAwardedV1)[0].data
    assert isinstance(awarded, ChallengeAwardedV1)
    assert [(a.number, a.round, a.rank, a.person_id, a.prize.amount) for a in awarded.awards] == [
        (1, 1, 1, entrant(2), "10000.00"),
        (2, 1, 2, entrant(3), "10000.00"),
        (3, 2, 1, entrant(2), "105000.00"),
    ]
    assert judged.announced()[-3:] == ["round_judged", "round_judged", "awarded"]


async def test_the_client_reads_every_submission_once_it_is_awarded(judged: CallSite) -> None:
    await judged.score_all(1, 2, 3)
    await judged.score_all(1, 2, 3)

    for number in (1, 2, 3):
        assert (await judged.get(f"/submissions/{code_of(number)}")).status_code == 200
    assert (await judged.get(f"/submissions/{code_of(1)}", who=judged.as_stranger())).status_code == 404


async def test_a_client_that_pays_nobody_reads_nothing(judged: CallSite) -> None:
    await judged.void()

    assert (await judged.get(f"/submissions/{code_of(1)}")).status_code == 404


# The operator ----------------------------------------------------------------------------------------------


async def test_the_operator_voids_and_nobody_is_asked_to_judge_any_more(judged: CallSite) -> None:
    answer = await judged.void()

    assert answer.json()["state"] == "voided"
    tasks = await judged.service.http.get("/v1/tasks", headers=judged.as_judge(1))
    assert tasks.json()["items"] == []
    assert (await judged.void()).status_code == 409


async def test_the_operator_ends_the_last_round_and_the_first_is_paid(judged: CallSite) -> None:
    await judged.score_all(1, 2, 3)

    answer = await judged.void()

    assert answer.json()["state"] == "awarded"
    assert [award["prize"]["gross"]["amount"] for award in answer.json()["awards"]] == ["10000.00"] * 2


async def test_only_the_operator_voids(judged: CallSite) -> None:
    assert (await judged.void(scopes=("challenges:manage",))).status_code == 403


# Ranking ---------------------------------------------------------------------------------------------------


async def test_the_ranking_is_what_was_announced_and_can_be_recomputed(judged: CallSite) -> None:
    await judged.score_all(1, 2, 3)

    answer = (await judged.get("/rounds/1/ranking")).json()

    announced = judged.service.announced(RoundJudgedV1)[0].data.model_dump()["ranking_sha256"]
    assert answer["sha256"] == announced == hash_of(answer)
    assert [row["rank"] for row in answer["ranking"]] == [1, 2, 3]
    assert len(answer["scorecards"]) == 6


async def test_who_takes_part_sees_a_ranking_at_once_and_others_after_the_end(judged: CallSite) -> None:
    await judged.score_all(1, 2, 3)
    path = "/rounds/1/ranking"

    for who in (judged.as_client(), judged.as_judge(1), judged.as_entrant(1)):
        assert (await judged.get(path, who=who)).status_code == 200
    before = await judged.get(path, who=judged.as_stranger())
    await judged.score_all(1, 2, 3)
    after = await judged.get(path, who=judged.as_stranger())

    assert (before.status_code, before.json()["code"]) == (404, "ranking_unknown")
    assert after.status_code == 200


async def test_a_round_that_is_being_judged_has_no_ranking(judged: CallSite) -> None:
    assert (await judged.get("/rounds/1/ranking")).json()["code"] == "ranking_unknown"


# A call of one round ---------------------------------------------------------------------------------------


async def test_a_call_of_one_round_and_one_judge_is_awarded_with_one_card_each(site: CallSite) -> None:
    await site.open(small_call(a_round(1, picks=1, prizes=[105_000]), seats=1), judges=(1,))
    await site.close(1, 2)

    await site.score_all(1)

    assert site.announced()[-2:] == ["round_judged", "awarded"]
    assert len((await site.state()).awards) == 1
