"""How tallies are stored: small documents beside the large ones of their rounds."""

from kpo_chassis.documents import documents
from kpo_delivery.domain.tally import Tally

tallies = documents(Tally, name="tally", collection="tallies")
