"""How participations are stored: one document per person and challenge."""

from kpo_chassis.documents import documents
from kpo_delivery.domain.participation import Participation

participations = documents(Participation, name="participation", collection="participations")
