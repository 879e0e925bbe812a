"""Whom a challenge is told to, and who could judge it."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from kpo_chassis.kernel import AGGREGATES_PER_CAUSE_MAX
from kpo_events.intake import INVITATIONS_MAX, JUDGES_MAX
from kpo_events.payload import ITEMS_MAX
from kpo_matching.domain.abilities import PracticeArea, SkillLevel
from kpo_matching.domain.challenge import Challenge
from kpo_matching.domain.expert import JUDGING_MAX, Expert, TrackRecord
from kpo_matching.domain.selection import JUDGES_PER_SEAT, Selection, select
from kpo_matching.domain.shortlist import Criterion, Fit, Requirement
from kpo_matching.domain.vendor import Vendor, VendorStatus

from .factories import CLIENT_ID, JAVA, PYTHON, VENDOR_ID, a_challenge, a_pool, a_profile, a_vendor, an_expert


def at_level(number: int, level: int, *, country: str = "PT", vendor_id: UUID = VENDOR_ID) -> Expert:
    profile = a_profile(country=country, skills=(SkillLevel(PYTHON, level),))
    return an_expert(number, vendor_id=vendor_id, profile=profile)


def invited(challenge: Challenge, *experts: Expert, vendors: tuple[Vendor, ...] = ()) -> list[UUID]:
    """Say who is invited when nobody has time to judge."""
    busy = [replace(expert, panels=tuple(uuid4() for _ in range(JUDGING_MAX))) for expert in experts]
    selection = select(challenge, a_pool(*busy, vendors=vendors))
    assert selection.judges == ()
    return [expert.id for expert in selection.invited]


def judges(selection: Selection) -> list[UUID]:
    return [judge.expert_id for judge in selection.judges]


# Invitations ----------------------------------------------------------------------------------------------


def test_the_best_of_each_country_come_before_the_second_best_of_any() -> None:
    best, second = at_level(1, 5, country="PT"), at_level(2, 5, country="PT")
    lesser, least = at_level(3, 4, country="KE"), at_level(4, 3, country="IN")

    told = invited(a_challenge(invitations=3), second, least, lesser, best)

    assert told == [min(best.id, second.id), lesser.id, least.id]


def test_no_more_are_invited_than_the_client_wants() -> None:
    assert len(invited(a_challenge(invitations=2), *(an_expert(n) for n in range(1, 6)))) == 2


@pytest.mark.parametrize("invitations", [0, 5])
def test_nobody_may_be_invited(invitations: int) -> None:
    assert invited(a_challenge(invitations=invitations)) == []


def test_free_hours_and_working_days_do_not_matter() -> None:
    busy = an_expert(1, profile=a_profile(time_zone="Pacific/Auckland")).reserve(uuid4(), 40)

    assert invited(a_challenge(), busy) == [busy.id]


def test_wished_skills_and_the_track_record_make_somebody_fit_better() -> None:
    plain = an_expert(1)
    proven = replace(an_expert(2), track_records=(TrackRecord(PracticeArea.SOFTWARE, awarded=5),))
    wished = an_expert(3, profile=a_profile(skills=(SkillLevel(PYTHON, 4), SkillLevel(JAVA, 4))))

    told = invited(a_challenge(wished_skills=(SkillLevel(JAVA, 4),)), plain, proven, wished)

    assert told == [wished.id, proven.id, plain.id]


@pytest.mark.parametrize(
    "expert",
    [
        at_level(1, 2),
        an_expert(1, profile=a_profile(languages=())),
        an_expert(1, profile=a_profile(practice_areas=(PracticeArea.LEGAL,))),
        an_expert(1, profile=a_profile(country="KP")),
        an_expert(1, profile=a_profile(employers=(CLIENT_ID,))),
        an_expert(1, profile=a_profile(relations=(CLIENT_ID,))),
        an_expert(1, vendor_id=CLIENT_ID),
        an_expert(1).suspend("Left.").state,
    ],
    ids=["skill", "language", "area", "country", "employed", "related", "offered", "suspended"],
)
def test_who_may_not_or_cannot_enter_is_neither_invited_nor_proposed(expert: Expert) -> None:
    selection = select(a_challenge(excluded_countries=("KP",)), a_pool(expert))

    assert selection == Selection((), ())


@pytest.mark.parametrize(
    "vendor",
    [a_vendor(currencies=("EUR",)), a_vendor(status=VendorStatus.SUSPENDED)],
    ids=["euro", "suspended"],
)
def test_who_could_not_be_paid_is_neither_invited_nor_proposed(vendor: Vendor) -> None:
    assert select(a_challenge(), a_pool(an_expert(), vendors=(vendor,))) == Selection((), ())


def test_an_expert_whose_vendor_cannot_be_found_is_neither_invited_nor_proposed() -> None:
    pool = replace(a_pool(an_expert()), vendors={})

    assert select(a_challenge(), pool) == Selection((), ())


# Judges ---------------------------------------------------------------------------------------------------


def test_three_judges_are_proposed_for_each_seat() -> None:
    pool = a_pool(*(an_expert(number) for number in range(1, 21)))

    assert len(select(a_challenge(judges=2), pool).judges) == 2 * JUDGES_PER_SEAT


def test_the_most_senior_are_proposed_first() -> None:
    master, proven, beginner = at_level(1, 5), at_level(2, 4), at_level(3, 3)
    proven = replace(proven, track_records=(TrackRecord(PracticeArea.SOFTWARE, completed=30),))

    selection = select(a_challenge(judges=3), a_pool(beginner, proven, master))

    assert judges(selection) == [master.id, proven.id, beginner.id]


def test_vendors_take_turns_among_the_judges_and_so_do_countries() -> None:
    other, third = uuid4(), uuid4()
    best = at_level(1, 5)
    colleague = at_level(2, 5, country="BR")
    neighbour = at_level(3, 4, vendor_id=other)
    foreigner = at_level(4, 3, country="KE", vendor_id=third)

    selection = select(a_challenge(judges=4), a_pool(colleague, foreigner, neighbour, best))

    first, *rest = judges(selection)
    assert first == min(best.id, colleague.id)
    assert set(rest[:2]) == {neighbour.id, foreigner.id}


def test_judges_of_as_many_vendors_come_from_as_many_countries() -> None:
    masters = [at_level(number, 5, vendor_id=uuid4()) for number in range(1, 4)]
    foreigner = at_level(4, 3, country="KE", vendor_id=uuid4())

    selection = select(a_challenge(judges=2), a_pool(*masters, foreigner))

    assert [judge.country for judge in selection.judges] == ["PT", "KE"]


def test_nobody_is_proposed_who_is_invited() -> None:
    selection = select(a_challenge(judges=1), a_pool(*(an_expert(number) for number in range(1, 9))))

    assert set(judges(selection)).isdisjoint(expert.id for expert in selection.invited)
    assert (len(selection.judges), len(selection.invited)) == (3, 5)


def test_half_of_those_who_fit_are_kept_for_the_invitations() -> None:
    selection = select(a_challenge(judges=1), a_pool(*(an_expert(number) for number in range(1, 5))))

    assert (len(selection.judges), len(selection.invited)) == (2, 2)


def test_seats_come_before_invitations() -> None:
    selection = select(a_challenge(judges=3), a_pool(*(an_expert(number) for number in range(1, 5))))

    assert (len(selection.judges), len(selection.invited)) == (3, 1)


def test_who_has_as_many_panels_as_they_may_is_invited_instead() -> None:
    full = replace(an_expert(), panels=tuple(uuid4() for _ in range(JUDGING_MAX)))

    selection = select(a_challenge(), a_pool(full))

    assert (selection.judges, selection.invited) == ((), (full,))


def test_a_judge_is_proposed_with_reasons() -> None:
    (judge,) = select(a_challenge(judges=1), a_pool(an_expert())).judges

    assert judge.fits == (
        Fit(Requirement.SKILL, PYTHON, "3", "4"),
        Fit(Requirement.LANGUAGE, "en", "B2", "C1"),
    )
    assert [(term.criterion, term.points) for term in judge.terms] == [
        (Criterion.SKILL_LEVELS, 1_000),
        (Criterion.TRACK_RECORD, 1_000),
    ]
    assert judge.seniority == 2_000


# Bounds ---------------------------------------------------------------------------------------------------


def test_the_largest_challenge_fits_one_change_and_one_event() -> None:
    judges_max = JUDGES_PER_SEAT * JUDGES_MAX

    assert 1 + judges_max + INVITATIONS_MAX <= AGGREGATES_PER_CAUSE_MAX
    assert judges_max <= ITEMS_MAX
