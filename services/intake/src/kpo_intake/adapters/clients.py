"""How clients are stored."""

from kpo_chassis.documents import documents
from kpo_intake.domain.client import Client

clients = documents(Client, name="client", collection="clients")
