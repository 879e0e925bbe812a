"""How escrows are stored."""

from kpo_billing.domain.escrow import Escrow
from kpo_chassis.documents import documents

escrows = documents(
    Escrow,
    name="escrow",
    collection="escrows",
    status=lambda escrow: escrow.status,
    indexes=((("state.terms.payment_reference", 1),),),
)
