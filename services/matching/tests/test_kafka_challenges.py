"""What matching makes of the opening and the end of a challenge, over its real handlers and engine."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kpo_chassis.testing.service import MemoryService
from kpo_events.intake import INVITATIONS_MAX
from kpo_events.matching import InvitationSentV1, PanelProposedV1, ProposedJudge
from kpo_matching.domain.expert import JUDGING_MAX
from kpo_matching.domain.invitation import Invitation
from kpo_matching.domain.panel import Panel, PanelStatus
from kpo_matching.use_cases.read_pool import EXPERTS_RANKED_MAX

from .factories import (
    CHALLENGE_ID,
    CLIENT_ID,
    ENGAGEMENT_ID,
    VENDOR_ID,
    a_person_id,
    an_expert_id,
)
from .market import Market, a_challenge_opened

VENDORS_MANY = 5_000
PANEL_ID = Panel.id_of(CHALLENGE_ID)


async def the_panel(market: Market) -> Panel:
    return (await market.service.reads.get(Panel, PANEL_ID)).state


def proposed(market: Market) -> set[UUID]:
    return {judge.expert_id for fact in market.announced(PanelProposedV1) for judge in fact.judges}


def invited(market: Market) -> set[UUID]:
    return {fact.expert_id for fact in market.announced(InvitationSentV1)}


async def test_a_challenge_that_opens_has_judges_proposed(market: Market) -> None:
    await market.register()

    await market.open_challenge()

    (event,) = market.service.announced(PanelProposedV1)
    assert (event.subject, event.correlation_id) == (PANEL_ID, ENGAGEMENT_ID)
    assert event.data == PanelProposedV1(
        engagement_id=ENGAGEMENT_ID,
        client_id=CLIENT_ID,
        panel_id=PANEL_ID,
        challenge_id=CHALLENGE_ID,
        judges=(ProposedJudge(expert_id=an_expert_id(), person_id=a_person_id(), vendor_id=VENDOR_ID),),
    )
    assert (await market.expert()).panels == (PANEL_ID,)


async def test_a_challenge_that_opens_invites_who_is_not_proposed(market: Market) -> None:
    for number in range(1, 6):
        await market.register(number)

    await market.open_challenge(judges=1)

    everybody = {an_expert_id(number) for number in range(1, 6)}
    assert (len(proposed(market)), len(invited(market))) == (2, 3)
    assert proposed(market) | invited(market) == everybody


async def test_an_invitation_says_to_whom_it_goes(market: Market) -> None:
    for number in range(1, 3):
        await market.register(number)

    await market.open_challenge(judges=1)

    (event,) = market.service.announced(InvitationSentV1)
    assert isinstance(event.data, InvitationSentV1)
    assert event.subject == Invitation.id_of(CHALLENGE_ID, event.data.expert_id)
    assert (event.data.invitation_id, event.data.vendor_id) == (event.subject, VENDOR_ID)
    assert event.data.challenge_id == CHALLENGE_ID


async def test_a_judge_is_proposed_however_many_vendors_came_before_theirs(market: Market) -> None:
    await market.crowd(VENDORS_MANY)
    await market.register()

    await market.open_challenge()

    assert proposed(market) == {an_expert_id()}


async def test_nobody_needs_to_fit(market: Market) -> None:
    await market.open_challenge()

    assert [fact.judges for fact in market.announced(PanelProposedV1)] == [()]
    assert invited(market) == set()


async def test_a_challenge_of_a_client_who_is_not_known_yet_waits_for_the_client(
    service: MemoryService,
) -> None:
    market = Market(service)
    await market.onboard()
    await market.register()
    await market.open_challenge()
    assert market.announced(PanelProposedV1) == []

    await market.register_client()
    await market.pass_time(timedelta(seconds=5))
    await service.heal()

    assert proposed(market) == {an_expert_id()}


async def test_an_end_behind_an_opening_that_waits_for_its_client_waits_with_it(
    service: MemoryService,
) -> None:
    market = Market(service)
    await market.onboard()
    await market.register()
    await market.open_challenge()
    await market.end_challenge("voided")

    await market.register_client()
    await market.pass_time(timedelta(seconds=5))
    await service.heal()  # The opening comes first,
    await service.heal()  # and its end behind it.

    assert (await the_panel(market)).status is PanelStatus.ENDED
    assert (await market.expert()).panels == ()


async def test_the_same_opening_again_changes_nothing(market: Market) -> None:
    await market.register()
    await market.open_challenge()

    await market.service.deliver(a_challenge_opened(), key=CHALLENGE_ID, seq=1)

    assert len(market.announced(PanelProposedV1)) == 1
    assert (await market.expert()).panels == (PANEL_ID,)


@pytest.mark.parametrize("how", ["awarded", "voided", "cancelled"])
async def test_every_end_gives_the_judges_their_time_back(market: Market, how: str) -> None:
    await market.register()
    await market.open_challenge()

    await market.end_challenge(how)

    assert (await market.expert()).panels == ()
    assert (await the_panel(market)).status is PanelStatus.ENDED


@pytest.mark.parametrize("how", ["awarded", "voided", "cancelled"])
async def test_a_challenge_that_ends_before_it_opened_is_told_to_nobody(market: Market, how: str) -> None:
    await market.register()
    await market.end_challenge(how)
    assert (await the_panel(market)).status is PanelStatus.EXPECTED

    await market.open_challenge()

    assert (proposed(market), invited(market)) == (set(), set())
    assert (await market.expert()).panels == ()


async def test_a_winner_of_several_prizes_has_one_more_award(market: Market) -> None:
    await market.register(1)
    await market.register(2)
    await market.open_challenge()

    await market.end_challenge("awarded", 1, 2, 1)

    records = [(await market.expert(number)).track_records for number in (1, 2)]
    assert [[record.awarded for record in each] for each in records] == [[1], [1]]


async def test_who_judges_as_much_as_they_may_is_not_proposed(market: Market) -> None:
    await market.register()
    challenges = [uuid4() for _ in range(JUDGING_MAX + 1)]

    for challenge_id in challenges:
        await market.service.deliver(a_challenge_opened(challenge_id), key=challenge_id)

    panels = market.announced(PanelProposedV1)
    assert [len(panel.judges) for panel in panels] == [1] * JUDGING_MAX + [0]
    assert (await market.expert()).panels == tuple(map(Panel.id_of, challenges[:JUDGING_MAX]))


def test_more_experts_are_ranked_than_are_ever_invited() -> None:
    assert INVITATIONS_MAX < EXPERTS_RANKED_MAX
