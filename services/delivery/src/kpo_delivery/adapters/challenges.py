"""How challenges are stored, and what lists find them by."""

from collections.abc import Mapping

from kpo_chassis.documents import documents
from kpo_delivery.domain.challenge import Challenge


def _facets(challenge: Challenge) -> Mapping[str, object]:
    """Give the purse under its currency, so that only amounts of one currency are compared."""
    call = challenge.call
    return {
        "practice_area": call.practice_area,
        "closes_at": challenge.submissions_close_at,
        "purse": {call.purse.currency: call.purse.minor},
    }


challenges = documents(
    Challenge,
    name="challenge",
    collection="challenges",
    status=lambda challenge: challenge.status,
    facets=_facets,
    indexes=((("status", 1), ("facets.practice_area", 1), ("created_at", -1), ("_id", -1)),),
)
