"""Who may enter a challenge: an expert of the vendor they act for, far enough from the client."""

from datetime import datetime

from kpo_chassis.kernel import TenantId
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.copies import ExpertCopy
from kpo_delivery.domain.entry import AcceptedLicence
from kpo_delivery.domain.errors import (
    CountryExcludedError,
    ExpertUnknownError,
    LicenceDiffersError,
    OwnChallengeError,
)


def expect_eligible(challenge: Challenge, expert: ExpertCopy | None, by: TenantId) -> ExpertCopy:
    """Give the expert who may enter, acting for `by`; what is not known of them counts against them."""
    if by == challenge.client:
        raise OwnChallengeError("Your own organisation runs this challenge.")
    active = expect_active(expert, by)
    if active.is_close_to(challenge.client):
        raise OwnChallengeError("You work for the client of this challenge, or are related to it.")
    expect_admitted_country(challenge, active)
    return active


def expect_active(expert: ExpertCopy | None, by: TenantId) -> ExpertCopy:
    if expert is None or not expert.is_active or expert.profile.vendor != by:
        raise ExpertUnknownError("You are no active expert of the vendor that you act for.")
    return expert


def expect_admitted_country(challenge: Challenge, expert: ExpertCopy) -> None:
    if expert.profile.country in challenge.call.excluded_countries:
        raise CountryExcludedError(f"The challenge is not open to people in {expert.profile.country}.")


def accept_licence(challenge: Challenge, version: str, sha256: str, now: datetime) -> AcceptedLicence:
    """Take the entrant's word for the very text that the data come under."""
    licence = challenge.call.licence
    if (version, sha256) != (licence.version, licence.sha256):
        raise LicenceDiffersError(
            f"The data come under version {licence.version} of the licence; read it and accept that.",
            allowed=("licence",),
        )
    return AcceptedLicence(version, sha256, now)
