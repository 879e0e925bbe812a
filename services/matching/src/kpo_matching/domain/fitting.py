"""Tells a client why somebody fits: every need, and what the expert has for it."""

from collections.abc import Iterable

from kpo_matching.domain.abilities import Sought
from kpo_matching.domain.engagement import Engagement
from kpo_matching.domain.expert import Expert
from kpo_matching.domain.shortlist import Fit, Requirement
from kpo_matching.domain.territories import places

ABSENT = "none"
"""What a candidate holds of a wish that they do not fulfil."""


def fits(engagement: Engagement, expert: Expert, shared_minutes: int | None) -> tuple[Fit, ...]:
    return (
        *abilities(engagement, expert),
        *_places(engagement, expert),
        *_time(engagement, expert, shared_minutes),
    )


def abilities(sought: Sought, expert: Expert) -> tuple[Fit, ...]:
    """Say what somebody who passed the filters has for every skill and language."""
    return (*_skills(sought, expert), *_languages(sought, expert))


def _skills(sought: Sought, expert: Expert) -> Iterable[Fit]:
    held = {skill.skill: str(skill.level) for skill in expert.profile.skills}
    for need in sought.required_skills:
        yield Fit(Requirement.SKILL, need.skill, str(need.level), held[need.skill])
    for wish in sought.wished_skills:
        yield Fit(Requirement.WISHED_SKILL, wish.skill, str(wish.level), held.get(wish.skill, ABSENT))


def _languages(sought: Sought, expert: Expert) -> Iterable[Fit]:
    spoken = {language.language: language.level for language in expert.profile.languages}
    for need in sought.languages:
        yield Fit(Requirement.LANGUAGE, need.language, need.level, spoken[need.language])


def _places(engagement: Engagement, expert: Expert) -> Iterable[Fit]:
    covered = places(engagement.jurisdictions) & places(expert.profile.jurisdictions)
    for held in expert.profile.jurisdictions:
        if held in covered:
            yield Fit(Requirement.JURISDICTION, held, " ".join(engagement.jurisdictions), held)


def _time(engagement: Engagement, expert: Expert, shared_minutes: int | None) -> Iterable[Fit]:
    if engagement.overlap is not None:
        needed = str(engagement.overlap.hours * 60)
        yield Fit(Requirement.OVERLAP, engagement.overlap.time_zone, needed, str(shared_minutes))
    needed = str(engagement.hours_per_week)
    yield Fit(Requirement.HOURS, "", needed, str(expert.free_hours))
