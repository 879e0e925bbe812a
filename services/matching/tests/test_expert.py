"""Experts and their hours: what a vendor may say, what a match may hold."""

from dataclasses import replace
from uuid import uuid4

import pytest

from kpo_matching.domain.abilities import PracticeArea
from kpo_matching.domain.errors import ExpertExistsError, ExpertSuspendedError, VendorSuspendedError
from kpo_matching.domain.expert import (
    Expert,
    ExpertRegistered,
    ExpertStatus,
    ExpertSuspended,
    ExpertUpdated,
    Reservation,
    TrackRecord,
    WorkOutcome,
    register,
)
from kpo_matching.domain.vendor import VendorStatus

from .factories import MATCH_ID, VENDOR_ID, a_person_id, a_profile, a_vendor, an_expert


def test_a_vendor_registers_an_expert() -> None:
    decision = register(None, a_vendor(), a_person_id(), a_profile())

    assert decision.state == an_expert()
    assert decision.facts == (ExpertRegistered(an_expert()),)
    assert decision.state.parties == {VENDOR_ID}


def test_a_person_has_one_profile() -> None:
    with pytest.raises(ExpertExistsError):
        register(an_expert(), a_vendor(), a_person_id(), a_profile())


def test_the_id_of_an_expert_follows_from_the_person() -> None:
    assert an_expert().id == Expert.id_of(a_person_id())


def test_a_suspended_vendor_registers_nobody() -> None:
    with pytest.raises(VendorSuspendedError):
        register(None, a_vendor(status=VendorStatus.SUSPENDED), a_person_id(), a_profile())


def test_an_update_announces_the_whole_profile() -> None:
    profile = a_profile(weekly_hours=10)

    decision = an_expert().update(profile)

    assert decision.state.profile == profile
    assert decision.facts == (ExpertUpdated(decision.state),)


def test_an_update_without_a_difference_announces_nothing() -> None:
    decision = an_expert().update(a_profile())

    assert (decision.state, decision.facts) == (an_expert(), ())


def test_an_expert_is_suspended_with_a_reason() -> None:
    decision = an_expert().suspend("Left.")

    assert (decision.state.status, decision.state.suspended_for) == (ExpertStatus.SUSPENDED, "Left.")
    assert decision.facts == (ExpertSuspended(an_expert().id, VENDOR_ID, "Left."),)


def test_an_expert_cannot_be_suspended_twice() -> None:
    suspended = an_expert().suspend("Left.").state

    with pytest.raises(ExpertSuspendedError) as refusal:
        suspended.suspend("Again.")

    assert refusal.value.allowed == ("update",)


def test_reserved_hours_are_not_free() -> None:
    expert = an_expert().reserve(MATCH_ID, 15)

    assert expert.free_hours == 25


def test_nobody_promises_more_hours_than_a_week_has_free() -> None:
    expert = an_expert().reserve(MATCH_ID, 30)

    with pytest.raises(AssertionError):
        expert.reserve(uuid4(), 11)


def test_released_hours_are_free_again() -> None:
    expert = an_expert().reserve(MATCH_ID, 15)

    assert expert.release(MATCH_ID) == an_expert()


def test_releasing_one_match_keeps_the_hours_of_the_others() -> None:
    other = uuid4()
    expert = an_expert().reserve(MATCH_ID, 15).reserve(other, 5)

    assert expert.release(MATCH_ID).reservations == (Reservation(other, 5),)


def test_releasing_a_match_that_holds_nothing_changes_nothing() -> None:
    assert an_expert().release(MATCH_ID) == an_expert()


def test_lowering_the_capacity_below_what_is_held_leaves_no_free_hours() -> None:
    expert = an_expert().reserve(MATCH_ID, 30).update(a_profile(weekly_hours=20)).state

    assert expert.free_hours == 0


def test_finished_work_enters_the_record_of_its_practice_area() -> None:
    lawyer = replace(an_expert(), track_records=(TrackRecord(PracticeArea.LEGAL, completed=3),))

    finished = lawyer.reserve(MATCH_ID, 20).finish(MATCH_ID, PracticeArea.SOFTWARE, WorkOutcome.COMPLETED)

    assert finished.reservations == ()
    assert finished.track_record(PracticeArea.SOFTWARE) == TrackRecord(PracticeArea.SOFTWARE, completed=1)
    assert finished.track_record(PracticeArea.LEGAL) == TrackRecord(PracticeArea.LEGAL, completed=3)
