"""What a brief must keep to, and the place that a refusal points to."""

from datetime import datetime, timedelta

import pytest

from kpo_chassis.money import Money
from kpo_intake.domain.brief import Brief, Cefr, LanguageNeed, Mode, Needs, SkillNeed
from kpo_intake.domain.brief_rules import BRIEF_BYTES_MAX, DUE_WITHIN_MAX, FUND_WITHIN_MAX, check_brief
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

from .factories import DAY, HOUR, LIMITS, NOW, SKILL, a_brief, a_milestone, a_schedule, some_needs

UNKNOWN = SKILL[:-1] + "0"


def test_a_brief_that_keeps_all_rules_passes() -> None:
    check_brief(a_brief(), LIMITS, NOW)


def test_a_challenge_is_not_offered_yet() -> None:
    with pytest.raises(ModeNotOfferedError, match="not offered yet"):
        check_brief(a_brief(mode=Mode.CHALLENGE), LIMITS, NOW)


def test_a_brief_of_exactly_the_allowed_bytes_passes() -> None:
    check_brief(a_brief(text="ü" * (BRIEF_BYTES_MAX // 2)), LIMITS, NOW)


def test_a_brief_is_measured_in_bytes_not_characters() -> None:
    with pytest.raises(BriefTooLongError, match="32770 bytes"):
        check_brief(a_brief(text="ü" * (BRIEF_BYTES_MAX // 2 + 1)), LIMITS, NOW)


def test_milestones_below_the_budget_are_refused_with_both_sums() -> None:
    short = a_brief(budget=Money(1_250_000, "EUR"), milestones=(a_milestone(minor=1_249_999),))

    with pytest.raises(SumDiffersError, match=r"12499\.99 EUR and the budget is 12500\.00 EUR") as refused:
        check_brief(short, LIMITS, NOW)

    assert refused.value.pointer == "/milestones"


def test_milestones_above_the_budget_are_refused() -> None:
    with pytest.raises(SumDiffersError):
        check_brief(a_brief(milestones=(a_milestone(1), a_milestone(2, minor=1))), LIMITS, NOW)


def test_milestones_that_add_up_to_the_budget_pass() -> None:
    check_brief(a_brief(milestones=(a_milestone(1, minor=1), a_milestone(2, minor=1_249_999))), LIMITS, NOW)


def test_a_milestone_in_another_currency_is_refused() -> None:
    mixed = a_brief(milestones=(a_milestone(1), a_milestone(2, currency="USD")))

    with pytest.raises(CurrencyDiffersError) as refused:
        check_brief(mixed, LIMITS, NOW)

    assert refused.value.pointer == "/milestones/1/amount/currency"


@pytest.mark.parametrize(
    ("brief", "pointer"),
    [
        (a_brief(budget=Money(0, "EUR"), milestones=(a_milestone(minor=0),)), "/budget/amount"),
        (
            a_brief(milestones=(a_milestone(1, minor=1_250_001), a_milestone(2, minor=-1))),
            "/milestones/1/amount/amount",
        ),
    ],
)
def test_an_amount_that_is_not_above_zero_is_refused(brief: Brief, pointer: str) -> None:
    with pytest.raises(AmountNotPositiveError) as refused:
        check_brief(brief, LIMITS, NOW)

    assert refused.value.pointer == pointer


@pytest.mark.parametrize(
    "fund_by", [NOW - DAY, NOW, NOW + HOUR - timedelta(seconds=1), NOW + FUND_WITHIN_MAX + DAY]
)
def test_a_funding_deadline_too_early_or_too_late_is_refused(fund_by: datetime) -> None:
    with pytest.raises(DeadlineOutOfRangeError) as refused:
        check_brief(a_brief(schedule=a_schedule(fund_by=fund_by)), LIMITS, NOW)

    assert refused.value.pointer == "/fund_by"


@pytest.mark.parametrize("review_within", [HOUR - timedelta(seconds=1), 61 * DAY, HOUR + HOUR / 7])
def test_a_step_too_short_too_long_or_not_of_whole_seconds_is_refused(review_within: timedelta) -> None:
    with pytest.raises(DurationOutOfRangeError) as refused:
        check_brief(a_brief(schedule=a_schedule(review_within=review_within)), LIMITS, NOW)

    assert refused.value.pointer == "/review_within"


def test_a_milestone_due_too_late_is_refused() -> None:
    late = a_brief(milestones=(a_milestone(due_within=DUE_WITHIN_MAX + DAY),))

    with pytest.raises(DurationOutOfRangeError) as refused:
        check_brief(late, LIMITS, NOW)

    assert refused.value.pointer == "/milestones/0/due_within"


def test_the_shortest_step_is_a_setting() -> None:
    check_brief(a_brief(schedule=a_schedule(review_within=HOUR)), LIMITS, NOW)


def test_a_skill_named_twice_is_refused() -> None:
    needs = some_needs(required_skills=(SkillNeed(SKILL, 4), SkillNeed(SKILL, 2)))

    with pytest.raises(NeedRepeatedError) as refused:
        check_brief(a_brief(needs=needs), LIMITS, NOW)

    assert refused.value.pointer == "/required_skills"


def test_a_language_named_twice_is_refused() -> None:
    needs = some_needs(languages=(LanguageNeed("fr", Cefr.C1), LanguageNeed("fr", Cefr.B2)))

    with pytest.raises(NeedRepeatedError) as refused:
        check_brief(a_brief(needs=needs), LIMITS, NOW)

    assert refused.value.pointer == "/languages"


@pytest.mark.parametrize(
    ("needs", "pointer"),
    [
        (
            some_needs(required_skills=(SkillNeed(SKILL, 4), SkillNeed(UNKNOWN, 2))),
            "/required_skills/1/skill",
        ),
        (some_needs(wished_skills=(SkillNeed(UNKNOWN, 2),)), "/wished_skills/0/skill"),
    ],
)
def test_a_skill_that_no_list_knows_is_refused(needs: Needs, pointer: str) -> None:
    with pytest.raises(
        SkillUnknownError, match=f"'{UNKNOWN}' is no known skill; .* GET /v1/skills"
    ) as refused:
        check_brief(a_brief(needs=needs), LIMITS, NOW)

    assert refused.value.pointer == pointer


def test_a_language_that_no_list_knows_is_refused() -> None:
    needs = some_needs(languages=(LanguageNeed("fr", Cefr.C1), LanguageNeed("xx", Cefr.B2)))

    with pytest.raises(LanguageUnknownError, match="'xx' is no ISO 639-1 language") as refused:
        check_brief(a_brief(needs=needs), LIMITS, NOW)

    assert refused.value.pointer == "/languages/1/language"


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(TimeZoneUnknownError) as refused:
        check_brief(a_brief(needs=some_needs(time_zone="Europe/Atlantis")), LIMITS, NOW)

    assert refused.value.pointer == "/overlap/time_zone"
