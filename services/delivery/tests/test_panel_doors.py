"""Who judges a call, over HTTP and by the clock: seats are taken, left, and given to the bench."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from kpo_chassis.testing.service import memory
from kpo_delivery.domain.challenge import CLOSING_GRACE, ChallengeStatus
from kpo_delivery.domain.judging import GIVE_UP_AFTER, NO_QUORUM, NO_SUBMISSION, TOO_LATE
from kpo_events.challenges import (
    ChallengeVoidedV1,
    JudgeAppointedV1,
    JudgeReplacedV1,
    SubmissionsClosedV1,
)

from .call_site import CallSite, code_of, entrant
from .challenge_factories import (
    JUDGE_WITHIN,
    OPEN_FOR,
    a_judge,
    person,
    usd,
)
from .factories import BLUEPRINT, CLIENT_ID, HOUR


@pytest.fixture
async def site() -> AsyncIterator[CallSite]:
    async with memory(BLUEPRINT) as running:
        yield CallSite(running)


@pytest.fixture
async def judged(site: CallSite) -> CallSite:
    """Close a call with three submissions; judges 1, 2, 3 sit, 4 is on the bench."""
    await site.open_and_close()
    return site


# The deadline ----------------------------------------------------------------------------------------------


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


# Appointing and leaving ------------------------------------------------------------------------------------


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


# Late judges -----------------------------------------------------------------------------------------------


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
