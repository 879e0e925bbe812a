"""How rounds are stored: what is judged, in documents that are written once."""

from kpo_chassis.documents import documents
from kpo_delivery.domain.round import Round

rounds = documents(Round, name="round", collection="rounds")
