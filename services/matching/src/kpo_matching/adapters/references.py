"""Loads the published lists: ESCO skills and ISO languages from our data, countries and zones from tzdata."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kpo_matching.domain.abilities import PracticeArea
from kpo_matching.domain.references import References, Skill

ESCO_URI = "http://data.europa.eu/esco/skill/"
"""In front of the identifiers of our extract it makes the ids by which ESCO names its skills."""

MINUTE = timedelta(minutes=1)
ZONES_KEPT_MAX = 1_000


@cache
def load_references() -> References:
    """Read all lists, once per process."""
    data = files("kpo_matching").joinpath("data")
    zones = files("tzdata")
    return References(
        skills={skill.id: skill for skill in sorted(_skills(data), key=lambda s: (s.label.casefold(), s.id))},
        languages=frozenset(_lines(data.joinpath("iso_639_1.txt"))),
        countries=frozenset(
            line.partition("\t")[0] for line in _lines(zones.joinpath("zoneinfo", "iso3166.tab"))
        ),
        time_zones=frozenset(_lines(zones.joinpath("zones"))),
        offsets=utc_offset_minutes,
    )


def utc_offset_minutes(zone: str, at: datetime) -> int | None:
    """Look up how far a zone's clocks are ahead of UTC, summer time included."""
    clocks = _zone(zone)
    offset = at.astimezone(clocks).utcoffset() if clocks else None
    return offset // MINUTE if offset is not None else None


@lru_cache(ZONES_KEPT_MAX)
def _zone(name: str) -> ZoneInfo | None:
    """Read a zone's file once; the standard library keeps only the eight that were used last."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _skills(data: Traversable) -> Iterator[Skill]:
    for line in _lines(data.joinpath("esco_skills.tsv")):
        key, areas, label = line.split("\t")
        yield Skill(ESCO_URI + key, label, frozenset(map(PracticeArea, areas.split(","))))


def _lines(file: Traversable) -> Iterator[str]:
    """Give the lines of a text file; those that begin with # are comments."""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line
