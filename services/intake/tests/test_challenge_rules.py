"""What the plan of an open call must keep to, and the place that a refusal points to."""

from datetime import timedelta
from uuid import UUID

import pytest

from kpo_chassis.money import Money
from kpo_intake.domain.brief_rules import check_brief
from kpo_intake.domain.challenge import PRIZES_MAX, ChallengePlan, Criterion, Dataset
from kpo_intake.domain.challenge_rules import JUDGE_WITHIN_MAX, LICENCE_BYTES_MAX, OPEN_FOR_MAX
from kpo_intake.domain.errors import (
    AmountNotPositiveError,
    CountryUnknownError,
    CurrencyDiffersError,
    DurationOutOfRangeError,
    NameRepeatedError,
    PicksNotFallingError,
    PrizesAbovePurseError,
    PrizesOutOfRangeError,
    PrizesWithoutPickError,
    TextTooLongError,
)

from .factories import BUDGET, DATASET_ID, DAY, DIGEST, HOUR, LIMITS, NOW, a_brief, a_challenge, a_round

PURSE = Money(57_500_000, "USD")
SEMIFINAL = a_round(1, picks=23, prizes=(Money(1_000_000, "USD"),) * 23)
PODIUM = (Money(15_000_000, "USD"), Money(7_500_000, "USD"), Money(4_500_000, "USD"))
SECOND = timedelta(seconds=1)


def check(plan: ChallengePlan, *, purse: Money = BUDGET) -> None:
    check_brief(a_brief(plan, budget=purse), LIMITS, NOW)


def test_two_rounds_of_prizes_below_the_purse_pass() -> None:
    check(a_challenge(SEMIFINAL, a_round(2, picks=3, prizes=PODIUM)), purse=PURSE)


def test_prizes_that_are_the_whole_purse_pass() -> None:
    check(a_challenge(a_round(picks=1, prizes=(BUDGET,))))


def test_prizes_above_the_purse_are_refused_with_both_sums() -> None:
    rich = a_challenge(a_round(1, picks=3, prizes=(BUDGET,)), a_round(2, picks=1, prizes=(Money(1, "EUR"),)))

    with pytest.raises(
        PrizesAbovePurseError, match=r"12500\.01 EUR and the budget is 12500\.00 EUR"
    ) as refused:
        check(rich)

    assert refused.value.pointer == "/rounds"


def test_a_prize_in_another_currency_is_refused() -> None:
    mixed = a_challenge(a_round(prizes=(Money(1, "EUR"), Money(1, "USD"))))

    with pytest.raises(CurrencyDiffersError, match="Prize 2 of round 1 is in USD") as refused:
        check(mixed)

    assert refused.value.pointer == "/rounds/0/prizes/1/currency"


def test_a_prize_of_nothing_is_refused() -> None:
    with pytest.raises(AmountNotPositiveError) as refused:
        check(a_challenge(a_round(prizes=(Money(0, "EUR"),))))

    assert refused.value.pointer == "/rounds/0/prizes/0/amount"


def test_a_round_with_more_prizes_than_picks_is_refused() -> None:
    with pytest.raises(PrizesWithoutPickError, match="picks 1 and has 2 prizes; name 0 to 1") as refused:
        check(a_challenge(a_round(picks=1, prizes=(Money(1, "EUR"),) * 2)))

    assert refused.value.pointer == "/rounds/0/prizes"


@pytest.mark.parametrize("picks", [3, 4])
def test_a_round_that_picks_no_fewer_than_the_one_before_is_refused(picks: int) -> None:
    rounds = a_round(1, picks=3, prizes=(BUDGET,)), a_round(2, picks=picks)

    with pytest.raises(PicksNotFallingError, match="at most 2") as refused:
        check(a_challenge(*rounds))

    assert refused.value.pointer == "/rounds/1/picks"


def test_rounds_may_have_as_many_prizes_as_an_award_can_name() -> None:
    check(a_challenge(a_round(picks=PRIZES_MAX, prizes=(Money(1, "EUR"),) * PRIZES_MAX)))


def test_more_prizes_than_an_award_can_name_are_refused() -> None:
    first = a_round(1, picks=PRIZES_MAX, prizes=(Money(1, "EUR"),) * PRIZES_MAX)
    second = a_round(2, picks=1, prizes=(Money(1, "EUR"),))

    with pytest.raises(PrizesOutOfRangeError, match="65 prizes in all; name 1 to 64") as refused:
        check(a_challenge(first, second))

    assert refused.value.pointer == "/rounds"


def test_a_call_without_any_prize_is_refused() -> None:
    with pytest.raises(PrizesOutOfRangeError, match="0 prizes"):
        check(a_challenge(a_round()))


def test_a_criterion_named_twice_is_refused() -> None:
    twice = (Criterion("Evidence", 1), Criterion("Evidence", 99))

    with pytest.raises(NameRepeatedError, match="'Evidence' is named 2 times") as refused:
        check(a_challenge(criteria=twice))

    assert refused.value.pointer == "/criteria"


def test_a_dataset_named_twice_is_refused() -> None:
    twice = (Dataset(DATASET_ID, DIGEST), Dataset(DATASET_ID, "0" * 64))

    with pytest.raises(NameRepeatedError) as refused:
        check(a_challenge(datasets=twice))

    assert refused.value.pointer == "/datasets"


def test_two_datasets_of_the_same_bytes_pass() -> None:
    check(a_challenge(datasets=(Dataset(DATASET_ID, DIGEST), Dataset(UUID(int=1), DIGEST))))


def test_a_country_excluded_twice_is_refused() -> None:
    with pytest.raises(NameRepeatedError) as refused:
        check(a_challenge(excluded_countries=("KP", "KP")))

    assert refused.value.pointer == "/excluded_countries"


def test_an_excluded_country_that_is_none_is_refused() -> None:
    with pytest.raises(CountryUnknownError, match="'EU' is no country") as refused:
        check(a_challenge(excluded_countries=("KP", "EU")))

    assert refused.value.pointer == "/excluded_countries/1"


def test_a_licence_of_exactly_the_allowed_bytes_passes() -> None:
    check(a_challenge(licence="ü" * (LICENCE_BYTES_MAX // 2)))


def test_a_licence_is_measured_in_bytes_not_characters() -> None:
    with pytest.raises(TextTooLongError, match="8194 bytes") as refused:
        check(a_challenge(licence="ü" * (LICENCE_BYTES_MAX // 2 + 1)))

    assert refused.value.pointer == "/licence/text"


@pytest.mark.parametrize("open_for", [HOUR - SECOND, OPEN_FOR_MAX + DAY, HOUR + HOUR / 7])
def test_a_call_open_too_short_too_long_or_not_for_whole_seconds_is_refused(open_for: timedelta) -> None:
    with pytest.raises(DurationOutOfRangeError) as refused:
        check(a_challenge(open_for=open_for))

    assert refused.value.pointer == "/open_for"


@pytest.mark.parametrize("judge_within", [HOUR - SECOND, JUDGE_WITHIN_MAX + DAY])
def test_a_round_judged_too_fast_or_too_slowly_is_refused(judge_within: timedelta) -> None:
    rounds = a_round(1, prizes=(BUDGET,)), a_round(2, picks=1, judge_within=judge_within)

    with pytest.raises(DurationOutOfRangeError) as refused:
        check(a_challenge(*rounds))

    assert refused.value.pointer == "/rounds/1/judge_within"


def test_the_shortest_call_is_a_setting() -> None:
    check(a_challenge(open_for=HOUR))
