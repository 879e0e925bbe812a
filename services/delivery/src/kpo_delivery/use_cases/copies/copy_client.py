"""A client was registered or updated: delivery keeps what it needs of it."""

from dataclasses import dataclass
from datetime import datetime

from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, maybe
from kpo_delivery.domain.copies import ClientCopy


@dataclass(frozen=True, slots=True)
class CopyClient:
    client: ClientCopy


async def copy_client(command: CopyClient, cause: Cause, *, changes: Changes) -> Stored[ClientCopy]:
    client = maybe(ClientCopy, command.client.id)

    def decide(_: States, __: datetime) -> Decision[ClientCopy, object]:
        return Decision(command.client)

    return await changes.change(cause, decide, client)
