"""The data room of a challenge: its licence, its data for entrants, and who has taken them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request, Response, Security

from kpo_chassis.blobs import Blobs
from kpo_chassis.http import (
    LIMIT_DEFAULT,
    Cursor,
    Download,
    Limit,
    caller,
    command,
    content_get,
    download,
    edge_of,
    only_parameters,
    reply,
    route_template,
    unkeyed_command,
)
from kpo_chassis.kernel import Caller, Command, Reads
from kpo_delivery.app import Entrants
from kpo_delivery.domain import download as log
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.entrypoints.challenge_bodies import LicenceBody
from kpo_delivery.entrypoints.entry_bodies import (
    DownloadPage,
    GrantBody,
    RevokeBody,
    download_body,
    grant_body,
)
from kpo_delivery.use_cases.entries.download_dataset import DownloadDataset
from kpo_delivery.use_cases.entries.list_downloads import ListDownloads, Place
from kpo_delivery.use_cases.entries.revoke_grant import RevokeGrant

READ, ENTER, MANAGE = "challenges:read", "challenges:enter", "challenges:manage"
ONE = "/v1/challenges/{challenge_id}"


def data_room_router(app: Entrants, reads: Reads, blobs: Blobs) -> APIRouter:
    """Give the routes of data rooms."""
    routes = APIRouter(tags=["data rooms"])

    @routes.get(f"{ONE}/licence")
    async def get_licence(
        challenge_id: UUID, who: Annotated[Caller, Security(caller, scopes=[READ])]
    ) -> LicenceBody:
        """Read the licence that you accept when you enter."""
        licence = (await reads.get(Challenge, challenge_id, who)).state.call.licence
        return LicenceBody(version=licence.version, sha256=licence.sha256, text=licence.text)

    @content_get(routes, f"{ONE}/datasets/{{dataset_id}}/content")
    async def get_dataset_content(
        challenge_id: UUID,
        dataset_id: UUID,
        asked: Annotated[Download, Depends(download)],
        cause: Annotated[Command, Security(unkeyed_command, scopes=[ENTER])],
    ) -> Response:
        """Download data as an entrant, or a range of them; the client sees who took what."""
        wanted = DownloadDataset(uuid4(), challenge_id, dataset_id, asked.wanted)
        return await asked.answer(blobs, await app.download_dataset(wanted, cause))

    _add_owner(routes, app)
    return routes


def _add_owner(routes: APIRouter, app: Entrants) -> None:
    @routes.get(f"{ONE}/downloads", dependencies=[Depends(only_parameters("limit", "cursor"))])
    async def list_downloads(
        challenge_id: UUID,
        request: Request,
        who: Annotated[Caller, Security(caller, scopes=[MANAGE])],
        limit: Limit = LIMIT_DEFAULT,
        cursor: Cursor = None,
    ) -> DownloadPage:
        """List who has taken which of your data, oldest first."""
        cursors, filters = edge_of(request).cursors, (route_template(request), str(challenge_id))
        after = _place_of(cursors.open(cursor, filters)) if cursor else None
        rows = await app.list_downloads(ListDownloads(challenge_id, after, limit + 1), who)
        shown = rows[:limit]
        more = cursors.seal(_place_text(shown[-1]), filters) if len(rows) > limit else None
        return DownloadPage(items=tuple(map(download_body, shown)), next_cursor=more)

    @routes.post(f"{ONE}/entries/{{entry_id}}/revoke")
    async def revoke_grant(
        challenge_id: UUID,
        entry_id: UUID,
        body: RevokeBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[MANAGE])],
    ) -> GrantBody:
        """Take your data away from an entrant; what they have submitted still counts."""
        stored = await app.revoke_grant(RevokeGrant(challenge_id, entry_id, body.reason), cause)
        return reply(response, stored, grant_body)


def _place_text(row: log.Download) -> str:
    return f"{row.at.isoformat()} {row.id.hex}"


def _place_of(text: str) -> Place:
    at, _, key = text.partition(" ")
    return datetime.fromisoformat(at), UUID(key)
