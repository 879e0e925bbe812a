"""How payouts are stored."""

from kpo_billing.domain.payout import Payout
from kpo_chassis.documents import documents

payouts = documents(
    Payout,
    name="payout",
    collection="payouts",
    status=lambda payout: payout.status,
    indexes=((("state.reference", 1),),),
)
