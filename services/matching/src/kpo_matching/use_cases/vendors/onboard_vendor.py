"""The operator takes an organisation on as a vendor."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, maybe
from kpo_matching.domain.references import References
from kpo_matching.domain.vendor import Vendor, VendorFact, VendorProfile, onboard


@dataclass(frozen=True, slots=True)
class OnboardVendor:
    vendor_id: UUID
    profile: VendorProfile


async def onboard_vendor(
    command: OnboardVendor, cause: Cause, *, changes: Changes, references: References
) -> Stored[Vendor]:
    vendor = maybe(Vendor, command.vendor_id)

    def decide(states: States, _: datetime) -> Decision[Vendor, VendorFact]:
        references.check_country(command.profile.country)
        return onboard(states.get(vendor), command.vendor_id, command.profile)

    return await changes.change(cause, decide, vendor)
