"""Delivery's HTTP door: work orders are read, milestones delivered and reviewed, bytes stored."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response, Security

from kpo_chassis.blobs import Blobs
from kpo_chassis.http import (
    ContentBody,
    Download,
    Reading,
    Upload,
    add_reading,
    caller,
    command,
    content_get,
    content_put,
    download,
    reply,
    seen_command,
    upload,
)
from kpo_chassis.kernel import Caller, Command, Reads
from kpo_chassis.signing import Signer
from kpo_delivery.app import App
from kpo_delivery.domain.work_order import WorkOrder, WorkOrderStatus
from kpo_delivery.entrypoints.bodies import (
    MILESTONES_MAX,
    ReturnBody,
    SubmitBody,
    WorkOrderBody,
    work_order_body,
)
from kpo_delivery.entrypoints.challenges_http import challenges_router
from kpo_delivery.entrypoints.data_room_http import data_room_router
from kpo_delivery.entrypoints.datasets_http import datasets_router
from kpo_delivery.entrypoints.entries_http import entries_router
from kpo_delivery.use_cases.work_orders.accept_milestone import AcceptMilestone
from kpo_delivery.use_cases.work_orders.admit_deliverable import AdmitDeliverable
from kpo_delivery.use_cases.work_orders.find_deliverable import FindDeliverable
from kpo_delivery.use_cases.work_orders.return_milestone import ReturnMilestone
from kpo_delivery.use_cases.work_orders.submit_milestone import NamedDeliverable, SubmitMilestone

READ, DELIVER, REVIEW = "workorders:read", "workorders:deliver", "workorders:review"
ONE = "/v1/work-orders/{work_order_id}"
MILESTONE = f"{ONE}/milestones/{{number}}"
CONTENT = f"{ONE}/deliverables/{{deliverable_id}}/content"

Number = Annotated[int, Path(ge=1, le=MILESTONES_MAX, description="The milestone's number.")]


def router(app: App, reads: Reads, blobs: Blobs, signer: Signer) -> APIRouter:
    """Give all routes of the service."""
    routes = APIRouter(tags=["work orders"])
    add_reading(
        routes,
        reads,
        Reading(
            kind=WorkOrder,
            path="/v1/work-orders",
            name="work_order",
            plural="work_orders",
            body=WorkOrderBody,
            shape=work_order_body,
            scope=READ,
            statuses=WorkOrderStatus,
        ),
    )
    _add_actions(routes, app)
    _add_content(routes, app, blobs)

    service = APIRouter()
    service.include_router(routes)
    service.include_router(challenges_router(app.challenges, reads, blobs))
    service.include_router(datasets_router(app.entrants, reads, blobs))
    service.include_router(data_room_router(app.entrants, reads, blobs))
    service.include_router(entries_router(app.entrants, reads, blobs, signer))
    return service


def _add_actions(routes: APIRouter, app: App) -> None:
    @routes.post(f"{MILESTONE}/submit")
    async def submit_milestone(
        work_order_id: UUID,
        number: Number,
        body: SubmitBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[DELIVER])],
    ) -> WorkOrderBody:
        """Deliver a milestone as its vendor; upload the bytes of its deliverables first."""
        named = tuple(NamedDeliverable(each.deliverable_id, each.name) for each in body.deliverables)
        stored = await app.submit_milestone(SubmitMilestone(work_order_id, number, named), cause)
        return reply(response, stored, work_order_body)

    @routes.post(f"{MILESTONE}/return")
    async def return_milestone(
        work_order_id: UUID,
        number: Number,
        body: ReturnBody,
        response: Response,
        cause: Annotated[Command, Security(seen_command, scopes=[REVIEW])],
    ) -> WorkOrderBody:
        """Send a milestone back to its vendor as the client, with the reason."""
        stored = await app.return_milestone(ReturnMilestone(work_order_id, number, body.reason), cause)
        return reply(response, stored, work_order_body)

    @routes.post(f"{MILESTONE}/accept")
    async def accept_milestone(
        work_order_id: UUID,
        number: Number,
        response: Response,
        cause: Annotated[Command, Security(seen_command, scopes=[REVIEW])],
    ) -> WorkOrderBody:
        """Accept a milestone as the client: its amount is released to the vendor."""
        stored = await app.accept_milestone(AcceptMilestone(work_order_id, number), cause)
        return reply(response, stored, work_order_body)


def _add_content(routes: APIRouter, app: App, blobs: Blobs) -> None:
    @content_put(routes, CONTENT)
    async def put_deliverable_content(
        work_order_id: UUID,
        deliverable_id: UUID,
        sent: Annotated[Upload, Depends(upload)],
        who: Annotated[Caller, Security(caller, scopes=[DELIVER])],
    ) -> ContentBody:
        """Upload the bytes of a deliverable under an id of your choice; sending them again is harmless.

        Bytes that no submission names are removed after a day.
        """
        admitted = await app.admit_deliverable(
            AdmitDeliverable(work_order_id, deliverable_id, sent.sha256), who
        )
        stored = admitted.stored or await sent.into(blobs, admitted.key)
        return ContentBody(size=stored.size, sha256=stored.sha256, media_type=stored.media_type)

    @content_get(routes, CONTENT)
    async def get_deliverable_content(
        work_order_id: UUID,
        deliverable_id: UUID,
        asked: Annotated[Download, Depends(download)],
        who: Annotated[Caller, Security(caller, scopes=[READ])],
    ) -> Response:
        """Download the bytes of a deliverable, or a range of them."""
        key = await app.find_deliverable(FindDeliverable(work_order_id, deliverable_id), who)
        return await asked.answer(blobs, key)
