"""The routes of datasets: a client uploads data, names them, and files the engagement that uses them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response, Security

from kpo_chassis.blobs import Blobs
from kpo_chassis.http import (
    ContentBody,
    Reading,
    Upload,
    add_reading,
    caller,
    command,
    content_put,
    reply,
    upload,
)
from kpo_chassis.kernel import Caller, Command, Reads
from kpo_delivery.app import Entrants
from kpo_delivery.domain.dataset import Dataset, DatasetStatus
from kpo_delivery.entrypoints.entry_bodies import DatasetBody, RegisterDatasetBody, dataset_body
from kpo_delivery.use_cases.datasets.admit_dataset import AdmitDataset
from kpo_delivery.use_cases.datasets.register_dataset import RegisterDataset

READ, MANAGE = "challenges:read", "challenges:manage"
ALL = "/v1/datasets"


def datasets_router(app: Entrants, reads: Reads, blobs: Blobs) -> APIRouter:
    """Give the routes of datasets."""
    routes = APIRouter(tags=["datasets"])
    add_reading(
        routes,
        reads,
        Reading(
            kind=Dataset,
            path=ALL,
            name="dataset",
            plural="datasets",
            body=DatasetBody,
            shape=dataset_body,
            scope=READ,
            statuses=DatasetStatus,
        ),
    )

    @content_put(routes, f"{ALL}/{{dataset_id}}/content")
    async def put_dataset_content(
        dataset_id: UUID,
        sent: Annotated[Upload, Depends(upload)],
        who: Annotated[Caller, Security(caller, scopes=[MANAGE])],
    ) -> ContentBody:
        """Upload data under an id of your choice; sending the same bytes again is harmless.

        Bytes that are not named as a dataset are removed after a day.
        """
        admitted = await app.admit_dataset(AdmitDataset(dataset_id, sent.sha256), who)
        stored = admitted.stored or await sent.into(blobs, admitted.key)
        return ContentBody(size=stored.size, sha256=stored.sha256, media_type=stored.media_type)

    @routes.post(ALL, status_code=201)
    async def register_dataset(
        body: RegisterDatasetBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[MANAGE])],
    ) -> DatasetBody:
        """Name data that you have uploaded; an engagement refers to them by id and SHA-256."""
        wanted = RegisterDataset(body.dataset_id, body.name, body.media_type)
        stored = await app.register_dataset(wanted, cause)
        return reply(response, stored, dataset_body, location=f"{ALL}/{stored.state.id}")

    return routes
