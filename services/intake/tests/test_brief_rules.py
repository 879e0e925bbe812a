"""What every brief must keep to, and the place that a refusal points to."""

from datetime import datetime, timedelta

import pytest

from kpo_chassis.money import Money
from kpo_intake.domain.brief import Brief, Cefr, LanguageNeed, Needs, Plan, SkillNeed
from kpo_intake.domain.brief_rules import BRIEF_BYTES_MAX, FUND_WITHIN_MAX, check_brief
from kpo_intake.domain.errors import (
    AmountNotPositiveError,
    ChallengeConfidentialError,
    DeadlineOutOfRangeError,
    LanguageUnknownError,
    NameRepeatedError,
    SkillUnknownError,
    TextTooLongError,
)

from .factories import DAY, HOUR, LIMITS, NOW, SKILL, a_brief, a_challenge, an_assignment, some_needs

UNKNOWN = SKILL[:-1] + "0"


@pytest.mark.parametrize("brief", [a_brief(), a_brief(a_challenge())])
def test_a_brief_that_keeps_all_rules_passes(brief: Brief) -> None:
    check_brief(brief, LIMITS, NOW)


def test_a_brief_of_exactly_the_allowed_bytes_passes() -> None:
    check_brief(a_brief(text="ü" * (BRIEF_BYTES_MAX // 2)), LIMITS, NOW)


def test_a_brief_is_measured_in_bytes_not_characters() -> None:
    with pytest.raises(TextTooLongError, match="32770 bytes"):
        check_brief(a_brief(text="ü" * (BRIEF_BYTES_MAX // 2 + 1)), LIMITS, NOW)


@pytest.mark.parametrize(
    "fund_by", [NOW - DAY, NOW, NOW + HOUR - timedelta(seconds=1), NOW + FUND_WITHIN_MAX + DAY]
)
def test_a_funding_deadline_too_early_or_too_late_is_refused(fund_by: datetime) -> None:
    with pytest.raises(DeadlineOutOfRangeError) as refused:
        check_brief(a_brief(fund_by=fund_by), LIMITS, NOW)

    assert refused.value.pointer == "/fund_by"


def test_a_refused_funding_deadline_is_told_those_that_are_allowed_to_the_second() -> None:
    with pytest.raises(DeadlineOutOfRangeError) as refused:
        check_brief(a_brief(fund_by=NOW + timedelta(microseconds=1)), LIMITS, NOW + timedelta(microseconds=9))

    assert refused.value.detail == (
        "Choose a time between 2026-03-02T10:00:01Z and 2027-03-02T09:00:00Z to fund by; "
        "this is 2026-03-02T09:00:00Z."
    )


def test_an_amount_of_nothing_is_refused_with_what_to_write() -> None:
    with pytest.raises(AmountNotPositiveError) as refused:
        check_brief(a_brief(budget=Money(0, "EUR")), LIMITS, NOW)

    assert refused.value.detail == "Write an amount above zero."


def test_an_assignment_may_be_confidential() -> None:
    check_brief(a_brief(confidential=True), LIMITS, NOW)


def test_a_challenge_that_should_be_confidential_is_refused() -> None:
    with pytest.raises(ChallengeConfidentialError) as refused:
        check_brief(a_brief(a_challenge(), confidential=True), LIMITS, NOW)

    assert refused.value.pointer == "/confidential"


def test_a_skill_named_twice_is_refused() -> None:
    needs = some_needs(required_skills=(SkillNeed(SKILL, 4), SkillNeed(SKILL, 2)))

    with pytest.raises(NameRepeatedError) as refused:
        check_brief(a_brief(needs=needs), LIMITS, NOW)

    assert refused.value.pointer == "/required_skills"


def test_a_language_named_twice_is_refused() -> None:
    needs = some_needs(languages=(LanguageNeed("fr", Cefr.C1), LanguageNeed("fr", Cefr.B2)))

    with pytest.raises(NameRepeatedError) as refused:
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


@pytest.mark.parametrize("plan", [an_assignment(), a_challenge()])
def test_a_budget_of_nothing_is_refused(plan: Plan) -> None:
    with pytest.raises(AmountNotPositiveError) as refused:
        check_brief(a_brief(plan, budget=Money(0, "EUR")), LIMITS, NOW)

    assert refused.value.pointer == "/budget/amount"
