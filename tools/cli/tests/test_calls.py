"""The open call of the demo: what it files is acceptable, and the people in it are always the same."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from kpo_cli import population
from kpo_cli.population import Population
from kpo_cli.story import calls
from kpo_cli.story.actors import Json
from kpo_cli.story.calls import Pace
from kpo_cli.story.challenge import COUNTRIES, OTHERS, PRIZES, from_everywhere
from kpo_cli.story.crowd import REQUESTS_AT_ONCE, all_at_once
from kpo_intake.domain.brief_rules import check_brief
from kpo_intake.domain.challenge import ChallengePlan
from kpo_intake.domain.limits import Limits
from kpo_intake.entrypoints.engagement_bodies import SubmitChallengeBody
from kpo_intake.wire import written
from kpo_reference import published

NOW = datetime.now(UTC)
LIMITS = Limits(
    duration_min=timedelta(seconds=1),
    skills=frozenset(skill.id for skill in published.skills()),
    languages=published.languages(),
    countries=published.countries(),
    time_zones=published.time_zones(),
    written=written,
)
MANY = 1_400


@pytest.fixture(scope="module")
def people() -> Population:
    return population.generate(experts=MANY + OTHERS)


def test_intake_takes_the_call_and_its_prizes_leave_a_part_of_the_purse() -> None:
    dataset: Json = {"dataset_id": str(uuid4()), "sha256": "0" * 64}

    brief = SubmitChallengeBody.model_validate(calls.a_call(PRIZES, Pace(30, 60), [dataset])).to_brief()
    check_brief(brief, LIMITS, NOW)

    assert isinstance(brief.plan, ChallengePlan)
    paid = sum(prize.minor for prize in brief.plan.prizes)
    assert brief.budget.minor - paid == 7_500_000


def test_few_entrants_already_come_from_all_the_countries(people: Population) -> None:
    chosen = from_everywhere(people.experts, COUNTRIES, frozenset())

    assert len({expert.country for expert in chosen}) == COUNTRIES


def test_many_entrants_are_all_different_and_no_judges(people: Population) -> None:
    judges = frozenset(str(expert.person_id) for expert in people.experts[:15])

    chosen = from_everywhere(people.experts, MANY, judges)

    persons = {str(expert.person_id) for expert in chosen}
    assert len(persons) == MANY
    assert not persons & judges


def test_a_larger_market_begins_with_the_smaller_one(people: Population) -> None:
    assert people.experts[: population.EXPERTS] == population.generate().experts


def test_targets_are_the_same_for_the_same_person_and_differ_by_version() -> None:
    person = UUID(int=7)

    assert calls.drill_targets(person, 1) == calls.drill_targets(person, 1)
    assert calls.drill_targets(person, 1) != calls.drill_targets(person, 2)


def test_targets_are_written_as_a_table() -> None:
    targets = calls.drill_targets(UUID(int=7), 1)

    lines = calls.as_table(targets).decode().splitlines()

    assert lines[0] == "target,easting_m,northing_m,depth_m,dip_degrees"
    assert len(lines) == len(targets) + 1
    assert all(line.count(",") == lines[0].count(",") for line in lines)


async def test_many_acts_are_done_a_bounded_number_at_a_time() -> None:
    running, most = 0, 0

    async def act(number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return number

    answers = await all_at_once(act(number) for number in range(200))

    assert answers == list(range(200))
    assert most <= REQUESTS_AT_ONCE
