"""Makes the domain's references of the published lists, and looks up what clocks of a time zone show."""

from datetime import datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kpo_matching.domain.abilities import PracticeArea
from kpo_matching.domain.references import References, Skill
from kpo_reference import published

MINUTE = timedelta(minutes=1)
ZONES_KEPT_MAX = 1_000


@cache
def load_references() -> References:
    """Read all lists, once per process."""
    skills = (
        Skill(skill.id, skill.label, frozenset(map(PracticeArea, skill.practice_areas)))
        for skill in published.skills()
    )
    return References(
        skills={skill.id: skill for skill in skills},
        languages=published.languages(),
        countries=published.countries(),
        time_zones=published.time_zones(),
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
