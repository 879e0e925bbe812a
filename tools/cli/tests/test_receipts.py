"""Whoever holds a receipt can check it without asking us, and sees what was changed."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest
from joserfc.jwk import OKPKey
from pydantic import JsonValue
from typer.testing import CliRunner

from kpo_chassis.kernel import PersonId
from kpo_chassis.signing import Signer
from kpo_cli import receipts
from kpo_cli.__main__ import app
from kpo_cli.stack.errors import StackError
from kpo_delivery.domain.sealing import RECEIPT_TYPE, Item, SealedContent

SIGNER = Signer.of(json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True)))
CONTENT = SealedContent(
    challenge_id=UUID("0c000000-0000-4000-8000-000000000001"),
    entry_id=UUID("0e000000-0000-4000-8000-000000000001"),
    person=PersonId(UUID("0a000000-0000-4000-8000-000000000001")),
    number=2,
    nonce="00" * 32,
    items=(Item("Target 1", {"easting": "431200.5"}),),
    file=None,
)
SIGNED: dict[str, JsonValue] = {
    "challenge_id": str(CONTENT.challenge_id),
    "entry_id": str(CONTENT.entry_id),
    "person_id": str(CONTENT.person),
    "submission": 2,
    "submitted_at": "2026-03-03T09:00:00.000Z",
    "commitment": CONTENT.commitment,
}


def a_submission(**changed: object) -> dict[str, object]:
    told: dict[str, object] = {
        **SIGNED,
        "nonce": CONTENT.nonce,
        "items": [{"label": "Target 1", "values": {"easting": "431200.5"}}],
        "file": None,
        "receipt": SIGNER.sign(RECEIPT_TYPE, SIGNED),
    }
    return told | changed


def saved(folder: Path, document: object, signer: Signer = SIGNER) -> tuple[Path, Path]:
    submission, keys = folder / "submission.json", folder / "keys.json"
    submission.write_text(json.dumps(document), encoding="utf-8")
    keys.write_text(json.dumps({"keys": [signer.public_keys[0]]}), encoding="utf-8")
    return submission, keys


def test_a_receipt_for_what_was_opened_holds(tmp_path: Path) -> None:
    submission, keys = saved(tmp_path, a_submission())

    answer = CliRunner().invoke(app, ["receipt", "verify", str(submission), "--keys", str(keys)])

    assert answer.exit_code == 0
    assert "was sealed at 2026-03-03T09:00:00.000Z" in answer.output


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"items": [{"label": "Target 1", "values": {"easting": "431200.6"}}]}, "commitment"),
        ({"nonce": "01" * 32}, "commitment"),
        ({"submitted_at": "2026-03-02T09:00:00.000Z"}, "submitted_at"),
        ({"submission": 1}, "submission 2, not 1"),
        ({"receipt": "no.such.thing"}, "signature does not hold"),
    ],
)
def test_what_was_changed_afterwards_is_noticed(
    tmp_path: Path, changed: dict[str, object], told: str
) -> None:
    submission, keys = saved(tmp_path, a_submission(**changed))

    answer = CliRunner().invoke(app, ["receipt", "verify", str(submission), "--keys", str(keys)])

    assert answer.exit_code == 1
    assert told in answer.output


def test_a_receipt_that_another_key_signed_does_not_hold(tmp_path: Path) -> None:
    stranger = Signer.of(json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True)))

    assert not receipts.verify(*saved(tmp_path, a_submission(), stranger))


def test_a_file_that_is_no_submission_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="no opened submission: challenge_id: Field required"):
        receipts.verify(*saved(tmp_path, {}))


def test_a_folder_is_neither_a_submission_nor_a_set_of_keys(tmp_path: Path) -> None:
    submission, keys = saved(tmp_path, a_submission())

    answers = [
        CliRunner().invoke(app, ["receipt", "verify", str(file), "--keys", str(key_file)])
        for file, key_file in ((tmp_path, keys), (submission, tmp_path))
    ]

    assert [answer.exit_code for answer in answers] == [2, 2]
    assert all("directory." in answer.output for answer in answers)


@pytest.mark.parametrize("text", [b"\xff", b"{", b"[" * 100_000])
def test_keys_that_are_no_json_are_told_in_one_sentence(tmp_path: Path, text: bytes) -> None:
    submission, keys = saved(tmp_path, a_submission())
    keys.write_bytes(text)

    with pytest.raises(StackError, match=r"keys\.json is no JSON; save the answer of the keys as it came\.$"):
        receipts.verify(submission, keys)
