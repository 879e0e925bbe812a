"""How copies of experts and clients are stored."""

from kpo_chassis.documents import documents
from kpo_delivery.domain.copies import ClientCopy, ExpertCopy

expert_copies = documents(ExpertCopy, name="expertcopy", collection="expert_copies")
client_copies = documents(ClientCopy, name="clientcopy", collection="client_copies")
