"""Organisations that offer experts: a company with many, or an independent expert who is a vendor of one."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from kpo_chassis.kernel import Decision, Quiet, TenantId
from kpo_matching.domain.errors import VendorExistsError, VendorSuspendedError


class VendorStatus(StrEnum):
    """A suspended vendor gets no new work, for good; contracts that hold go on."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class VendorProfile:
    """What an organisation says of itself; nobody exchanges money, so it is matched for `currencies` only."""

    name: str
    country: str
    currencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VendorOnboarded:
    """The organisation offers experts from now on."""

    vendor_id: UUID
    profile: VendorProfile


@dataclass(frozen=True, slots=True)
class VendorUpdated:
    """The profile is another one now."""

    vendor_id: UUID
    profile: VendorProfile


@dataclass(frozen=True, slots=True)
class VendorSuspended:
    """No new work for this organisation's experts."""

    vendor_id: UUID
    reason: str


VendorFact: TypeAlias = VendorOnboarded | VendorUpdated | VendorSuspended


@dataclass(frozen=True, slots=True)
class Vendor(Quiet):
    """An organisation that offers experts; its id is its tenant id."""

    id: UUID
    profile: VendorProfile
    status: VendorStatus = VendorStatus.ACTIVE
    suspended_for: str | None = None

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset({TenantId(self.id)})

    @property
    def is_active(self) -> bool:
        return self.status is VendorStatus.ACTIVE

    def update(self, profile: VendorProfile) -> "Decision[Vendor, VendorFact]":
        if profile == self.profile:
            return Decision(self)
        return Decision(replace(self, profile=profile), (VendorUpdated(self.id, profile),))

    def suspend(self, reason: str) -> "Decision[Vendor, VendorFact]":
        if not self.is_active:
            raise VendorSuspendedError("This vendor is suspended already.", allowed=("update",))
        suspended = replace(self, status=VendorStatus.SUSPENDED, suspended_for=reason)
        return Decision(suspended, (VendorSuspended(self.id, reason),))


def onboard(existing: Vendor | None, vendor_id: UUID, profile: VendorProfile) -> Decision[Vendor, VendorFact]:
    if existing is not None:
        raise VendorExistsError("This organisation is a vendor already; update it.", allowed=("update",))
    return Decision(Vendor(vendor_id, profile), (VendorOnboarded(vendor_id, profile),))
