"""The operator registers an organisation as a client."""

from dataclasses import dataclass
from datetime import datetime

from kpo_chassis.kernel import Changes, Command, Decision, States, Stored, maybe
from kpo_intake.domain.client import Client, ClientRegistered, register


@dataclass(frozen=True, slots=True)
class RegisterClient:
    client: Client


async def register_client(command: RegisterClient, cause: Command, *, changes: Changes) -> Stored[Client]:
    client = maybe(Client, command.client.id)

    def decide(states: States, _: datetime) -> Decision[Client, ClientRegistered]:
        return register(states.get(client), command.client)

    return await changes.change(cause, decide, client)
