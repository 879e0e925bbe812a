"""What entrants and owners of data send and get; what was submitted is in one body alone."""

import re
from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from kpo_chassis.blobs import BLOB_BYTES_MAX
from kpo_chassis.content import MEDIA_TYPE_CHARS_MAX
from kpo_chassis.http import Instant, PageBody, RequestBody, ResponseBody
from kpo_chassis.kernel import Caller, Stored
from kpo_chassis.signing import KEYS_MAX, Signer
from kpo_delivery.domain.dataset import Dataset, DatasetStatus
from kpo_delivery.domain.download import Download
from kpo_delivery.domain.entry import SUBMISSIONS_MAX, Entry, EntryStatus
from kpo_delivery.domain.sealing import SealedContent
from kpo_delivery.entrypoints.bodies import Text
from kpo_delivery.entrypoints.receipts import receipt
from kpo_delivery.use_cases.entries.open_submission import OpenedSubmission

ITEMS_MAX = 200
VALUES_MAX = 20
LABEL_CHARS_MAX = 100
NAME_CHARS_MAX = 40
VALUE_CHARS_MAX = 200

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = r'"(?:[\t !#-\[\]-~]|\\[\t -~])*"'
_MEDIA_TYPE = re.compile(rf"{_WORD}/{_WORD}(?:[ \t]*;[ \t]*{_WORD}=(?:{_WORD}|{_QUOTED}))*")
"""Type and subtype with parameters, in the characters that RFC 9110 (5.6 and 8.3.1) lets them have."""


def _known_media_type(text: str) -> str:
    if not _MEDIA_TYPE.fullmatch(text):
        raise ValueError("write a media type such as text/csv (RFC 9110)")
    return text


MediaType = Annotated[str, Field(max_length=MEDIA_TYPE_CHARS_MAX), AfterValidator(_known_media_type)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
ValueName = Annotated[str, Field(min_length=1, max_length=NAME_CHARS_MAX)]
ValueText = Annotated[str, Field(max_length=VALUE_CHARS_MAX)]

ITEM = {"label": "Target 1", "values": {"easting": "431200.5", "northing": "5658800.0"}}


# Asked ----------------------------------------------------------------------------------------------------


class RegisterDatasetBody(RequestBody):
    """Bytes that were uploaded become a dataset."""

    dataset_id: UUID
    name: Annotated[Text, Field(examples=["drill-holes.csv"])]
    media_type: Annotated[
        MediaType | None, Field(description="That of the upload unless told.", examples=["text/csv"])
    ] = None


class EnterBody(RequestBody):
    """The licence that the entrant has read and accepts."""

    licence_version: Annotated[Text, Field(examples=["1.0"])]
    licence_sha256: Annotated[Sha256, Field(description="Over the text of the licence.")]


class RevokeBody(RequestBody):
    """Why the client takes its data away."""

    reason: Annotated[Text, Field(examples=["The data were passed on."])]


class SubmittedItemBody(RequestBody):
    """One structured answer: short texts by name; numbers are texts, too."""

    label: Annotated[str, Field(min_length=1, max_length=LABEL_CHARS_MAX, examples=["Target 1"])]
    values: Annotated[
        dict[ValueName, ValueText],
        Field(default_factory=dict, max_length=VALUES_MAX, examples=[ITEM["values"]]),
    ]


class SubmitEntryBody(RequestBody):
    """What is submitted: items, a file that was uploaded before, or both."""

    items: Annotated[tuple[SubmittedItemBody, ...], Field(max_length=ITEMS_MAX, examples=[[ITEM]])] = ()
    file_id: UUID | None = None


# Answered -------------------------------------------------------------------------------------------------


class DatasetBody(ResponseBody):
    """Data of a client that its challenges may use."""

    id: UUID
    client_id: UUID
    name: str
    media_type: str = Field(examples=["text/csv"])
    size: int = Field(description="Length in bytes.", le=BLOB_BYTES_MAX)
    sha256: Sha256
    state: DatasetStatus
    stored_at: Instant


class AcceptedLicenceBody(ResponseBody):
    """What the entrant agreed to."""

    version: str
    sha256: Sha256
    accepted_at: Instant


class GrantBody(ResponseBody):
    """The right to download the data."""

    entry_id: UUID
    person_id: UUID
    vendor_id: UUID
    expires_at: Instant
    revoked_at: Instant | None
    revoke_reason: str | None


class ReceivedBody(ResponseBody):
    """That something was submitted; what it says is sealed until submissions have closed."""

    number: int
    submitted_at: Instant
    commitment: Sha256
    file_id: UUID | None
    receipt: str = Field(description="A signed proof (JWS) of commitment and time; keep it.")


class EntryBody(ResponseBody):
    """An entry to a challenge; the latest submission counts."""

    id: UUID
    challenge_id: UUID
    expert_id: UUID
    person_id: UUID
    vendor_id: UUID
    state: EntryStatus
    licence: AcceptedLicenceBody
    grant: GrantBody
    submissions: tuple[ReceivedBody, ...] = Field(
        max_length=SUBMISSIONS_MAX,
        description="Shown to the entrant in person and to the operator: times would tell judges of the "
        "same vendor whose blind code it is.",
    )


class OpenedItemBody(ResponseBody):
    """One structured answer."""

    label: str
    values: dict[str, str]


class OpenedFileBody(ResponseBody):
    """The file of a submission; its content is a path of its own."""

    file_id: UUID
    media_type: str = Field(examples=["text/csv"])
    size: int
    sha256: Sha256
    content: str = Field(description="Where the bytes are.")


class OpenedSubmissionBody(ResponseBody):
    """A submission after the deadline, with all that its commitment was made of."""

    challenge_id: UUID
    entry_id: UUID
    person_id: UUID
    submission: int
    nonce: str
    items: tuple[OpenedItemBody, ...]
    file: OpenedFileBody | None
    commitment: Sha256
    submitted_at: Instant
    receipt: str


class DownloadBody(ResponseBody):
    """One request for data."""

    id: UUID
    dataset_id: UUID
    entry_id: UUID
    person_id: UUID
    vendor_id: UUID
    range: str | None = Field(
        description="As it was asked for; null for all bytes.", examples=["bytes=0-1023"]
    )
    downloaded_at: Instant


class DownloadPage(PageBody[DownloadBody]):
    """A page of the download log, oldest first."""


class ReceiptKeyBody(ResponseBody):
    """A public key as JSON Web Key (RFC 8037)."""

    kty: str = Field(examples=["OKP"])
    crv: str = Field(examples=["Ed25519"])
    x: str
    kid: str
    alg: str = Field(examples=["EdDSA"])
    use: str = Field(examples=["sig"])


class ReceiptKeysBody(ResponseBody):
    """The keys that receipts are signed with, as JSON Web Key Set."""

    keys: tuple[ReceiptKeyBody, ...] = Field(max_length=1 + KEYS_MAX)


# Shaped ---------------------------------------------------------------------------------------------------


def dataset_body(stored: Stored[Dataset], _: Caller) -> DatasetBody:
    dataset = stored.state
    return DatasetBody(
        id=dataset.id,
        client_id=dataset.client,
        name=dataset.name,
        media_type=dataset.media_type,
        size=dataset.size,
        sha256=dataset.sha256,
        state=dataset.status,
        stored_at=dataset.stored_at,
    )


def entry_shape(signer: Signer) -> Callable[[Stored[Entry], Caller], EntryBody]:
    """Make the shape of entries, whose receipts are signed while they are shown: nobody stores them."""

    def entry_body(stored: Stored[Entry], who: Caller) -> EntryBody:
        entry, entrant = stored.state, stored.state.entrant
        shown = entry.is_of(who.person) or who.is_operator
        licence = entry.licence
        return EntryBody(
            id=entry.id,
            challenge_id=entrant.challenge_id,
            expert_id=entrant.expert_id,
            person_id=entrant.person,
            vendor_id=entrant.vendor,
            state=entry.status,
            licence=AcceptedLicenceBody(
                version=licence.version, sha256=licence.sha256, accepted_at=licence.at
            ),
            grant=_grant(entry),
            submissions=_received(entry, signer) if shown else (),
        )

    return entry_body


def _received(entry: Entry, signer: Signer) -> tuple[ReceivedBody, ...]:
    return tuple(
        ReceivedBody(
            number=each.number,
            submitted_at=each.at,
            commitment=each.commitment,
            file_id=each.file_id,
            receipt=receipt(signer, entry, each),
        )
        for each in entry.submissions
    )


def grant_body(stored: Stored[Entry], _: Caller) -> GrantBody:
    """Show the client what it has granted, and nothing else of an entry."""
    return _grant(stored.state)


def _grant(entry: Entry) -> GrantBody:
    grant, entrant = entry.grant, entry.entrant
    revocation = grant.revocation
    return GrantBody(
        entry_id=entry.id,
        person_id=entrant.person,
        vendor_id=entrant.vendor,
        expires_at=grant.expires_at,
        revoked_at=revocation.at if revocation else None,
        revoke_reason=revocation.reason if revocation else None,
    )


def opened_body(opened: OpenedSubmission, signer: Signer) -> OpenedSubmissionBody:
    content, submission = opened.content, opened.submission
    return OpenedSubmissionBody(
        challenge_id=content.challenge_id,
        entry_id=content.entry_id,
        person_id=content.person,
        submission=content.number,
        nonce=content.nonce,
        items=tuple(OpenedItemBody(label=each.label, values=dict(each.values)) for each in content.items),
        file=_opened_file(content),
        commitment=submission.commitment,
        submitted_at=submission.at,
        receipt=receipt(signer, opened.entry, submission),
    )


def _opened_file(content: SealedContent) -> OpenedFileBody | None:
    file = content.file
    if file is None:
        return None
    path = f"/v1/entries/{content.entry_id}/submissions/{content.number}/content"
    return OpenedFileBody(
        file_id=file.id, media_type=file.media_type, size=file.size, sha256=file.sha256, content=path
    )


def download_body(row: Download) -> DownloadBody:
    return DownloadBody(
        id=row.id,
        dataset_id=row.dataset_id,
        entry_id=row.entry_id,
        person_id=row.person,
        vendor_id=row.vendor,
        range=row.part,
        downloaded_at=row.at,
    )
