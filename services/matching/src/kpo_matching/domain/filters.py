"""The hard filters: whoever fails one cannot do the work, whatever their score."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import TypeAlias
from uuid import UUID

from kpo_matching.domain.abilities import PracticeArea, Sought
from kpo_matching.domain.challenge import Challenge
from kpo_matching.domain.client import ClientCopy
from kpo_matching.domain.engagement import Engagement
from kpo_matching.domain.expert import Expert
from kpo_matching.domain.references import Offsets
from kpo_matching.domain.territories import places
from kpo_matching.domain.vendor import Vendor

DAY_MINUTES = 24 * 60
WORKING_DAY_MINUTES = 8 * 60
"""Everybody's working day is 09:00 to 17:00 on their own clock, so two days differ as the clocks do."""


class Filter(StrEnum):
    """Why somebody cannot do the work; the first that applies, in this order, is the one that is told."""

    SUSPENDED = "suspended"
    PRACTICE_AREA = "practice_area"
    SKILLS = "skills"
    LANGUAGES = "languages"
    JURISDICTIONS = "jurisdictions"
    HOURS = "hours"
    CURRENCY = "currency"
    COUNTRY = "excluded_country"
    CONFLICT = "conflict_of_interest"
    OVERLAP = "overlap"


@dataclass(frozen=True, slots=True)
class Prospect:
    """An expert with the vendor who offers them; a vendor that cannot be found fails every filter on it."""

    expert: Expert
    vendor: Vendor | None

    @property
    def may_work(self) -> bool:
        return self.expert.is_active and self.vendor is not None and self.vendor.is_active


@dataclass(frozen=True, slots=True)
class Requirements:
    """The hard needs of the work, prepared to be held against many experts; what is left out asks nothing.

    `client_id` is None where nothing is known of the client.
    """

    client_id: UUID | None
    practice_area: PracticeArea
    skills: Mapping[str, int]
    languages: Mapping[str, int]
    currency: str
    places: frozenset[str] = frozenset()
    hours_per_week: int = 0
    excluded_countries: frozenset[str] = frozenset()

    @classmethod
    def of(cls, engagement: Engagement, client: ClientCopy | None) -> "Requirements":
        return cls(
            client_id=client.id if client else None,
            practice_area=engagement.practice_area,
            skills=_skills(engagement),
            languages=_languages(engagement),
            currency=engagement.budget.currency,
            places=places(engagement.jurisdictions),
            hours_per_week=engagement.hours_per_week,
        )

    @classmethod
    def of_challenge(cls, challenge: Challenge) -> "Requirements":
        """Ask for no hours and no place of law: whoever enters works when and where they like."""
        return cls(
            client_id=challenge.client_id,
            practice_area=challenge.practice_area,
            skills=_skills(challenge),
            languages=_languages(challenge),
            currency=challenge.purse.currency,
            excluded_countries=frozenset(challenge.excluded_countries),
        )


def _skills(sought: Sought) -> Mapping[str, int]:
    return _highest((need.skill, need.level) for need in sought.required_skills)


def _languages(sought: Sought) -> Mapping[str, int]:
    return _highest((need.language, need.level.step) for need in sought.languages)


def _highest(needs: Iterable[tuple[str, int]]) -> Mapping[str, int]:
    """Keep the highest level of what is named twice."""
    return dict(sorted(needs, key=itemgetter(1)))


def has_practice_area(needs: Requirements, prospect: Prospect) -> bool:
    return needs.practice_area in prospect.expert.profile.practice_areas


def has_skills(needs: Requirements, prospect: Prospect) -> bool:
    if not needs.skills:
        return True
    held = {skill.skill: skill.level for skill in prospect.expert.profile.skills}
    return all(held.get(skill, 0) >= level for skill, level in needs.skills.items())


def has_languages(needs: Requirements, prospect: Prospect) -> bool:
    spoken = {language.language: language.level.step for language in prospect.expert.profile.languages}
    return all(spoken.get(language, 0) >= step for language, step in needs.languages.items())


def has_jurisdiction(needs: Requirements, prospect: Prospect) -> bool:
    return not needs.places or not needs.places.isdisjoint(places(prospect.expert.profile.jurisdictions))


def has_free_hours(needs: Requirements, prospect: Prospect) -> bool:
    return prospect.expert.free_hours >= needs.hours_per_week


def takes_the_currency(needs: Requirements, prospect: Prospect) -> bool:
    vendor = prospect.vendor
    return vendor is not None and needs.currency in vendor.profile.currencies


def is_from_where_it_may_be(needs: Requirements, prospect: Prospect) -> bool:
    return prospect.expert.profile.country not in needs.excluded_countries


def is_independent(client_id: UUID | None, expert: Expert) -> bool:
    """Rule a conflict of interest out; nobody is independent of a client about whom nothing is known."""
    return client_id is not None and not expert.is_close_to(client_id)


Check: TypeAlias = Callable[[Requirements, Prospect], bool]

CHECKS: tuple[tuple[Filter, Check], ...] = (
    (Filter.SUSPENDED, lambda _, prospect: prospect.may_work),
    (Filter.PRACTICE_AREA, has_practice_area),
    (Filter.SKILLS, has_skills),
    (Filter.LANGUAGES, has_languages),
    (Filter.JURISDICTIONS, has_jurisdiction),
    (Filter.HOURS, has_free_hours),
    (Filter.CURRENCY, takes_the_currency),
    (Filter.COUNTRY, is_from_where_it_may_be),
    (Filter.CONFLICT, lambda needs, prospect: is_independent(needs.client_id, prospect.expert)),
)


def objection(needs: Requirements, prospect: Prospect) -> Filter | None:
    """Give the first filter that this expert fails now. Overlap is not asked: it is settled when ranking."""
    for name, passes in CHECKS:
        if not passes(needs, prospect):
            return name
    return None


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Compares working days across time zones, on the day of `at`."""

    offsets: Offsets
    at: datetime

    def shared_minutes(self, zone: str, other: str) -> int:
        """Count the minutes that two working days share, around the clock; none in an unknown zone."""
        east, west = self.offsets(zone, self.at), self.offsets(other, self.at)
        if east is None or west is None:
            return 0
        apart = abs(east - west) % DAY_MINUTES
        return max(0, WORKING_DAY_MINUTES - min(apart, DAY_MINUTES - apart))

    def shared_with(self, engagement: Engagement, expert: Expert) -> int | None:
        """Count the minutes shared with the client's day; None where the engagement does not ask."""
        if engagement.overlap is None:
            return None
        return self.shared_minutes(engagement.overlap.time_zone, expert.profile.time_zone)


def overlaps_enough(engagement: Engagement, shared_minutes: int | None) -> bool:
    if engagement.overlap is None or shared_minutes is None:
        return True
    return shared_minutes >= engagement.overlap.hours * 60
