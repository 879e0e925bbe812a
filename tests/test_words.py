"""Words that several services know, each in a copy of its own, because services do not know each other."""

from collections.abc import Iterable

from kpo_delivery.domain import challenge_plan
from kpo_intake.domain import brief
from kpo_matching.domain import abilities


def words(named: Iterable[str]) -> list[str]:
    return [str(word) for word in named]


def test_delivery_finds_calls_by_the_practice_areas_that_intake_takes() -> None:
    assert words(challenge_plan.PracticeArea) == words(brief.PracticeArea)


def test_matching_knows_the_practice_areas_that_intake_takes() -> None:
    assert words(abilities.PracticeArea) == words(brief.PracticeArea)
