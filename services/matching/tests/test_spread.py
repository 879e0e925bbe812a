"""Whatever the pool and its order: a choice over groups is fair, bounded and always the same."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpo_matching.domain.abilities import SkillLevel
from kpo_matching.domain.expert import JUDGING_MAX, Expert
from kpo_matching.domain.selection import JUDGES_PER_SEAT, Selection, select
from kpo_matching.domain.spread import in_turns

from .factories import CLIENT_ID, PYTHON, a_challenge, a_pool, a_profile, an_expert

VENDORS = [UUID(int=number) for number in range(1, 5)]
PANELS = tuple(UUID(int=number) for number in range(JUDGING_MAX))
COUNTRIES = ["BR", "DE", "IN", "KE", "PT"]


somewhere = st.tuples(
    st.sampled_from(COUNTRIES),
    st.integers(min_value=2, max_value=5),
    st.sampled_from(VENDORS),
    st.integers(min_value=0, max_value=JUDGING_MAX),
    st.sampled_from([(), (), (CLIENT_ID,)]),
)
"""A country, a level of which 2 is too low, a vendor, a number of panels, and employers."""


def a_pool_of(drawn: Sequence[tuple[str, int, UUID, int, tuple[UUID, ...]]]) -> tuple[Expert, ...]:
    made = []
    for number, (country, level, vendor_id, panels, employers) in enumerate(drawn, start=1):
        skills = (SkillLevel(PYTHON, level),)
        profile = a_profile(country=country, skills=skills, employers=employers)
        expert = an_expert(number, vendor_id=vendor_id, profile=profile)
        made.append(replace(expert, panels=PANELS[:panels]))
    return tuple(made)


experts = st.lists(somewhere, max_size=20).map(a_pool_of)
untimed = settings(deadline=None, suppress_health_check=(HealthCheck.too_slow,), derandomize=True)
few = st.integers(min_value=0, max_value=12)
seats = st.integers(min_value=1, max_value=4)


def fitting(pool: Sequence[Expert]) -> list[Expert]:
    everybody = select(a_challenge(judges=1, invitations=len(pool)), a_pool(*pool))
    known = {judge.expert_id for judge in everybody.judges} | {expert.id for expert in everybody.invited}
    return [expert for expert in pool if expert.id in known]


def judging(selection: Selection) -> set[UUID]:
    return {judge.expert_id for judge in selection.judges}


@untimed
@given(experts, seats, few, st.data())
def test_the_order_of_the_pool_does_not_matter(
    pool: tuple[Expert, ...], judges: int, invitations: int, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(pool))
    challenge = a_challenge(judges=judges, invitations=invitations)

    assert select(challenge, a_pool(*pool)) == select(challenge, a_pool(*shuffled))


@untimed
@given(experts, seats, few)
def test_no_country_is_invited_twice_while_another_has_nobody(
    pool: tuple[Expert, ...], judges: int, invitations: int
) -> None:
    selection = select(a_challenge(judges=judges, invitations=invitations), a_pool(*pool))

    free = [expert for expert in fitting(pool) if expert.id not in judging(selection)]
    at_hand = {expert.profile.country for expert in free}
    invited = Counter(expert.profile.country for expert in selection.invited)
    assert max(invited.values(), default=0) <= 1 or set(invited) == at_hand


@untimed
@given(experts, seats, few)
def test_no_vendor_has_two_judges_while_another_has_none(
    pool: tuple[Expert, ...], judges: int, invitations: int
) -> None:
    selection = select(a_challenge(judges=judges, invitations=invitations), a_pool(*pool))

    at_hand = {expert.vendor_id for expert in fitting(pool) if expert.may_judge}
    proposed = Counter(judge.vendor_id for judge in selection.judges)
    assert max(proposed.values(), default=0) <= 1 or set(proposed) == at_hand


@untimed
@given(experts, seats, few)
def test_nobody_is_asked_in_vain_and_nobody_twice(
    pool: tuple[Expert, ...], judges: int, invitations: int
) -> None:
    selection = select(a_challenge(judges=judges, invitations=invitations), a_pool(*pool))

    asked = [*judging(selection), *(expert.id for expert in selection.invited)]
    assert len(asked) == len(set(asked))
    able = {e.id for e in pool if e.profile.skills[0].level > 2 and CLIENT_ID not in e.profile.employers}
    assert set(asked) <= able
    assert judging(selection) <= {expert.id for expert in pool if expert.may_judge}


@untimed
@given(experts, seats, few)
def test_as_many_are_asked_as_there_are_up_to_the_bounds(
    pool: tuple[Expert, ...], judges: int, invitations: int
) -> None:
    selection = select(a_challenge(judges=judges, invitations=invitations), a_pool(*pool))

    count, free = len(fitting(pool)), len([e for e in fitting(pool) if e.may_judge])
    assert len(selection.judges) <= JUDGES_PER_SEAT * judges
    assert len(selection.judges) >= min(judges, free)
    assert len(selection.invited) == min(invitations, count - len(selection.judges))


@untimed
@given(st.lists(st.sampled_from("abcde")))
def test_taking_turns_loses_nobody_and_keeps_the_order_within_a_group(letters: list[str]) -> None:
    numbered = list(enumerate(letters))

    taken = in_turns(numbered, lambda each: each[1])

    assert sorted(taken) == numbered
    for letter in set(letters):
        assert [each for each in taken if each[1] == letter] == [e for e in numbered if e[1] == letter]


@untimed
@given(st.lists(st.sampled_from("abcde"), min_size=1), st.data())
def test_groups_that_are_not_used_up_differ_by_one_at_most(letters: list[str], data: st.DataObject) -> None:
    front = data.draw(st.integers(min_value=1, max_value=len(letters)))

    taken = Counter(in_turns(letters, lambda letter: letter)[:front])

    there = Counter(letters)
    left = [taken[letter] for letter in there if taken[letter] < there[letter]]
    assert not left or max(taken.values()) - min(left) <= 1
