"""How the copies of clients are stored."""

from kpo_chassis.documents import documents
from kpo_matching.domain.client import ClientCopy

clients = documents(ClientCopy, name="client", collection="clients")
