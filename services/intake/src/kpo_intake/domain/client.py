"""A client: an organisation that hands out knowledge work, registered by the operator."""

from dataclasses import dataclass

from kpo_chassis.kernel import Decision, Quiet, TenantId
from kpo_intake.domain.errors import ClientExistsError


@dataclass(frozen=True, slots=True)
class Client(Quiet):
    """Its id is the tenant that its people act for; `country` is ISO 3166-1, `currency` ISO 4217."""

    id: TenantId
    name: str
    country: str
    currency: str

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset({self.id})


@dataclass(frozen=True, slots=True)
class ClientRegistered:
    client: Client


def register(known: Client | None, client: Client) -> Decision[Client, ClientRegistered]:
    """Let an organisation file engagements from now on."""
    if known is not None:
        raise ClientExistsError(f"{known.name} is registered already under {known.id}.")
    return Decision(client, (ClientRegistered(client),))
