"""Keep billing's copy of a client: invoices name it."""

from dataclasses import dataclass
from datetime import datetime

from kpo_billing.domain.party import Client, Party
from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, maybe


@dataclass(frozen=True, slots=True)
class CopyClient:
    party: Party


async def copy_client(command: CopyClient, cause: Cause, *, changes: Changes) -> Stored[Client]:
    def decide(_states: States, _now: datetime) -> Decision[Client, object]:
        return Decision(Client(command.party))

    return await changes.change(cause, decide, maybe(Client, command.party.id))
