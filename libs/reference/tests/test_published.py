"""The published lists, as they are read."""

import pytest

from kpo_reference.published import EscoSkill, countries, languages, skills, time_zones

PYTHON = EscoSkill(
    "http://data.europa.eu/esco/skill/ccd0a1d9-afda-43d9-b901-96344886e14d",
    "Python (computer programming)",
    ("software",),
)
SKILLS = 2_219


def test_skills_have_the_uri_by_which_esco_names_them() -> None:
    assert PYTHON in skills()


def test_every_skill_is_there_once_in_the_order_of_labels() -> None:
    labels = [skill.label.casefold() for skill in skills()]

    assert len({skill.id for skill in skills()}) == len(skills()) == SKILLS
    assert labels == sorted(labels)


@pytest.mark.parametrize("skill", skills()[::100])
def test_every_skill_belongs_to_a_practice_area(skill: EscoSkill) -> None:
    assert all(skill.practice_areas)


def test_the_lists_hold_what_people_name() -> None:
    assert {"en", "de", "pt", "zh", "sw"} <= languages()
    assert {"Europe/Lisbon", "Asia/Kolkata", "America/Sao_Paulo"} <= time_zones()
    assert {"DE", "NL", "AQ"} <= countries()


def test_the_lists_are_as_long_as_their_publishers_say() -> None:
    assert (len(languages()), len(countries())) == (183, 249)
