"""How engagements are stored."""

from kpo_chassis.documents import documents
from kpo_intake.domain.engagement import Engagement

engagements = documents(
    Engagement,
    name="engagement",
    collection="engagements",
    status=lambda engagement: engagement.status,
    indexes=((("state.status", 1), ("_id", 1)),),
)
