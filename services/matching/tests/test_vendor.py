"""Organisations that offer experts."""

from dataclasses import replace

import pytest

from kpo_matching.domain.errors import VendorExistsError, VendorSuspendedError
from kpo_matching.domain.vendor import (
    VendorOnboarded,
    VendorStatus,
    VendorSuspended,
    VendorUpdated,
    onboard,
)

from .factories import VENDOR_ID, a_vendor


def test_a_vendor_is_onboarded_under_its_tenant_id() -> None:
    decision = onboard(None, VENDOR_ID, a_vendor().profile)

    assert decision.state == a_vendor()
    assert decision.state.parties == {VENDOR_ID}
    assert decision.facts == (VendorOnboarded(VENDOR_ID, a_vendor().profile),)


def test_a_vendor_is_onboarded_once() -> None:
    with pytest.raises(VendorExistsError):
        onboard(a_vendor(), VENDOR_ID, a_vendor().profile)


def test_an_update_announces_the_whole_profile() -> None:
    profile = replace(a_vendor().profile, currencies=("GBP",))

    decision = a_vendor().update(profile)

    assert decision.facts == (VendorUpdated(VENDOR_ID, profile),)


def test_an_update_without_a_difference_announces_nothing() -> None:
    decision = a_vendor().update(a_vendor().profile)

    assert (decision.state, decision.facts) == (a_vendor(), ())


def test_a_vendor_is_suspended_with_a_reason() -> None:
    decision = a_vendor().suspend("Unpaid fees.")

    assert decision.state.status is VendorStatus.SUSPENDED
    assert decision.facts == (VendorSuspended(VENDOR_ID, "Unpaid fees."),)


def test_a_vendor_cannot_be_suspended_twice() -> None:
    with pytest.raises(VendorSuspendedError):
        a_vendor(status=VendorStatus.SUSPENDED).suspend("Again.")
