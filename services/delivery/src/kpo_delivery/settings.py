"""What only delivery is told by its environment: its policy about late and unsatisfying deliveries."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from kpo_chassis.settings import Settings
from kpo_delivery.domain.milestone import GIVE_UP_AFTER, RETURNS_MAX, Policy

RETURNS_BOUND = 20
SECOND = timedelta(seconds=1)


class DeliverySettings(Settings):
    """The platform's policy; what the contract fixes is in the contract."""

    returns_max: Annotated[
        int,
        Field(ge=0, le=RETURNS_BOUND, description="how often a client may send one milestone back"),
    ] = RETURNS_MAX
    give_up_after_seconds: Annotated[
        int, Field(ge=1, description="how long an overdue delivery is waited for")
    ] = GIVE_UP_AFTER // SECOND

    @property
    def policy(self) -> Policy:
        return Policy(self.returns_max, self.give_up_after_seconds * SECOND)
