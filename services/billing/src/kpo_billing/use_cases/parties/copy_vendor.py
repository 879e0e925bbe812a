"""Keep billing's copy of a vendor: invoices name it."""

from dataclasses import dataclass
from datetime import datetime

from kpo_billing.domain.party import Party, Vendor
from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, maybe


@dataclass(frozen=True, slots=True)
class CopyVendor:
    party: Party


async def copy_vendor(command: CopyVendor, cause: Cause, *, changes: Changes) -> Stored[Vendor]:
    def decide(_states: States, _now: datetime) -> Decision[Vendor, object]:
        return Decision(Vendor(command.party))

    return await changes.change(cause, decide, maybe(Vendor, command.party.id))
