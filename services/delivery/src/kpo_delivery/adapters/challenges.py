"""How challenges are stored."""

from kpo_chassis.documents import documents
from kpo_delivery.domain.challenge import Challenge

challenges = documents(
    Challenge, name="challenge", collection="challenges", status=lambda challenge: challenge.status
)
