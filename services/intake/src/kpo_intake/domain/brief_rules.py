"""The rules that a brief must keep before anybody else hears of it; the first broken one is named."""

from datetime import datetime, timedelta

from kpo_intake.domain.assignment import AssignmentPlan
from kpo_intake.domain.assignment_rules import check_assignment
from kpo_intake.domain.brief import Brief, Needs
from kpo_intake.domain.challenge import ChallengePlan
from kpo_intake.domain.challenge_rules import check_challenge
from kpo_intake.domain.errors import DeadlineOutOfRangeError
from kpo_intake.domain.limits import Limits, check_named_once, check_positive, check_size

BRIEF_BYTES_MAX = 32 * 1024
"""The brief travels whole inside an event, in UTF-8."""

FUND_WITHIN_MAX = timedelta(days=365)


def check_brief(brief: Brief, limits: Limits, now: datetime) -> None:
    """Raise the refusal of the first rule that the brief breaks, with a pointer to the place."""
    check_size(brief.text, BRIEF_BYTES_MAX, "/brief")
    _check_needs(brief.needs)
    check_positive(brief.budget, "/budget")
    _check_fund_by(brief.fund_by, limits, now)
    match brief.plan:
        case AssignmentPlan():
            check_assignment(brief.plan, brief.budget, limits)
        case ChallengePlan():
            check_challenge(brief.plan, brief.budget, limits)


def _check_needs(needs: Needs) -> None:
    check_named_once((need.skill for need in needs.required_skills), "/required_skills")
    check_named_once((need.skill for need in needs.wished_skills), "/wished_skills")
    check_named_once((need.language for need in needs.languages), "/languages")


def _check_fund_by(fund_by: datetime, limits: Limits, now: datetime) -> None:
    earliest, latest = now + limits.duration_min, now + FUND_WITHIN_MAX
    if not earliest <= fund_by <= latest:
        raise DeadlineOutOfRangeError(
            f"Choose a time between {earliest.isoformat()} and {latest.isoformat()} to fund by; "
            f"this is {fund_by.isoformat()}.",
            pointer="/fund_by",
        )
