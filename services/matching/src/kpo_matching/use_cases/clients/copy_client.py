"""Intake says who a client is; matching keeps what it needs to rule conflicts of interest out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Cause, Changes, Decision, States, Stored, maybe
from kpo_matching.domain.client import ClientCopy


@dataclass(frozen=True, slots=True)
class CopyClient:
    client_id: UUID
    name: str
    country: str


async def copy_client(command: CopyClient, cause: Cause, *, changes: Changes) -> Stored[ClientCopy]:
    client = maybe(ClientCopy, command.client_id)

    def decide(_: States, __: datetime) -> Decision[ClientCopy, object]:
        return Decision(ClientCopy(command.client_id, command.name, command.country))

    return await changes.change(cause, decide, client)
