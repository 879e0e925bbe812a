"""The published lists that things are named after: ESCO skills, ISO languages and countries, time zones."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

ESCO_URI = "http://data.europa.eu/esco/skill/"
"""In front of the identifiers of our extract it makes the ids by which ESCO names its skills."""


@dataclass(frozen=True, slots=True)
class EscoSkill:
    """A skill: its URI, its preferred label in English, and the practice areas that we assign it to."""

    id: str
    label: str
    practice_areas: tuple[str, ...]


@cache
def skills() -> tuple[EscoSkill, ...]:
    """Read the ESCO skills of our extract, in the order of their labels."""
    return tuple(sorted(_skills(), key=lambda skill: (skill.label.casefold(), skill.id)))


@cache
def languages() -> frozenset[str]:
    """Read the codes of ISO 639-1, such as en."""
    return frozenset(_lines(_data("iso_639_1.txt")))


@cache
def countries() -> frozenset[str]:
    """Read the codes of ISO 3166-1, such as DE."""
    rows = _lines(files("tzdata").joinpath("zoneinfo", "iso3166.tab"))
    return frozenset(row.partition("\t")[0] for row in rows)


@cache
def time_zones() -> frozenset[str]:
    """Read the names of the IANA time zones, such as Europe/Berlin."""
    return frozenset(_lines(files("tzdata").joinpath("zones")))


def _skills() -> Iterator[EscoSkill]:
    for line in _lines(_data("esco_skills.tsv")):
        key, areas, label = line.split("\t")
        yield EscoSkill(ESCO_URI + key, label, tuple(areas.split(",")))


def _data(name: str) -> Traversable:
    return files("kpo_reference").joinpath("data", name)


def _lines(file: Traversable) -> Iterator[str]:
    """Give the lines of a text file; those that begin with # are comments."""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line
