"""What vendors and clients read of challenges here: their invitations, and who could judge."""

from fastapi import APIRouter

from kpo_chassis.http import Reading, add_reading
from kpo_chassis.kernel import Reads
from kpo_matching.domain.invitation import Invitation, InvitationStatus
from kpo_matching.domain.panel import Panel, PanelStatus
from kpo_matching.entrypoints.challenge_bodies import (
    InvitationBody,
    PanelBody,
    invitation_body,
    panel_body,
)

READ = "matches:read"


def challenges_router(reads: Reads) -> APIRouter:
    routes = APIRouter(tags=["challenges"])
    add_reading(
        routes,
        reads,
        Reading(
            kind=Invitation,
            path="/v1/invitations",
            name="invitation",
            plural="invitations",
            body=InvitationBody,
            shape=invitation_body,
            scope=READ,
            statuses=InvitationStatus,
        ),
    )
    add_reading(
        routes,
        reads,
        Reading(
            kind=Panel,
            path="/v1/panels",
            name="panel",
            plural="panels",
            body=PanelBody,
            shape=panel_body,
            scope=READ,
            statuses=PanelStatus,
        ),
    )
    return routes
