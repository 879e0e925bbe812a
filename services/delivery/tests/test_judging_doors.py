"""How a call is judged, over HTTP and by the clock: from the deadline to the awards, and how it can fail."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from kpo_chassis.testing.service import memory
from kpo_delivery.domain.challenge import CLOSING_GRACE, ChallengeStatus
from kpo_delivery.domain.entry import Entry
from kpo_delivery.domain.judging import GIVE_UP_AFTER, NO_QUORUM, NO_SUBMISSION, TOO_LATE
from kpo_delivery.domain.ranking_export import hash_of
from kpo_delivery.domain.round import blind_code
from kpo_delivery.wiring import blueprint
from kpo_events.challenges import (
    ChallengeAwardedV1,
    ChallengeVoidedV1,
    JudgeAppointedV1,
    JudgeReplacedV1,
    RoundJudgedV1,
    SubmissionsClosedV1,
)

from .call_site import CallSite, entrant, small_call
from .challenge_factories import (
    BLIND_KEY,
    CHALLENGE_ID,
    CHALLENGE_PATH,
    JUDGE_WITHIN,
    OPEN_FOR,
    a_judge,
    a_round,
    person,
    usd,
)
from .factories import CLIENT_ID, HOUR, some_settings


@pytest.fixture
async def site() -> AsyncIterator[CallSite]:
    async with memory(blueprint(some_settings())) as running:
        yield CallSite(running)


@pytest.fixture
async def judged(site: CallSite) -> CallSite:
    """Close a call with three submissions; judges 1, 2, 3 sit, 4 is on the bench."""
    await site.open(judges=(1, 2, 3, 4))
    await site.close(1, 2, 3)
    return site


def code_of(number: int) -> str:
    return blind_code(BLIND_KEY, Entry.id_of(CHALLENGE_ID, entrant(number)))


# The deadline ---------------------------------------------------------------------------------------------


async def test_submissions_close_after_the_grace_and_the_bench_takes_its_seats(site: CallSite) -> None:
    await site.open()
    await site.submit(1)

    await site.service.tick(OPEN_FOR)
    at_the_deadline = site.announced()
    await site.service.tick(CLOSING_GRACE)

    closed = site.service.announced(SubmissionsClosedV1)[0].data.model_dump()
    assert at_the_deadline == ["planned", "opened"]
    assert (closed["entries"], closed["submissions"]) == (1, 1)
    assert site.announced()[2:] == ["submissions_closed", *["judge_appointed"] * 3]
    seats = [event.data.model_dump() for event in site.service.announced(JudgeAppointedV1)]
    assert [(seat["seat"], seat["person_id"]) for seat in seats] == [(n, person(n)) for n in (1, 2, 3)]


async def test_a_call_without_a_submission_is_voided_at_its_deadline(site: CallSite) -> None:
    await site.open()

    await site.close()

    assert site.announced() == ["planned", "opened", "voided"]
    assert site.service.announced(ChallengeVoidedV1)[0].data.model_dump()["reason"] == NO_SUBMISSION


async def test_an_entrant_on_the_bench_gets_no_seat(site: CallSite) -> None:
    await site.open(judges=(1, 2))
    await site.submit(1, person=person(1))

    await site.close(2)

    assert (await site.state()).panel.judges == {a_judge(2)}


async def test_a_judge_of_whom_nothing_is_known_gets_no_seat(site: CallSite) -> None:
    await site.file()
    await site.fund()
    await site.propose(1, 2)
    await site.register_judge(2)
    await site.close(1)

    assert (await site.state()).panel.judges == {a_judge(2)}


async def test_a_panel_that_is_proposed_late_sits_down_at_once(site: CallSite) -> None:
    await site.open(judges=())
    await site.close(1)
    for number in (1, 2, 3):
        await site.register_judge(number)

    await site.propose(1, 2, 3)

    assert (await site.state()).panel.free == ()
    assert await site.assigned(1) == [code_of(1)] or await site.assigned(2) == [code_of(1)]


# Appointing and leaving -----------------------------------------------------------------------------------


async def test_the_client_appoints_a_judge_who_cannot_enter_then(site: CallSite) -> None:
    await site.open(judges=(1,))

    answer = await site.appoint(1)

    assert answer.status_code == 200
    assert answer.json()["management"]["seats"][0]["judge"]["person_id"] == str(person(1))
    again = await site.appoint(1)
    assert (again.status_code, again.json()["code"]) == (409, "already_takes_part")


async def test_who_has_entered_cannot_be_appointed(site: CallSite) -> None:
    await site.open(judges=())
    await site.submit(1)

    answer = await site.post("/judges", {"person_id": str(entrant(1))}, site.as_client())

    assert (answer.status_code, answer.json()["code"]) == (409, "already_takes_part")


@pytest.mark.parametrize(("employers", "code"), [((CLIENT_ID,), "judge_conflict"), (None, "judge_unknown")])
async def test_nobody_unknown_or_close_to_the_client_is_appointed(
    site: CallSite, employers: tuple[UUID, ...] | None, code: str
) -> None:
    await site.open(judges=())
    if employers is not None:
        await site.register_judge(7, employers=employers)

    answer = await site.appoint(7)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_only_the_client_appoints(site: CallSite) -> None:
    await site.open(judges=(1,))

    assert (await site.appoint(1, tenant=UUID(int=99))).status_code == 404


async def test_a_judge_leaves_and_the_next_of_the_bench_does_what_is_left(judged: CallSite) -> None:
    owed = await judged.assigned(2)
    await judged.score(2, owed[0])

    answer = await judged.decline(2, seat=2)

    assert answer.status_code == 200
    assert await judged.assigned(4) == owed[1:]
    assert await judged.assigned(2) == []
    replaced = judged.service.announced(JudgeReplacedV1)[0].data.model_dump()
    assert (replaced["seat"], replaced["person_id"], replaced["reason"]) == (2, person(4), "Ill.")


async def test_a_judge_who_left_does_not_come_back(judged: CallSite) -> None:
    await judged.decline(2, seat=2)

    await judged.decline(4, seat=2)

    assert (await judged.state()).panel.free == (2,)


async def test_nobody_leaves_a_seat_that_is_not_theirs(judged: CallSite) -> None:
    answer = await judged.decline(1, seat=2)

    assert (answer.status_code, answer.json()["code"]) == (404, "seat_not_yours")


# Scoring --------------------------------------------------------------------------------------------------


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


# From round to round --------------------------------------------------------------------------------------


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


# Late judges ----------------------------------------------------------------------------------------------


async def test_a_late_judge_is_replaced_by_the_bench_once(judged: CallSite) -> None:
    await judged.score_all(1, 2)
    owed = await judged.assigned(3)

    await judged.service.tick(JUDGE_WITHIN)

    assert await judged.assigned(4) == owed
    replaced = judged.service.announced(JudgeReplacedV1)[0].data.model_dump()
    assert (replaced["seat"], replaced["person_id"], replaced["reason"]) == (3, person(4), TOO_LATE)
    assert (await judged.state()).due_at == judged.service.clock.now() + GIVE_UP_AFTER


async def test_the_replaced_judge_scores_nothing_any_more(judged: CallSite) -> None:
    await judged.score_all(1, 2)
    owed = await judged.assigned(3)

    await judged.service.tick(JUDGE_WITHIN)

    assert (await judged.score(3, owed[0])).status_code == 404
    await judged.score_all(4)
    assert "round_judged" in judged.announced()


async def test_a_first_round_with_a_card_each_is_closed_when_its_time_is_over(judged: CallSite) -> None:
    await judged.score_all(1, 2)

    await judged.service.tick(JUDGE_WITHIN)
    await judged.service.tick(GIVE_UP_AFTER)

    assert judged.announced()[-1] == "round_judged"
    assert (await judged.state()).status is ChallengeStatus.JUDGING


async def test_a_first_round_with_an_unscored_submission_voids_the_call(judged: CallSite) -> None:
    await judged.score(1, (await judged.assigned(1))[0])

    await judged.service.tick(JUDGE_WITHIN)
    await judged.service.tick(GIVE_UP_AFTER)

    assert judged.announced()[-1] == "voided"
    assert (await judged.state()).reason == NO_QUORUM
    assert await judged.assigned(1) == []


async def test_a_later_round_without_a_majority_awards_the_rounds_before_it(judged: CallSite) -> None:
    await judged.score_all(1, 2, 3)
    await judged.score_all(1)

    await judged.service.tick(JUDGE_WITHIN)
    await judged.service.tick(GIVE_UP_AFTER)

    challenge = await judged.state()
    assert judged.announced()[-1] == "awarded"
    assert [award.prize for award in challenge.awards] == [usd(10_000), usd(10_000)]
    assert challenge.reason == NO_QUORUM


async def test_a_later_round_with_a_majority_is_ranked_when_its_time_is_over(judged: CallSite) -> None:
    await judged.score_all(1, 2, 3)
    await judged.score_all(1, 2)

    await judged.service.tick(JUDGE_WITHIN)
    await judged.service.tick(GIVE_UP_AFTER)

    assert judged.announced()[-2:] == ["round_judged", "awarded"]
    assert len((await judged.state()).awards) == 3


async def test_scorecards_may_come_until_the_round_is_really_given_up(judged: CallSite) -> None:
    await judged.service.tick(JUDGE_WITHIN)
    await judged.service.tick(GIVE_UP_AFTER - HOUR)

    await judged.score_all(4, 1, 2, 3)

    assert judged.announced()[-1] == "round_judged"


# The operator ---------------------------------------------------------------------------------------------


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


# Ranking --------------------------------------------------------------------------------------------------


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


# A call of one round --------------------------------------------------------------------------------------


async def test_a_call_of_one_round_and_one_judge_is_awarded_with_one_card_each(site: CallSite) -> None:
    await site.open(small_call(a_round(1, picks=1, prizes=[105_000]), seats=1), judges=(1,))
    await site.close(1, 2)

    await site.score_all(1)

    assert site.announced()[-2:] == ["round_judged", "awarded"]
    assert len((await site.state()).awards) == 1
