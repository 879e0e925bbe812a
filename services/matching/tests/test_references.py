"""The published lists, as they are loaded."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from kpo_matching.adapters.references import load_references, utc_offset_minutes
from kpo_matching.domain.abilities import PracticeArea
from kpo_matching.domain.territories import EU_MEMBERS

from .factories import CONTRACT_LAW, JAVA, PYTHON

REFERENCES = load_references()
SKILLS_PER_AREA_MIN = 100


def test_every_practice_area_has_skills() -> None:
    counted = Counter(area for skill in REFERENCES.skills.values() for area in skill.practice_areas)

    assert set(counted) == set(PracticeArea)
    assert min(counted.values()) >= SKILLS_PER_AREA_MIN


def test_skills_are_named_by_their_esco_uri() -> None:
    labels = [REFERENCES.skills[key].label for key in (PYTHON, JAVA, CONTRACT_LAW)]

    assert labels == ["Python (computer programming)", "Java (computer programming)", "contract law"]


def test_a_search_finds_labels_that_contain_every_word() -> None:
    found = REFERENCES.search("LAW  contract", after=0, limit=10)

    assert CONTRACT_LAW in [skill.id for skill in found]
    assert all({"law", "contract"} <= set(skill.label.casefold().split()) for skill in found)


def test_a_search_goes_on_behind_what_was_found() -> None:
    whole = REFERENCES.search("law", after=0, limit=20)

    assert REFERENCES.search("law", after=5, limit=3) == whole[5:8]


def test_the_members_of_the_european_union_are_countries() -> None:
    assert len(EU_MEMBERS) == 27
    assert REFERENCES.countries >= EU_MEMBERS


def test_the_lists_hold_what_people_name() -> None:
    assert {"en", "de", "pt", "zh", "sw"} <= REFERENCES.languages
    assert {"Europe/Lisbon", "Asia/Kolkata", "America/Sao_Paulo"} <= REFERENCES.time_zones
    assert len(REFERENCES.countries) == 249


@pytest.mark.parametrize(
    ("zone", "month", "minutes"),
    [
        ("Europe/Berlin", 1, 60),
        ("Europe/Berlin", 7, 120),
        ("Asia/Kolkata", 1, 330),
        ("America/St_Johns", 1, -210),
        ("Europe/Atlantis", 1, None),
        ("../etc/passwd", 1, None),
    ],
)
def test_offsets_follow_the_clocks_of_the_day(zone: str, month: int, minutes: int | None) -> None:
    assert utc_offset_minutes(zone, datetime(2026, month, 15, 12, tzinfo=UTC)) == minutes
