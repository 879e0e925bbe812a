"""The operator stops new work for a vendor's experts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, existing
from kpo_matching.domain.vendor import Vendor, VendorFact


@dataclass(frozen=True, slots=True)
class SuspendVendor:
    vendor_id: UUID
    reason: str


async def suspend_vendor(command: SuspendVendor, cause: Cause, *, changes: Changes) -> Stored[Vendor]:
    vendor = existing(Vendor, command.vendor_id)

    def decide(states: States, _: datetime) -> Decision[Vendor, VendorFact]:
        return states[vendor].suspend(command.reason)

    return await changes.change(cause, decide, vendor)
