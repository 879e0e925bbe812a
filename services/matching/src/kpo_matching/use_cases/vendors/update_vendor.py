"""A vendor, or the operator for it, says what it is now."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, existing
from kpo_matching.domain.references import References
from kpo_matching.domain.vendor import Vendor, VendorFact, VendorProfile


@dataclass(frozen=True, slots=True)
class UpdateVendor:
    vendor_id: UUID
    profile: VendorProfile


async def update_vendor(
    command: UpdateVendor, cause: Cause, *, changes: Changes, references: References
) -> Stored[Vendor]:
    vendor = existing(Vendor, command.vendor_id)

    def decide(states: States, _: datetime) -> Decision[Vendor, VendorFact]:
        references.check_country(command.profile.country)
        return states[vendor].update(command.profile)

    return await changes.change(cause, decide, vendor)
