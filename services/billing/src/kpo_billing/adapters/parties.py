"""How billing's copies of clients and vendors are stored."""

from kpo_billing.domain.party import Client, Vendor
from kpo_chassis.documents import documents

clients = documents(Client, name="client", collection="clients")

vendors = documents(Vendor, name="vendor", collection="vendors")
