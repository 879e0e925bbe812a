"""The rules that a brief must keep before anybody else hears of it; the first broken one is named."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from kpo_intake.domain.assignment import AssignmentPlan
from kpo_intake.domain.assignment_rules import check_assignment
from kpo_intake.domain.brief import Brief, LanguageNeed, Needs, SkillNeed
from kpo_intake.domain.challenge import ChallengePlan
from kpo_intake.domain.challenge_rules import check_challenge
from kpo_intake.domain.errors import (
    ChallengeConfidentialError,
    DeadlineOutOfRangeError,
    LanguageUnknownError,
    SkillUnknownError,
)
from kpo_intake.domain.limits import Limits, check_named_once, check_positive, check_size

BRIEF_BYTES_MAX = 32 * 1024
"""The brief travels whole inside an event, in UTF-8."""

FUND_WITHIN_MAX = timedelta(days=365)
ALMOST_A_SECOND = timedelta(seconds=1) - timedelta.resolution
"""What makes cutting to the second round up, so that the time which is told is allowed."""


def check_brief(brief: Brief, limits: Limits, now: datetime) -> None:
    """Raise the refusal of the first rule that the brief breaks, with a pointer to the place."""
    check_size(brief.text, BRIEF_BYTES_MAX, "/brief")
    _check_needs(brief.needs, limits)
    check_positive(brief.budget, "/budget")
    _check_fund_by(brief.fund_by, limits, now)
    match brief.plan:
        case AssignmentPlan():
            check_assignment(brief.plan, brief.budget, limits)
        case ChallengePlan():
            _check_openness(brief)
            check_challenge(brief.plan, brief.budget, limits)


def _check_openness(brief: Brief) -> None:
    if brief.confidential:
        raise ChallengeConfidentialError(
            "Everybody sees the question and the client of a challenge; leave 'confidential' out, "
            "or file an assignment.",
            pointer="/confidential",
        )


def _check_needs(needs: Needs, limits: Limits) -> None:
    check_named_once((need.skill for need in needs.required_skills), "/required_skills")
    check_named_once((need.skill for need in needs.wished_skills), "/wished_skills")
    check_named_once((need.language for need in needs.languages), "/languages")
    _check_skills("required_skills", needs.required_skills, limits)
    _check_skills("wished_skills", needs.wished_skills, limits)
    _check_languages(needs.languages, limits)


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


def _check_fund_by(fund_by: datetime, limits: Limits, now: datetime) -> None:
    earliest, latest = now + limits.duration_min, now + FUND_WITHIN_MAX
    if not earliest <= fund_by <= latest:
        raise DeadlineOutOfRangeError(
            f"Choose a time between {_to_the_second(earliest + ALMOST_A_SECOND)} and "
            f"{_to_the_second(latest)} to fund by; this is {_to_the_second(fund_by)}.",
            pointer="/fund_by",
        )


def _to_the_second(moment: datetime) -> str:
    """Write a moment as requests do, cut to its second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
