"""How panels are stored."""

from kpo_chassis.documents import documents
from kpo_matching.domain.panel import Panel

panels = documents(Panel, name="panel", collection="panels", status=lambda panel: panel.status)
