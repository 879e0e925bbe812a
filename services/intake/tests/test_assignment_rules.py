"""What the plan of an assignment must keep to, and the place that a refusal points to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kpo_intake.domain.assignment_rules import DUE_WITHIN_MAX
from kpo_intake.domain.brief_rules import check_brief
from kpo_intake.domain.errors import (
    AmountNotPositiveError,
    CountryUnknownError,
    CurrencyDiffersError,
    DurationOutOfRangeError,
    SumDiffersError,
    TimeZoneUnknownError,
)

from .factories import DAY, HOUR, LIMITS, NOW, a_brief, a_milestone, an_assignment


def test_a_jurisdiction_that_is_no_country_is_refused() -> None:
    plan = replace(an_assignment(), jurisdictions=("DE", "ZZ"))

    with pytest.raises(CountryUnknownError, match=r"'ZZ' is no country .* such as DE, or EU") as refused:
        check_brief(a_brief(plan), LIMITS, NOW)

    assert refused.value.pointer == "/jurisdictions/1"


def test_a_union_stands_for_its_countries() -> None:
    check_brief(a_brief(replace(an_assignment(), jurisdictions=("EU",))), LIMITS, NOW)


def test_milestones_below_the_budget_are_refused_with_both_sums() -> None:
    short = a_brief(an_assignment(a_milestone(minor=1_249_999)))

    with pytest.raises(SumDiffersError, match=r"12499\.99 EUR and the budget is 12500\.00 EUR") as refused:
        check_brief(short, LIMITS, NOW)

    assert refused.value.pointer == "/milestones"


def test_milestones_above_the_budget_are_refused() -> None:
    with pytest.raises(SumDiffersError):
        check_brief(a_brief(an_assignment(a_milestone(1), a_milestone(2, minor=1))), LIMITS, NOW)


def test_milestones_that_add_up_to_the_budget_pass() -> None:
    check_brief(a_brief(an_assignment(a_milestone(1, minor=1), a_milestone(2, minor=1_249_999))), LIMITS, NOW)


def test_a_milestone_in_another_currency_is_refused() -> None:
    mixed = a_brief(an_assignment(a_milestone(1), a_milestone(2, currency="USD")))

    with pytest.raises(CurrencyDiffersError) as refused:
        check_brief(mixed, LIMITS, NOW)

    assert refused.value.pointer == "/milestones/1/amount/currency"


def test_a_milestone_that_is_not_above_zero_is_refused() -> None:
    repaid = an_assignment(a_milestone(1, minor=1_250_001), a_milestone(2, minor=-1))

    with pytest.raises(AmountNotPositiveError) as refused:
        check_brief(a_brief(repaid), LIMITS, NOW)

    assert refused.value.pointer == "/milestones/1/amount/amount"


@pytest.mark.parametrize("review_within", [HOUR - timedelta(seconds=1), 61 * DAY, HOUR + HOUR / 7])
def test_a_step_too_short_too_long_or_not_of_whole_seconds_is_refused(review_within: timedelta) -> None:
    with pytest.raises(DurationOutOfRangeError) as refused:
        check_brief(a_brief(an_assignment(review_within=review_within)), LIMITS, NOW)

    assert refused.value.pointer == "/review_within"


def test_a_milestone_due_too_late_is_refused() -> None:
    late = a_brief(an_assignment(a_milestone(due_within=DUE_WITHIN_MAX + DAY)))

    with pytest.raises(DurationOutOfRangeError) as refused:
        check_brief(late, LIMITS, NOW)

    assert refused.value.pointer == "/milestones/0/due_within"


def test_the_shortest_step_is_a_setting() -> None:
    check_brief(a_brief(an_assignment(review_within=HOUR)), LIMITS, NOW)


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(TimeZoneUnknownError) as refused:
        check_brief(a_brief(an_assignment(time_zone="Europe/Atlantis")), LIMITS, NOW)

    assert refused.value.pointer == "/overlap/time_zone"
