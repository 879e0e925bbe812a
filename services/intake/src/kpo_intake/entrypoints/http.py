"""Intake's HTTP door: clients are registered, engagements filed, followed and cancelled."""

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request, Response, Security

from kpo_chassis.http import (
    LIMIT_DEFAULT,
    Cursor,
    Limit,
    PageBody,
    Reading,
    add_list,
    add_reading,
    caller,
    command,
    edge_of,
    etag,
    only_parameters,
    reply,
    route_template,
    seen_command,
)
from kpo_chassis.kernel import Caller, Command, Reads, TenantId
from kpo_intake.app import App
from kpo_intake.domain.client import Client
from kpo_intake.domain.engagement import Engagement, EngagementStatus, Filing
from kpo_intake.domain.timeline import TimelineRow
from kpo_intake.entrypoints.bodies import ClientBody, RegisterBody, StepBody, client_body, step_body
from kpo_intake.entrypoints.engagement_bodies import (
    CancelBody,
    EngagementBody,
    EngagementViewBody,
    SubmitBody,
    engagement_body,
    engagement_view_body,
)
from kpo_intake.use_cases.cancel_engagement import CancelEngagement
from kpo_intake.use_cases.list_timeline import ListTimeline, Place
from kpo_intake.use_cases.register_client import RegisterClient
from kpo_intake.use_cases.submit_engagement import SubmitEngagement

READ, WRITE = "engagements:read", "engagements:write"
REGISTER = ["operator", "clients:write"]
"""Registering clients is the operator's, who needs both scopes."""


ENGAGEMENTS = Reading(
    kind=Engagement,
    path="/v1/engagements",
    name="engagement",
    plural="engagements",
    body=EngagementBody,
    shape=engagement_body,
    scope=READ,
    statuses=EngagementStatus,
)
"""How engagements are listed; one is shown with its progress, which other services' events move."""


class TimelinePage(PageBody[StepBody]):
    """A page of what happened, oldest first."""


def router(app: App, reads: Reads) -> APIRouter:
    """Give all routes of the service."""
    routes = APIRouter()
    routes.include_router(_clients(app, reads))
    routes.include_router(_engagements(app))
    routes.include_router(_progress(app))
    return routes


def _clients(app: App, reads: Reads) -> APIRouter:
    routes = APIRouter(tags=["clients"])
    add_reading(
        routes,
        reads,
        Reading(
            kind=Client,
            path="/v1/clients",
            name="client",
            plural="clients",
            body=ClientBody,
            shape=client_body,
            scope="clients:read",
        ),
    )

    @routes.post("/v1/clients", status_code=201)
    async def register_client(
        body: RegisterBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=REGISTER)],
    ) -> ClientBody:
        """Register an organisation, so that its people can file engagements."""
        tenant = TenantId(body.client_id or uuid4())
        client = Client(tenant, body.name, body.country, body.currency)
        stored = await app.register_client(RegisterClient(client), cause)
        return reply(response, stored, client_body, location=f"/v1/clients/{stored.state.id}")

    return routes


def _engagements(app: App) -> APIRouter:
    routes = APIRouter(tags=["engagements"])
    add_list(routes, ENGAGEMENTS)

    @routes.post("/v1/engagements", status_code=201)
    async def submit_engagement(
        body: SubmitBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[WRITE])],
    ) -> EngagementBody:
        """File an engagement for your organisation: the escrow opens, and others make it ready meanwhile."""
        filing = Filing(uuid4(), cause.caller.tenant, body.to_brief())
        stored = await app.submit_engagement(SubmitEngagement(filing), cause)
        return reply(response, stored, engagement_body, location=f"/v1/engagements/{stored.state.id}")

    @routes.post("/v1/engagements/{engagement_id}/cancel")
    async def cancel_engagement(
        engagement_id: UUID,
        body: CancelBody,
        response: Response,
        cause: Annotated[Command, Security(seen_command, scopes=[WRITE])],
    ) -> EngagementBody:
        """Wish to cancel: whoever holds the engagement answers, and what is in hand is finished first."""
        stored = await app.cancel_engagement(CancelEngagement(engagement_id, body.reason), cause)
        return reply(response, stored, engagement_body)

    return routes


def _progress(app: App) -> APIRouter:
    routes = APIRouter(tags=["engagements"])

    @routes.get("/v1/engagements/{engagement_id}")
    async def get_engagement(
        engagement_id: UUID,
        response: Response,
        who: Annotated[Caller, Security(caller, scopes=[READ])],
    ) -> EngagementViewBody:
        """Show an engagement with its current step and who must act.

        The ETag is for If-Match alone: the progress changes without it, so this is never answered with 304.
        """
        view = await app.show_engagement(engagement_id, who)
        response.headers["ETag"] = etag(view.stored.version)
        return engagement_view_body(view, who)

    @routes.get(
        "/v1/engagements/{engagement_id}/timeline",
        dependencies=[Depends(only_parameters("limit", "cursor"))],
    )
    async def list_engagement_timeline(
        engagement_id: UUID,
        request: Request,
        who: Annotated[Caller, Security(caller, scopes=[READ])],
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> TimelinePage:
        """List everything that happened to an engagement, oldest first."""
        cursors, filters = edge_of(request).cursors, (route_template(request), str(engagement_id))
        after = _place_of(cursors.open(cursor, filters)) if cursor else None
        rows = await app.list_timeline(ListTimeline(engagement_id, after, limit + 1), who)
        shown = rows[:limit]
        more = cursors.seal(_place_text(shown[-1]), filters) if len(rows) > limit else None
        return TimelinePage(items=tuple(map(step_body, shown)), next_cursor=more)

    return routes


def _place_text(row: TimelineRow) -> str:
    return f"{row.time.isoformat()} {row.id}"


def _place_of(text: str) -> Place:
    time, _, key = text.partition(" ")
    return datetime.fromisoformat(time), key
