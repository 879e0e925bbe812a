"""The routes of entrants: enter, upload, submit sealed, and open what was sealed after the deadline."""

import secrets
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response, Security

from kpo_chassis.blobs import Blobs
from kpo_chassis.content import ContentNotFoundError
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
    unkeyed_command,
    upload,
)
from kpo_chassis.kernel import Caller, Command, Reads
from kpo_chassis.signing import Signer
from kpo_delivery.app import Entrants
from kpo_delivery.domain.content import file_place
from kpo_delivery.domain.entry import SUBMISSIONS_MAX, Entry, EntryStatus
from kpo_delivery.domain.sealing import NONCE_BYTES, Item
from kpo_delivery.entrypoints.entry_bodies import (
    EnterBody,
    EntryBody,
    OpenedSubmissionBody,
    ReceiptKeyBody,
    ReceiptKeysBody,
    SubmitEntryBody,
    entry_shape,
    opened_body,
)
from kpo_delivery.use_cases.entries.admit_file import AdmitFile
from kpo_delivery.use_cases.entries.enter_challenge import EnterChallenge
from kpo_delivery.use_cases.entries.open_submission import OpenSubmission
from kpo_delivery.use_cases.entries.submit_entry import SubmitEntry

READ, ENTER = "challenges:read", "challenges:enter"
ALL = "/v1/entries"
ONE = f"{ALL}/{{entry_id}}"
SUBMISSION = f"{ONE}/submissions/{{number}}"

Number = Annotated[int, Path(ge=1, le=SUBMISSIONS_MAX, description="The submission's number.")]


def entries_router(app: Entrants, reads: Reads, blobs: Blobs, signer: Signer) -> APIRouter:
    """Give the routes of entries and receipts."""
    routes = APIRouter(tags=["entries"])
    add_reading(
        routes,
        reads,
        Reading(
            kind=Entry,
            path=ALL,
            name="entry",
            plural="entries",
            body=EntryBody,
            shape=entry_shape(signer),
            scope=READ,
            statuses=EntryStatus,
        ),
    )
    _add_entering(routes, app, signer)
    _add_upload(routes, app, blobs)
    _add_opening(routes, app, blobs, signer)
    _add_keys(routes, signer)
    return routes


def _add_entering(routes: APIRouter, app: Entrants, signer: Signer) -> None:
    entry_body = entry_shape(signer)

    @routes.post("/v1/challenges/{challenge_id}/enter", status_code=201)
    async def enter_challenge(
        challenge_id: UUID,
        body: EnterBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[ENTER])],
    ) -> EntryBody:
        """Enter a challenge as an expert: accept the licence of its data, and get access to them."""
        wanted = EnterChallenge(challenge_id, body.licence_version, body.licence_sha256)
        stored = await app.enter_challenge(wanted, cause)
        return reply(response, stored, entry_body, location=f"{ALL}/{stored.state.id}")

    @routes.post(f"{ONE}/submit")
    async def submit_entry(
        entry_id: UUID,
        body: SubmitEntryBody,
        response: Response,
        cause: Annotated[Command, Security(command, scopes=[ENTER])],
    ) -> EntryBody:
        """Submit, sealed: the receipt proves what and when; nobody reads it before submissions close.

        Upload the file first. The latest of your submissions counts.
        """
        items = tuple(Item(each.label, each.values) for each in body.items)
        wanted = SubmitEntry(entry_id, items, body.file_id, secrets.token_hex(NONCE_BYTES))
        return reply(response, await app.submit_entry(wanted, cause), entry_body)


def _add_upload(routes: APIRouter, app: Entrants, blobs: Blobs) -> None:
    @content_put(routes, f"{ONE}/files/{{file_id}}/content")
    async def put_entry_file_content(
        entry_id: UUID,
        file_id: UUID,
        sent: Annotated[Upload, Depends(upload)],
        who: Annotated[Caller, Security(caller, scopes=[ENTER])],
    ) -> ContentBody:
        """Upload the file of a submission under an id of your choice; sending it again is harmless.

        Bytes that no submission names are removed after a day.
        """
        admitted = await app.admit_file(AdmitFile(entry_id, file_id, sent.sha256), who)
        stored = admitted.stored or await sent.into(blobs, admitted.key)
        return ContentBody(size=stored.size, sha256=stored.sha256, media_type=stored.media_type)


def _add_opening(routes: APIRouter, app: Entrants, blobs: Blobs, signer: Signer) -> None:
    @routes.get(SUBMISSION)
    async def open_submission(
        entry_id: UUID,
        number: Number,
        cause: Annotated[Command, Security(unkeyed_command, scopes=[READ])],
    ) -> OpenedSubmissionBody:
        """Read your submission after submissions have closed, with all that its commitment was made of."""
        opened = await app.open_submission(OpenSubmission(entry_id, number), cause)
        return opened_body(opened, signer)

    @content_get(routes, f"{SUBMISSION}/content")
    async def get_submitted_file_content(
        entry_id: UUID,
        number: Number,
        asked: Annotated[Download, Depends(download)],
        cause: Annotated[Command, Security(unkeyed_command, scopes=[READ])],
    ) -> Response:
        """Download the file of your submission after submissions have closed, or a range of it."""
        opened = await app.open_submission(OpenSubmission(entry_id, number), cause)
        if opened.content.file is None:
            raise ContentNotFoundError("This submission has no file.")
        return await asked.answer(blobs, file_place(entry_id, opened.content.file.id).key)


def _add_keys(routes: APIRouter, signer: Signer) -> None:
    @routes.get("/v1/receipt-keys", dependencies=[Security(caller)])
    async def get_receipt_keys() -> ReceiptKeysBody:
        """Get the public keys that receipts can be checked with: the one of today, then former ones."""
        return ReceiptKeysBody(keys=tuple(ReceiptKeyBody(**key) for key in signer.public_keys))
