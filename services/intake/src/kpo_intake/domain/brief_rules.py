"""The rules that a brief must keep before anybody else hears of it; the first broken one is named."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from kpo_chassis.money import Money
from kpo_intake.domain.brief import Brief, LanguageNeed, Milestone, Mode, Needs, Schedule, SkillNeed
from kpo_intake.domain.errors import (
    AmountNotPositiveError,
    BriefTooLongError,
    CurrencyDiffersError,
    DeadlineOutOfRangeError,
    DurationOutOfRangeError,
    LanguageUnknownError,
    ModeNotOfferedError,
    NeedRepeatedError,
    SkillUnknownError,
    SumDiffersError,
    TimeZoneUnknownError,
)

BRIEF_BYTES_MAX = 32 * 1024
"""The brief travels whole inside an event, in UTF-8."""

FUND_WITHIN_MAX = timedelta(days=365)
DUE_WITHIN_MAX = timedelta(days=730)
CHOOSE_WITHIN_MAX = timedelta(days=60)
OFFER_VALID_FOR_MAX = timedelta(days=30)
REVIEW_WITHIN_MAX = timedelta(days=60)
REWORK_WITHIN_MAX = timedelta(days=90)

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the rules measure with: the shortest duration, the published lists, how money is written."""

    duration_min: timedelta
    skills: frozenset[str]
    languages: frozenset[str]
    time_zones: frozenset[str]
    written: Callable[[Money], str]


def check_brief(brief: Brief, limits: Limits, now: datetime) -> None:
    """Raise the refusal of the first rule that the brief breaks, with a pointer to the place."""
    _check_mode(brief.mode)
    _check_text(brief.text)
    _check_needs(brief.needs, limits)
    _check_money(brief.budget, brief.milestones, limits)
    _check_fund_by(brief.schedule.fund_by, limits, now)
    _check_durations(brief, limits)


def _check_mode(mode: Mode) -> None:
    if mode is Mode.CHALLENGE:
        raise ModeNotOfferedError("Challenges are not offered yet; file an assignment.", pointer="/mode")


def _check_text(text: str) -> None:
    size = len(text.encode())
    if size > BRIEF_BYTES_MAX:
        raise BriefTooLongError(
            f"The brief has {size} bytes in UTF-8, and at most {BRIEF_BYTES_MAX} are allowed; shorten it.",
            pointer="/brief",
        )


def _check_needs(needs: Needs, limits: Limits) -> None:
    _check_unrepeated("required_skills", (need.skill for need in needs.required_skills))
    _check_unrepeated("wished_skills", (need.skill for need in needs.wished_skills))
    _check_unrepeated("languages", (need.language for need in needs.languages))
    _check_skills("required_skills", needs.required_skills, limits)
    _check_skills("wished_skills", needs.wished_skills, limits)
    _check_languages(needs.languages, limits)
    if needs.overlap is not None and needs.overlap.time_zone not in limits.time_zones:
        raise TimeZoneUnknownError(
            f"'{needs.overlap.time_zone}' is no IANA time zone; name one such as Europe/Berlin.",
            pointer="/overlap/time_zone",
        )


def _check_unrepeated(field: str, names: Iterable[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise NeedRepeatedError(
                f"'{name}' is named {count} times; name it once, with its level.", pointer=f"/{field}"
            )


def _check_skills(field: str, needs: Iterable[SkillNeed], limits: Limits) -> None:
    for position, need in enumerate(needs):
        if need.skill not in limits.skills:
            raise SkillUnknownError(
                f"'{need.skill}' is no known skill; find its id with matching's GET /v1/skills?query=.",
                pointer=f"/{field}/{position}/skill",
            )


def _check_languages(needs: Iterable[LanguageNeed], limits: Limits) -> None:
    for position, need in enumerate(needs):
        if need.language not in limits.languages:
            raise LanguageUnknownError(
                f"'{need.language}' is no ISO 639-1 language; name one such as en.",
                pointer=f"/languages/{position}/language",
            )


def _check_money(budget: Money, milestones: tuple[Milestone, ...], limits: Limits) -> None:
    _check_positive(budget, "/budget/amount")
    for position, milestone in enumerate(milestones):
        pointer = f"/milestones/{position}/amount"
        _check_positive(milestone.amount, f"{pointer}/amount")
        if milestone.amount.currency != budget.currency:
            raise CurrencyDiffersError(
                f"Milestone {milestone.number} is in {milestone.amount.currency} and the budget in "
                f"{budget.currency}; use one currency.",
                pointer=f"{pointer}/currency",
            )
    total = sum((milestone.amount for milestone in milestones), Money.zero(budget.currency))
    if total != budget:
        raise SumDiffersError(
            f"The milestones add up to {limits.written(total)} and the budget is {limits.written(budget)}; "
            "make them equal.",
            pointer="/milestones",
        )


def _check_positive(amount: Money, pointer: str) -> None:
    if amount.minor <= 0:
        raise AmountNotPositiveError("An amount is above zero.", pointer=pointer)


def _check_fund_by(fund_by: datetime, limits: Limits, now: datetime) -> None:
    earliest, latest = now + limits.duration_min, now + FUND_WITHIN_MAX
    if not earliest <= fund_by <= latest:
        raise DeadlineOutOfRangeError(
            f"Choose a time between {earliest.isoformat()} and {latest.isoformat()} to fund by; "
            f"this is {fund_by.isoformat()}.",
            pointer="/fund_by",
        )


def _check_durations(brief: Brief, limits: Limits) -> None:
    shortest = limits.duration_min // SECOND
    for pointer, duration, longest in _durations(brief.milestones, brief.schedule):
        if not limits.duration_min <= duration <= longest or duration % SECOND:
            raise DurationOutOfRangeError(
                f"This takes {shortest} to {longest // SECOND} whole seconds, "
                f"not {duration.total_seconds():g}.",
                pointer=pointer,
            )


def _durations(
    milestones: tuple[Milestone, ...], schedule: Schedule
) -> Iterator[tuple[str, timedelta, timedelta]]:
    """Give every duration with its place in the request and its maximum."""
    for position, milestone in enumerate(milestones):
        yield f"/milestones/{position}/due_within", milestone.due_within, DUE_WITHIN_MAX
    yield "/choose_within", schedule.choose_within, CHOOSE_WITHIN_MAX
    yield "/offer_valid_for", schedule.offer_valid_for, OFFER_VALID_FOR_MAX
    yield "/review_within", schedule.review_within, REVIEW_WITHIN_MAX
    yield "/rework_within", schedule.rework_within, REWORK_WITHIN_MAX
