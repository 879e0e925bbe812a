"""How work orders are stored."""

from kpo_chassis.documents import documents
from kpo_delivery.domain.work_order import WorkOrder

work_orders = documents(
    WorkOrder, name="workorder", collection="work_orders", status=lambda order: order.status
)
