"""What is stored of a work order comes back as it was."""

import pytest

from kpo_delivery.adapters.work_orders import work_orders
from kpo_delivery.domain.work_order import WorkOrder

from .factories import (
    DAY,
    ENGAGEMENT_ID,
    NOW,
    POLICY,
    accepted,
    an_open_work_order,
    cancelled,
    completed,
    returned,
    submitted,
    wished,
)

REMINDED = submitted(an_open_work_order(), at=NOW).run_clock(NOW + 3 * DAY, POLICY).state
OVERDUE = an_open_work_order(30).run_clock(NOW + 30 * DAY, POLICY).state
GIVEN_UP = submitted(OVERDUE, at=NOW + 31 * DAY)


@pytest.mark.parametrize(
    "order",
    [
        WorkOrder.expect(ENGAGEMENT_ID),
        wished(WorkOrder.expect(ENGAGEMENT_ID)),
        an_open_work_order(10, 20),
        submitted(an_open_work_order()),
        REMINDED,
        returned(an_open_work_order()),
        accepted(an_open_work_order(30, 60)),
        OVERDUE,
        GIVEN_UP,
        wished(submitted(an_open_work_order())),
        completed(),
        cancelled(),
    ],
)
def test_a_work_order_in_any_state_is_read_back_as_it_was_stored(order: WorkOrder) -> None:
    assert work_orders.load(work_orders.dump(order), work_orders.schema) == order
