"""An open call on the running system, with the other tale of its prizes: one top award, the rest by rank."""

import pytest

from kpo_cli import population
from kpo_cli.population import Population
from kpo_cli.story import call_checks, challenge, market
from kpo_cli.story.actors import Actor, World
from kpo_cli.story.calls import Prizes, RoundPrizes
from kpo_cli.story.challenge import Saga, Stage
from kpo_cli.story.watch import Watch
from kpo_matching.domain.abilities import PracticeArea

from .conftest import at_rest

STORY_SECONDS_MAX = 900

pytestmark = [pytest.mark.real, pytest.mark.timeout(STORY_SECONDS_MAX)]

ENTRIES = 40

ONE_TOP_AWARD = Prizes(
    "575000.00",
    (
        RoundPrizes(picks=20),
        RoundPrizes(
            picks=10,
            amounts=(
                "105000.00", "80000.00", "70000.00", "60000.00", "55000.00",
                "50000.00", "45000.00", "40000.00", "37500.00", "32500.00",
            ),
        ),
    ),
)  # fmt: skip


def the_geologists() -> Population:
    """Give those of the market whom the matches of other tests cannot find."""
    people = population.generate()
    experts = tuple(
        expert
        for expert in people.experts
        if PracticeArea.RESEARCH_AND_DEVELOPMENT in expert.practice_areas
        and PracticeArea.CLINICAL_RESEARCH not in expert.practice_areas
    )
    return Population(people.vendors, experts)


@pytest.fixture(scope="module")
async def saga(world: World, tmp_path_factory: pytest.TempPathFactory) -> Saga:
    """Tell the whole story once; tests look at what it left."""
    people = the_geologists()
    settled = await market.settle(world, people)
    folder, pace = tmp_path_factory.mktemp("call"), settled.requests_per_second
    stage = Stage(people.experts, ENTRIES, folder, pace, ONE_TOP_AWARD)
    return await challenge.tell(world, lambda _: None, stage)


async def test_the_purse_is_shared_out_to_the_cent(saga: Saga, watch: Watch, workers: Actor) -> None:
    await at_rest(workers)
    await watch.to_the_end()

    shared = call_checks.purse_is_shared_out(watch.events, saga.engaged.id)

    assert shared.held, shared.seen
    assert shared.seen == "575000.00 = 517500.00 + 57500.00 + 0.00 USD"


async def test_every_award_is_paid_once(saga: Saga, watch: Watch, workers: Actor) -> None:
    await at_rest(workers)
    await watch.to_the_end()

    paid = call_checks.every_award_is_paid(watch.events, saga.engaged.id)

    assert paid.held, paid.seen


def test_a_stranger_can_check_receipt_and_rankings(saga: Saga) -> None:
    believed = call_checks.evidence_stands(saga.verdicts)

    assert believed.held, [verdict.told for verdict in saga.verdicts]
