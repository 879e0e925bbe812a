"""The rules of an assignment: the milestones are the budget, and each step has time that makes sense."""

from collections.abc import Iterator
from datetime import timedelta

from kpo_chassis.money import Money
from kpo_intake.domain.assignment import AssignmentPlan, Milestone, Overlap
from kpo_intake.domain.errors import SumDiffersError, TimeZoneUnknownError
from kpo_intake.domain.limits import Limits, check_part

DUE_WITHIN_MAX = timedelta(days=730)
CHOOSE_WITHIN_MAX = timedelta(days=60)
OFFER_VALID_FOR_MAX = timedelta(days=30)
REVIEW_WITHIN_MAX = timedelta(days=60)
REWORK_WITHIN_MAX = timedelta(days=90)
JURISDICTION_UNIONS = frozenset({"EU"})
"""What stands for all of its countries when experts are matched."""


def check_assignment(plan: AssignmentPlan, budget: Money, limits: Limits) -> None:
    """Raise the refusal of the first rule that the plan breaks, with a pointer to the place."""
    limits.check_countries(plan.jurisdictions, "/jurisdictions", unions=JURISDICTION_UNIONS)
    _check_overlap(plan.overlap, limits)
    _check_milestones(plan.milestones, budget, limits)
    for pointer, duration, longest in _durations(plan):
        limits.check_duration(duration, longest, pointer)


def _check_overlap(overlap: Overlap | None, limits: Limits) -> None:
    if overlap is not None and overlap.time_zone not in limits.time_zones:
        raise TimeZoneUnknownError(
            f"'{overlap.time_zone}' is no IANA time zone; name one such as Europe/Berlin.",
            pointer="/overlap/time_zone",
        )


def _check_milestones(milestones: tuple[Milestone, ...], budget: Money, limits: Limits) -> None:
    for position, milestone in enumerate(milestones):
        name, pointer = f"Milestone {milestone.number}", f"/milestones/{position}/amount"
        check_part(milestone.amount, budget, name, pointer)
    total = sum((milestone.amount for milestone in milestones), Money.zero(budget.currency))
    if total != budget:
        raise SumDiffersError(
            f"The milestones add up to {limits.written(total)} and the budget is {limits.written(budget)}; "
            "make them equal.",
            pointer="/milestones",
        )


def _durations(plan: AssignmentPlan) -> Iterator[tuple[str, timedelta, timedelta]]:
    """Give every duration with its place in the request and its maximum."""
    for position, milestone in enumerate(plan.milestones):
        yield f"/milestones/{position}/due_within", milestone.due_within, DUE_WITHIN_MAX
    yield "/choose_within", plan.pace.choose_within, CHOOSE_WITHIN_MAX
    yield "/offer_valid_for", plan.pace.offer_valid_for, OFFER_VALID_FOR_MAX
    yield "/review_within", plan.pace.review_within, REVIEW_WITHIN_MAX
    yield "/rework_within", plan.pace.rework_within, REWORK_WITHIN_MAX
