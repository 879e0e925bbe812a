"""How invitations are stored."""

from kpo_chassis.documents import documents
from kpo_matching.domain.invitation import Invitation

invitations = documents(
    Invitation, name="invitation", collection="invitations", status=lambda invitation: invitation.status
)
