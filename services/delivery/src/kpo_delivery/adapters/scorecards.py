"""How scorecards are stored, to be read round by round."""

from kpo_chassis.documents import documents
from kpo_delivery.domain.scorecard import Scorecard

scorecards = documents(
    Scorecard,
    name="scorecard",
    collection="scorecards",
    indexes=((("state.round_id", 1), ("_id", 1)),),
)
