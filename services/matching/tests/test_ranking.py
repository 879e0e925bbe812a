"""Who is on the shortlist, in which order, and what the shortlist says about it."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from kpo_chassis.money import Money
from kpo_matching.domain.abilities import Cefr, LanguageLevel, PracticeArea, SkillLevel
from kpo_matching.domain.engagement import Engagement, Overlap
from kpo_matching.domain.expert import Expert, TrackRecord
from kpo_matching.domain.filters import Filter
from kpo_matching.domain.ranking import Pool, rank
from kpo_matching.domain.scoring import WEIGHTS
from kpo_matching.domain.shortlist import CANDIDATES_MAX, Criterion, Fit, Removed, Requirement, Shortlist
from kpo_matching.domain.vendor import VendorStatus

from .factories import (
    CLIENT,
    CLIENT_ID,
    DAYS,
    JAVA,
    PYTHON,
    VENDOR_ID,
    a_profile,
    a_ranking,
    a_vendor,
    an_engagement,
    an_expert,
)

POINTS_OF_THE_BEST = 10_000


def ids(shortlist: Shortlist) -> list[UUID]:
    return [candidate.expert_id for candidate in shortlist.candidates]


def kept_out(engagement: Engagement, expert: Expert) -> Filter:
    """Name the one filter that keeps this one expert out."""
    shortlist = a_ranking(engagement, expert)
    assert shortlist.candidates == ()
    (removed,) = shortlist.removed
    return removed.filter


def points(shortlist: Shortlist, criterion: Criterion) -> list[int]:
    terms = [term for candidate in shortlist.candidates for term in candidate.terms]
    return [term.points for term in terms if term.criterion is criterion]


# Hard filters ---------------------------------------------------------------------------------------------


def test_an_expert_with_everything_that_is_needed_is_a_candidate() -> None:
    expert = an_expert()

    assert ids(a_ranking(an_engagement(), expert)) == [expert.id]


def test_a_suspended_expert_is_kept_out() -> None:
    suspended = an_expert().suspend("Left.").state

    assert kept_out(an_engagement(), suspended) is Filter.SUSPENDED


def test_an_expert_of_a_suspended_vendor_is_kept_out() -> None:
    vendor = a_vendor(status=VendorStatus.SUSPENDED)

    shortlist = rank(an_engagement(), Pool((an_expert(),), {VENDOR_ID: vendor}), CLIENT, DAYS)

    assert shortlist.removed == (Removed(Filter.SUSPENDED, 1),)


def test_an_expert_whose_vendor_cannot_be_found_is_kept_out() -> None:
    shortlist = rank(an_engagement(), Pool((an_expert(),), {}), CLIENT, DAYS)

    assert shortlist.removed == (Removed(Filter.SUSPENDED, 1),)


def test_an_expert_of_another_practice_area_is_kept_out() -> None:
    assert kept_out(an_engagement(practice_area=PracticeArea.LEGAL), an_expert()) is Filter.PRACTICE_AREA


@pytest.mark.parametrize("skills", [(), (SkillLevel(PYTHON, 2),), (SkillLevel(JAVA, 5),)])
def test_an_expert_below_a_required_skill_is_kept_out(skills: tuple[SkillLevel, ...]) -> None:
    engagement = an_engagement(required_skills=(SkillLevel(PYTHON, 3),))

    assert kept_out(engagement, an_expert(profile=a_profile(skills=skills))) is Filter.SKILLS


def test_an_expert_at_exactly_the_required_level_is_a_candidate() -> None:
    expert = an_expert(profile=a_profile(skills=(SkillLevel(PYTHON, 3),)))

    assert ids(a_ranking(an_engagement(required_skills=(SkillLevel(PYTHON, 3),)), expert)) == [expert.id]


def test_of_a_skill_that_is_required_twice_the_higher_level_counts() -> None:
    engagement = an_engagement(required_skills=(SkillLevel(PYTHON, 5), SkillLevel(PYTHON, 3)))

    assert kept_out(engagement, an_expert()) is Filter.SKILLS


@pytest.mark.parametrize("languages", [(), (LanguageLevel("en", Cefr.B1),), (LanguageLevel("de", Cefr.C2),)])
def test_an_expert_below_a_required_language_is_kept_out(languages: tuple[LanguageLevel, ...]) -> None:
    expert = an_expert(profile=a_profile(languages=languages))

    assert kept_out(an_engagement(languages=(LanguageLevel("en", Cefr.B2),)), expert) is Filter.LANGUAGES


def test_an_expert_in_none_of_the_named_jurisdictions_is_kept_out() -> None:
    expert = an_expert(profile=a_profile(jurisdictions=("BR", "PT")))

    assert kept_out(an_engagement(jurisdictions=("US", "GB")), expert) is Filter.JURISDICTIONS


def test_one_of_the_named_jurisdictions_is_enough() -> None:
    expert = an_expert(profile=a_profile(jurisdictions=("BR", "PT")))

    assert ids(a_ranking(an_engagement(jurisdictions=("US", "PT")), expert)) == [expert.id]


def test_the_european_union_stands_for_its_members() -> None:
    engagement = an_engagement(jurisdictions=("EU",))

    assert ids(a_ranking(engagement, an_expert(profile=a_profile(jurisdictions=("PT",)))))
    assert kept_out(engagement, an_expert(profile=a_profile(jurisdictions=("CH",)))) is Filter.JURISDICTIONS


def test_an_expert_of_the_whole_union_works_in_each_member() -> None:
    expert = an_expert(profile=a_profile(jurisdictions=("EU",)))

    assert ids(a_ranking(an_engagement(jurisdictions=("FR",)), expert)) == [expert.id]


@pytest.mark.parametrize(
    ("zone", "hours", "fits"),
    [
        ("Europe/Berlin", 8, True),
        ("UTC", 7, True),
        ("UTC", 8, False),
        ("Asia/Kolkata", 3, True),
        ("Asia/Kolkata", 4, False),
        ("Pacific/Auckland", 1, False),
    ],
)
def test_the_working_days_must_overlap_by_the_hours_asked_for(zone: str, hours: int, *, fits: bool) -> None:
    engagement = an_engagement(overlap=Overlap("Europe/Berlin", hours))

    shortlist = a_ranking(engagement, an_expert(profile=a_profile(time_zone=zone)))

    assert bool(shortlist.candidates) is fits


def test_working_days_overlap_around_the_date_line() -> None:
    assert DAYS.shared_minutes("Pacific/Auckland", "Asia/Kolkata") == 30
    assert replace(DAYS, offsets=lambda zone, _: int(zone)).shared_minutes("780", "-660") == 480


def test_an_expert_without_enough_free_hours_is_kept_out() -> None:
    busy = an_expert().reserve(uuid4(), 21)

    assert kept_out(an_engagement(hours_per_week=20), busy) is Filter.HOURS


def test_an_expert_with_exactly_the_free_hours_is_a_candidate() -> None:
    busy = an_expert().reserve(uuid4(), 20)

    assert ids(a_ranking(an_engagement(hours_per_week=20), busy)) == [busy.id]


def test_an_expert_whose_vendor_does_not_take_the_currency_is_kept_out() -> None:
    vendor = a_vendor(currencies=("USD",))

    shortlist = rank(an_engagement(), Pool((an_expert(),), {VENDOR_ID: vendor}), CLIENT, DAYS)

    assert shortlist.removed == (Removed(Filter.CURRENCY, 1),)


@pytest.mark.parametrize(
    "expert",
    [
        an_expert(profile=a_profile(employers=(CLIENT_ID,))),
        an_expert(profile=a_profile(relations=(CLIENT_ID,))),
        an_expert(vendor_id=CLIENT_ID),
    ],
    ids=["employed by the client", "related to the client", "offered by the client"],
)
def test_an_expert_who_is_close_to_the_client_is_kept_out(expert: Expert) -> None:
    assert kept_out(an_engagement(), expert) is Filter.CONFLICT


def test_of_a_client_about_whom_nothing_is_known_nobody_is_independent() -> None:
    shortlist = a_ranking(an_engagement(), an_expert(), client=None)

    assert shortlist.removed == (Removed(Filter.CONFLICT, 1),)


def test_everybody_who_is_kept_out_is_counted_once_at_the_first_filter() -> None:
    beginner = an_expert(1, profile=a_profile(skills=(), languages=()))
    silent = an_expert(2, profile=a_profile(languages=()))

    shortlist = a_ranking(an_engagement(), beginner, silent, an_expert(3))

    assert shortlist.considered == 3
    assert shortlist.removed == (Removed(Filter.SKILLS, 1), Removed(Filter.LANGUAGES, 1))


# Scores ---------------------------------------------------------------------------------------------------


def test_the_weights_add_up_to_a_whole() -> None:
    assert sum(WEIGHTS.values()) == POINTS_OF_THE_BEST
    assert set(WEIGHTS) == set(Criterion)


def test_a_score_is_the_sum_of_its_terms_within_bounds() -> None:
    shortlist = a_ranking(an_engagement(), an_expert(1), an_expert(2).reserve(uuid4(), 5))

    for candidate in shortlist.candidates:
        assert candidate.score == sum(term.points for term in candidate.terms)
        assert all(0 <= term.points <= term.points_max for term in candidate.terms)


def test_who_has_the_wished_skills_comes_first() -> None:
    plain = an_expert(1)
    wished = an_expert(2, profile=a_profile(skills=(SkillLevel(PYTHON, 4), SkillLevel(JAVA, 2))))

    shortlist = a_ranking(an_engagement(wished_skills=(SkillLevel(JAVA, 4),)), plain, wished)

    assert ids(shortlist) == [wished.id, plain.id]
    assert points(shortlist, Criterion.WISHED_SKILLS) == [1_250, 0]


def test_who_is_further_above_the_required_level_comes_first() -> None:
    fourth = an_expert(1, profile=a_profile(skills=(SkillLevel(PYTHON, 4),)))
    fifth = an_expert(2, profile=a_profile(skills=(SkillLevel(PYTHON, 5),)))

    shortlist = a_ranking(an_engagement(required_skills=(SkillLevel(PYTHON, 3),)), fourth, fifth)

    assert ids(shortlist) == [fifth.id, fourth.id]
    assert points(shortlist, Criterion.SKILL_LEVELS) == [2_000, 1_000]


def test_who_speaks_better_comes_first() -> None:
    fluent = an_expert(1, profile=a_profile(languages=(LanguageLevel("en", Cefr.C2),)))
    good = an_expert(2, profile=a_profile(languages=(LanguageLevel("en", Cefr.C1),)))

    shortlist = a_ranking(an_engagement(languages=(LanguageLevel("en", Cefr.B2),)), good, fluent)

    assert points(shortlist, Criterion.LANGUAGES) == [1_000, 500]


def test_a_long_good_record_counts_more_than_one_lucky_order() -> None:
    lucky = replace(an_expert(1), track_records=(TrackRecord(PracticeArea.SOFTWARE, completed=1),))
    proven = replace(an_expert(2), track_records=(TrackRecord(PracticeArea.SOFTWARE, completed=20),))

    shortlist = a_ranking(an_engagement(), lucky, proven)

    assert ids(shortlist) == [proven.id, lucky.id]
    assert points(shortlist, Criterion.TRACK_RECORD) == [1_833, 1_200]


def test_an_award_counts_as_much_as_a_completed_order() -> None:
    winner = replace(an_expert(1), track_records=(TrackRecord(PracticeArea.SOFTWARE, awarded=1),))
    worker = replace(an_expert(2), track_records=(TrackRecord(PracticeArea.SOFTWARE, completed=1),))

    shortlist = a_ranking(an_engagement(), winner, worker)

    assert points(shortlist, Criterion.TRACK_RECORD) == [1_200, 1_200]


def test_a_record_in_another_practice_area_does_not_count() -> None:
    lawyer = replace(an_expert(), track_records=(TrackRecord(PracticeArea.LEGAL, completed=20),))

    assert points(a_ranking(an_engagement(), lawyer), Criterion.TRACK_RECORD) == [1_000]


def test_who_asks_for_less_comes_first() -> None:
    dear = an_expert(1, profile=a_profile(day_rate=Money(90_000, "EUR")))
    cheap = an_expert(2, profile=a_profile(day_rate=Money(40_000, "EUR")))

    shortlist = a_ranking(an_engagement(), dear, cheap)

    assert ids(shortlist) == [cheap.id, dear.id]
    assert points(shortlist, Criterion.PRICE) == [1_000, 0]


def test_rates_in_different_currencies_are_not_compared() -> None:
    euros = an_expert(1, profile=a_profile(day_rate=Money(90_000, "EUR")))
    dollars = an_expert(2, profile=a_profile(day_rate=Money(40_000, "USD")))

    assert points(a_ranking(an_engagement(), euros, dollars), Criterion.PRICE) == [1_000, 1_000]


def test_who_has_more_free_hours_comes_first() -> None:
    busy = an_expert(1).reserve(uuid4(), 10)
    free = an_expert(2)

    shortlist = a_ranking(an_engagement(hours_per_week=20), busy, free)

    assert ids(shortlist) == [free.id, busy.id]
    assert points(shortlist, Criterion.LOAD) == [250, 125]


def test_who_shares_more_of_the_day_gets_more_points() -> None:
    near = an_expert(1, profile=a_profile(time_zone="Europe/Berlin"))
    far = an_expert(2, profile=a_profile(time_zone="Asia/Kolkata"))

    shortlist = a_ranking(an_engagement(overlap=Overlap("Europe/Berlin", 1)), near, far)

    assert points(shortlist, Criterion.OVERLAP) == [1_000, 437]


def test_the_preferred_expert_comes_first_whatever_the_score() -> None:
    best = an_expert(1, profile=a_profile(skills=(SkillLevel(PYTHON, 5),)))
    preferred = an_expert(2)

    assert ids(a_ranking(an_engagement(preferred_expert=preferred.id), best, preferred)) == [
        preferred.id,
        best.id,
    ]


def test_the_preferred_expert_must_pass_the_filters() -> None:
    best, preferred = an_expert(1), an_expert(2, profile=a_profile(skills=()))

    assert ids(a_ranking(an_engagement(preferred_expert=preferred.id), best, preferred)) == [best.id]


def test_ties_are_broken_by_expert_id() -> None:
    experts = [an_expert(number) for number in range(1, 9)]

    shortlist = a_ranking(an_engagement(), *experts)

    assert ids(shortlist) == sorted(expert.id for expert in experts)


def test_the_order_of_the_pool_does_not_matter() -> None:
    experts = [an_expert(n).reserve(uuid4(), n % 7) for n in range(1, 60)]
    reversed_pool = experts[::-1]

    assert a_ranking(an_engagement(), *experts) == a_ranking(an_engagement(), *reversed_pool)


def test_a_shortlist_holds_the_best_twenty() -> None:
    experts = [an_expert(number) for number in range(1, 41)]

    shortlist = a_ranking(an_engagement(), *experts)

    assert [candidate.rank for candidate in shortlist.candidates] == list(range(1, CANDIDATES_MAX + 1))
    assert shortlist.considered == 40
    assert shortlist.removed == ()


# Reasons --------------------------------------------------------------------------------------------------


def test_a_candidate_says_what_they_have_for_each_need() -> None:
    engagement = an_engagement(
        required_skills=(SkillLevel(PYTHON, 3),),
        wished_skills=(SkillLevel(JAVA, 2),),
        languages=(LanguageLevel("en", Cefr.B2),),
        jurisdictions=("EU", "BR"),
        overlap=Overlap("Europe/Berlin", 4),
    )

    (candidate,) = a_ranking(engagement, an_expert()).candidates

    assert candidate.fits == (
        Fit(Requirement.SKILL, PYTHON, "3", "4"),
        Fit(Requirement.WISHED_SKILL, JAVA, "2", "none"),
        Fit(Requirement.LANGUAGE, "en", "B2", "C1"),
        Fit(Requirement.JURISDICTION, "PT", "EU BR", "PT"),
        Fit(Requirement.OVERLAP, "Europe/Berlin", "240", "480"),
        Fit(Requirement.HOURS, "", "20", "40"),
    )
