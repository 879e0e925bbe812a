"""Checks an opened submission: who signed its receipt, and whether it says what was committed to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.markup import escape

from kpo_chassis.kernel import PersonId
from kpo_chassis.signing import opened
from kpo_cli.stack.errors import StackError
from kpo_delivery.domain.sealing import RECEIPT_TYPE, Item, SealedContent, SealedFile

out: Final = Console(soft_wrap=True, highlight=False)


class _Item(BaseModel):
    label: str
    values: dict[str, str]


class _File(BaseModel):
    file_id: UUID
    media_type: str
    size: int
    sha256: str


class _Opened(BaseModel):
    challenge_id: UUID
    entry_id: UUID
    person_id: UUID
    submission: int
    nonce: str
    items: list[_Item]
    file: _File | None
    submitted_at: str
    receipt: str

    def content(self) -> SealedContent:
        file = self.file
        return SealedContent(
            challenge_id=self.challenge_id,
            entry_id=self.entry_id,
            person=PersonId(self.person_id),
            number=self.submission,
            nonce=self.nonce,
            items=tuple(Item(item.label, item.values) for item in self.items),
            file=SealedFile(file.file_id, file.media_type, file.size, file.sha256) if file else None,
        )


def verify(path: Path, keys_path: Path) -> bool:
    """Say what does not hold of an opened submission, or that all of it does."""
    try:
        submission = _Opened.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        place = "/".join(map(str, first["loc"])) or "the file"
        raise StackError(f"{path} is no opened submission: {place}: {first['msg']}.") from None
    found = list(_faults(submission, _read_keys(keys_path)))
    for fault in found:
        out.print(f"[red]wrong:[/] {escape(fault)}")
    if not found:
        about = f"submission {submission.submission} of entry {submission.entry_id}"
        out.print(f"The receipt holds: {about} was sealed at {submission.submitted_at} as it is here.")
    return not found


def _read_keys(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
        json.loads(text)
    except (ValueError, RecursionError):
        raise StackError(f"{path} is no JSON; save the answer of the keys as it came.") from None
    return text


def _faults(submission: _Opened, jwks: str) -> Iterator[str]:
    try:
        signed = opened(submission.receipt, jwks, RECEIPT_TYPE)
    except (ValueError, RecursionError) as error:
        yield f"The receipt: {str(error).rstrip('.')}."
        return
    told = {
        "challenge_id": str(submission.challenge_id),
        "entry_id": str(submission.entry_id),
        "person_id": str(submission.person_id),
        "submission": submission.submission,
        "submitted_at": submission.submitted_at,
    }
    for name, value in told.items():
        if signed.get(name) != value:
            yield f"The receipt was given for {name} {signed.get(name)}, not {value}."
    if signed.get("commitment") != (commitment := submission.content().commitment):
        yield f"The content has the commitment {commitment}, the receipt {signed.get('commitment')}."
