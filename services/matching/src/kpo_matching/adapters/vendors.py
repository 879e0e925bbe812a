"""How vendors are stored."""

from kpo_chassis.documents import documents
from kpo_matching.domain.vendor import Vendor

vendors = documents(Vendor, name="vendor", collection="vendors", status=lambda vendor: vendor.status)
