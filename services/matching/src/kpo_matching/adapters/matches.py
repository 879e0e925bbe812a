"""How matches are stored."""

from kpo_chassis.documents import documents
from kpo_matching.domain.match import Match

matches = documents(Match, name="match", collection="matches", status=lambda match: match.status)
