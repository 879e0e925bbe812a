"""How experts are stored, and found by practice area when an engagement is filed."""

from kpo_chassis.documents import documents
from kpo_matching.domain.expert import Expert

experts = documents(
    Expert,
    name="expert",
    collection="experts",
    status=lambda expert: expert.status,
    indexes=((("state.profile.practice_areas", 1), ("state.status", 1), ("_id", 1)),),
)
