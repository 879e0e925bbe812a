"""Organisations as billing needs them: who sells, who buys, and the operator's own terms."""

from dataclasses import dataclass
from uuid import UUID

from kpo_chassis.kernel import Quiet, TenantId

FEE_BASIS_POINTS_MAX = 4_999
"""Below one half, so that rounding always leaves something to the payee."""


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation as a document freezes it; `country` is ISO 3166-1 alpha-2."""

    id: TenantId
    name: str
    country: str


@dataclass(frozen=True, slots=True)
class Client(Quiet):
    """Billing's copy of a client organisation."""

    party: Party

    @property
    def id(self) -> UUID:
        return self.party.id


@dataclass(frozen=True, slots=True)
class Vendor(Quiet):
    """Billing's copy of a vendor organisation."""

    party: Party

    @property
    def id(self) -> UUID:
        return self.party.id


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's terms: who they are on fee documents, and what a new escrow will be charged."""

    operator: Party
    fee_basis_points: int

    def __post_init__(self) -> None:
        assert 0 <= self.fee_basis_points <= FEE_BASIS_POINTS_MAX
