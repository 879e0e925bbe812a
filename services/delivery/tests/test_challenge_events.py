"""What delivery makes of others' events about open calls, in whatever order they arrive."""

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import permutations

import pytest

from kpo_chassis.kernel import PUBLIC
from kpo_chassis.testing.service import MemoryService, memory
from kpo_delivery.domain.challenge import ChallengeStatus
from kpo_delivery.domain.challenge_plan import ChallengePlan, DatasetReference
from kpo_events.challenges import (
    ChallengeCancelledV1,
    ChallengeOpenedV1,
    ChallengeVoidedV1,
    ChallengeWithdrawnV1,
)
from kpo_events.payload import WaitingOn

from .call_site import (
    ESCROW_ID,
    CallSite,
    escrow_funded,
    escrow_lapsed,
    escrow_opened,
    filed,
    small_call,
)
from .challenge_factories import CHALLENGE_ID, CLOSES_AT, DATASET_ID, a_judge
from .factories import BLUEPRINT, CLIENT_ID, ENGAGEMENT_ID, SHA256


@pytest.fixture
async def site() -> AsyncIterator[CallSite]:
    async with memory(BLUEPRINT) as running:
        yield CallSite(running)


async def arrive(site: CallSite, what: str) -> None:
    match what:
        case "file":
            await site.file()
        case "fund":
            await site.fund()
        case "lapse":
            await site.lapse()
        case "wish":
            await site.wish_cancelled()
        case _:
            await site.propose(1, 2)


async def parked(service: MemoryService) -> int:
    return await service.database.count("parked", {}, limit=10)


# One after the other --------------------------------------------------------------------------------------


async def test_a_filed_call_is_planned_and_its_purse_opens_it(site: CallSite) -> None:
    await site.file()
    await site.fund()

    opened = site.service.announced(ChallengeOpenedV1)[0]
    assert site.announced() == ["planned", "opened"]
    assert opened.subject == CHALLENGE_ID
    assert opened.correlation_id == ENGAGEMENT_ID
    assert isinstance(opened.data, ChallengeOpenedV1)
    assert opened.data.waiting_on == WaitingOn(party="entrants", until=CLOSES_AT)
    assert opened.data.submissions_close_at == CLOSES_AT
    call = filed().challenge
    assert call is not None
    assert (opened.data.rounds, opened.data.judges) == (call.rounds, call.judges)


async def test_everybody_may_know_an_open_call_and_only_the_client_a_planned_one(site: CallSite) -> None:
    await site.file()
    before = (await site.state()).parties

    await site.fund()

    assert before == {CLIENT_ID}
    assert (await site.state()).parties == {CLIENT_ID, PUBLIC}


async def test_a_purse_that_never_comes_withdraws_the_call(site: CallSite) -> None:
    await site.file()
    await site.lapse()

    assert site.announced() == ["planned", "withdrawn"]
    withdrawn = site.service.announced(ChallengeWithdrawnV1)[0].data
    assert withdrawn.model_dump(mode="json")["challenge_id"] == str(CHALLENGE_ID)


async def test_a_call_about_data_that_nobody_uploaded_is_voided(site: CallSite) -> None:
    await site.file(with_data())
    await site.fund()

    assert site.announced() == ["voided"]
    assert "upload" in site.service.announced(ChallengeVoidedV1)[0].data.model_dump()["reason"]


async def test_an_open_call_is_cancelled_by_a_wish_with_the_clients_reason(site: CallSite) -> None:
    await site.open()
    await site.wish_cancelled()

    assert site.announced() == ["planned", "opened", "cancelled"]
    cancelled = site.service.announced(ChallengeCancelledV1)[0].data.model_dump()
    assert cancelled["reason"] == "Our plans changed."


async def test_a_wish_is_refused_once_somebody_has_submitted(site: CallSite) -> None:
    await site.open()
    await site.submit(1)
    await site.wish_cancelled()

    assert site.announced() == ["planned", "opened", "cancel_refused"]
    assert (await site.state()).status is ChallengeStatus.OPEN


async def test_the_same_events_again_change_nothing(site: CallSite) -> None:
    await site.file()
    await site.fund()

    await site.service.deliver(filed(), key=ENGAGEMENT_ID, seq=1)
    await site.service.deliver(escrow_funded(), key=ESCROW_ID, seq=2)

    assert site.announced() == ["planned", "opened"]


async def test_a_second_plan_for_one_engagement_is_parked_as_a_bug(site: CallSite) -> None:
    await site.file()
    await site.service.deliver(filed(), key=ENGAGEMENT_ID)

    assert await parked(site.service) == 1


# In any order ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations(["file", "fund", "propose"])))
async def test_plan_purse_and_panel_come_in_any_order(site: CallSite, order: tuple[str, ...]) -> None:
    for act in order:
        await arrive(site, act)

    challenge = await site.state()
    assert site.announced() == ["planned", "opened"]
    assert challenge.panel.bench == (a_judge(1), a_judge(2))
    assert challenge.fee_basis_points == 1_000


@pytest.mark.parametrize("order", list(permutations(["file", "fund", "wish"])))
async def test_a_wish_that_meets_plan_and_purse_in_any_order_cancels(
    site: CallSite, order: tuple[str, ...]
) -> None:
    for act in order:
        await arrive(site, act)

    assert (await site.state()).status is ChallengeStatus.CANCELLED
    assert site.announced()[-1] == "cancelled"


@pytest.mark.parametrize("order", list(permutations(["file", "lapse", "wish"])))
async def test_a_wish_that_meets_plan_and_lapse_in_any_order_is_answered_by_withdrawing(
    site: CallSite, order: tuple[str, ...]
) -> None:
    for act in order:
        await arrive(site, act)

    assert (await site.state()).status is ChallengeStatus.WITHDRAWN
    assert site.announced()[-1] == "withdrawn"


async def test_what_came_first_is_shown_to_nobody(site: CallSite) -> None:
    await site.fund()
    await site.propose(1)

    assert (await site.state()).status is ChallengeStatus.EXPECTED
    assert (await site.get()).status_code == 404
    assert site.service.published == []


# What is not for challenges -------------------------------------------------------------------------------


async def test_the_money_and_the_wishes_of_assignments_make_no_challenge(site: CallSite) -> None:
    await site.service.deliver(filed(mode="assignment"), key=ENGAGEMENT_ID)
    await site.service.deliver(escrow_opened(mode="assignment"), key=ESCROW_ID)
    await site.service.deliver(escrow_funded(mode="assignment"), key=ESCROW_ID)
    await site.service.deliver(escrow_lapsed(mode="assignment"), key=ESCROW_ID)

    assert await site.service.database.count("challenges", {}, limit=1) == 0
    assert await parked(site.service) == 0


def with_data() -> ChallengePlan:
    return replace(small_call(), datasets=(DatasetReference(DATASET_ID, SHA256),))
