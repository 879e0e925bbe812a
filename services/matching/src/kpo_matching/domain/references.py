"""The published lists that profiles are written in: skills, languages, countries and time zones."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TypeAlias

from kpo_matching.domain.abilities import LanguageLevel, PracticeArea, SkillLevel
from kpo_matching.domain.errors import UnknownReferenceError
from kpo_matching.domain.expert import ExpertProfile
from kpo_matching.domain.territories import EU

Offsets: TypeAlias = Callable[[str, datetime], int | None]
"""Minutes east of UTC that an IANA time zone keeps at a moment; None where there is no such zone."""


@dataclass(frozen=True, slots=True)
class Skill:
    """An ESCO skill: its URI, its preferred label in English, and the practice areas that it belongs to."""

    id: str
    label: str
    practice_areas: frozenset[PracticeArea]


@dataclass(frozen=True, slots=True)
class References:
    """What may be named in a profile; `skills` stand in the order of their labels."""

    skills: Mapping[str, Skill]
    languages: frozenset[str]
    countries: frozenset[str]
    time_zones: frozenset[str]
    offsets: Offsets

    def search(self, query: str, *, after: int, limit: int) -> tuple[Skill, ...]:
        """Give skills whose label contains every word of the query, by label, behind the first `after`."""
        words = query.casefold().split()
        found = (s for s in self.skills.values() if all(word in s.label.casefold() for word in words))
        return tuple(islice(found, after, after + limit))

    def check(self, profile: ExpertProfile) -> None:
        """Raise UnknownReferenceError for the first code that no list knows."""
        self.check_country(profile.country)
        self._check_jurisdictions(profile.jurisdictions)
        self._check_skills(profile.skills)
        self._check_languages(profile.languages)
        if profile.time_zone not in self.time_zones:
            raise _unknown(profile.time_zone, "an IANA time zone such as Europe/Berlin", "/time_zone")

    def check_country(self, country: str) -> None:
        if country not in self.countries:
            raise _unknown(country, "an ISO 3166-1 country such as DE", "/country")

    def _check_jurisdictions(self, jurisdictions: Iterable[str]) -> None:
        for position, code in enumerate(jurisdictions):
            if code != EU and code not in self.countries:
                raise _unknown(code, "EU or an ISO 3166-1 country such as DE", f"/jurisdictions/{position}")

    def _check_skills(self, skills: Iterable[SkillLevel]) -> None:
        for position, held in enumerate(skills):
            if held.skill not in self.skills:
                allowed = "the id of an ESCO skill from GET /v1/skills?query="
                raise _unknown(held.skill, allowed, f"/skills/{position}/skill")

    def _check_languages(self, languages: Iterable[LanguageLevel]) -> None:
        for position, spoken in enumerate(languages):
            if spoken.language not in self.languages:
                allowed = "an ISO 639-1 language such as en"
                raise _unknown(spoken.language, allowed, f"/languages/{position}/language")


def _unknown(value: str, allowed: str, pointer: str) -> UnknownReferenceError:
    return UnknownReferenceError(f"'{value}' is not known; use {allowed}.", pointer=pointer)
