"""What only billing is told by its environment: who the operator is, and what it charges."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from kpo_billing.domain.party import FEE_BASIS_POINTS_MAX, Party, Policy
from kpo_chassis.kernel import TenantId
from kpo_chassis.settings import Settings

FEE_BASIS_POINTS = 1_000
NAME_CHARS_MAX = 200


class BillingSettings(Settings):
    """The operator's particulars, as they stand on fee documents, and its fee."""

    operator_tenant: Annotated[UUID, Field(description="the operator's tenant, for whom tasks are")]
    operator_name: Annotated[
        str, Field(min_length=1, max_length=NAME_CHARS_MAX, description="the operator's name on invoices")
    ] = "KPO Operator"
    operator_country: Annotated[
        str, Field(pattern=r"^[A-Z]{2}$", description="the operator's country on invoices")
    ] = "NL"
    fee_basis_points: Annotated[
        int,
        Field(ge=0, le=FEE_BASIS_POINTS_MAX, description="the fee on every release of escrows opened now"),
    ] = FEE_BASIS_POINTS

    @property
    def policy(self) -> Policy:
        operator = Party(TenantId(self.operator_tenant), self.operator_name, self.operator_country)
        return Policy(operator, self.fee_basis_points)
