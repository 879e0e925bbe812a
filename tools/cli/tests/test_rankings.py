"""Whoever holds an exported ranking can recompute it, and sees what was changed in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from kpo_cli import rankings
from kpo_cli.__main__ import app
from kpo_cli.stack.errors import StackError
from kpo_delivery.domain.challenge_plan import Criterion
from kpo_delivery.domain.ranking import Card, Contender
from kpo_delivery.domain.ranking_export import Document, Sheet, export, hash_of

MONDAY = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
SHEET = Sheet(
    challenge_id=UUID("be61c0a7-52c3-5a6f-8f83-71920a14cf15"),
    round=1,
    criteria=(Criterion("geology", 2), Criterion("method", 1)),
    contenders=(Contender("AAAAAAAAAA", MONDAY), Contender("BBBBBBBBBB", MONDAY)),
    cards=(Card(1, "AAAAAAAAAA", (70, 80)), Card(2, "BBBBBBBBBB", (75, 71), "Öl statt Gold.")),
)


def saved(folder: Path, document: object) -> Path:
    path = folder / "ranking.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_a_ranking_as_it_was_exported_holds(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["ranking", "verify", str(saved(tmp_path, export(SHEET)))])

    assert answer.exit_code == 0
    assert f"2 submissions ranked by 2 scorecards, sha256 {export(SHEET)['sha256']}" in answer.output


def test_a_ranking_whose_rows_changed_places_is_refused(tmp_path: Path) -> None:
    document: Document = dict(export(SHEET))
    rows = document["ranking"]
    assert isinstance(rows, list)
    document["ranking"] = rows[::-1]
    document["sha256"] = hash_of(document)

    answer = CliRunner().invoke(app, ["ranking", "verify", str(saved(tmp_path, document))])

    assert answer.exit_code == 1
    assert "The scorecards give" in answer.output


def test_a_scorecard_that_was_changed_is_noticed_by_the_hash(tmp_path: Path) -> None:
    text = json.dumps(export(SHEET)).replace('"score": 71', '"score": 72')

    assert not rankings.verify(saved(tmp_path, json.loads(text)))


@pytest.mark.parametrize(
    ("document", "told"),
    [([], "no JSON object"), ({"round": 1}, "no exported ranking: challenge_id: Field required")],
)
def test_a_file_that_is_no_ranking_is_told_so(tmp_path: Path, document: object, told: str) -> None:
    with pytest.raises(StackError, match=told):
        rankings.verify(saved(tmp_path, document))


def test_what_looks_like_a_style_is_told_as_it_is(tmp_path: Path) -> None:
    document = {**export(SHEET), "sha256": "[/none]"}

    answer = CliRunner().invoke(app, ["ranking", "verify", str(saved(tmp_path, document))])

    assert "not [/none]." in answer.output


def test_a_folder_is_no_ranking(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["ranking", "verify", str(tmp_path)])

    assert answer.exit_code == 2
    assert "directory." in answer.output


def test_a_file_that_is_not_there_is_no_ranking(tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["ranking", "verify", str(tmp_path / "none.json")])

    assert answer.exit_code == 2
    assert "exist." in answer.output


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000])
def test_lists_in_lists_without_end_are_no_ranking(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ranking.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(StackError, match=r"ranking\.json is nested too deeply to be a ranking\.$"):
        rankings.verify(path)


def test_half_a_character_is_told_in_one_sentence(tmp_path: Path) -> None:
    document = {**export(SHEET), "beside": "\ud800"}

    with pytest.raises(StackError, match="cannot be written in UTF-8"):
        rankings.verify(saved(tmp_path, document))


def test_a_scorecard_that_leaves_out_a_criterion_is_told(tmp_path: Path) -> None:
    document = json.loads(json.dumps(export(SHEET)))
    del document["scorecards"][0]["scores"][0]

    with pytest.raises(StackError, match="geology, method"):
        rankings.verify(saved(tmp_path, document))
