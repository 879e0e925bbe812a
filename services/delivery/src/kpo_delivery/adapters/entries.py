"""How entries are stored, to be read challenge by challenge when its submissions close."""

from kpo_chassis.documents import documents
from kpo_delivery.domain.entry import Entry

entries = documents(
    Entry,
    name="entry",
    collection="entries",
    status=lambda entry: entry.status,
    indexes=((("state.entrant.challenge_id", 1), ("_id", 1)),),
)
