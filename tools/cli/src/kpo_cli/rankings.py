"""Recomputes an exported ranking from its own scorecards, with the rules that made it and nothing else."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

from pydantic import BaseModel, Field, ValidationError
from rich.console import Console
from rich.markup import escape

from kpo_chassis.kernel import RefusalError
from kpo_cli.stack.errors import StackError
from kpo_delivery.domain.challenge_plan import Criterion
from kpo_delivery.domain.ranking import Card, Contender
from kpo_delivery.domain.ranking_export import Sheet, faults
from kpo_delivery.domain.scorecard import SCORE_MAX, in_order

out: Final = Console(soft_wrap=True, highlight=False)


class _Criterion(BaseModel):
    name: str
    weight: Annotated[int, Field(ge=1)]


class _Submission(BaseModel):
    code: str
    submitted_at: datetime


class _Score(BaseModel):
    criterion: str
    score: Annotated[int, Field(ge=0, le=SCORE_MAX)]


class _Scorecard(BaseModel):
    code: str
    seat: int
    scores: list[_Score]
    comment: str = ""


class _Exported(BaseModel):
    challenge_id: UUID
    round: int
    criteria: Annotated[list[_Criterion], Field(min_length=1)]
    submissions: list[_Submission]
    scorecards: list[_Scorecard]


def verify(path: Path) -> bool:
    """Say what does not hold of an exported ranking, or that all of it does."""
    try:
        return _verify(path)
    except RecursionError:
        raise StackError(f"{path} is nested too deeply to be a ranking.") from None
    except UnicodeEncodeError:
        raise StackError(f"{path} is no exported ranking: it cannot be written in UTF-8.") from None


def _verify(path: Path) -> bool:
    document = _read(path)
    try:
        sheet = _sheet(_Exported.model_validate(document))
    except ValidationError as error:
        first = error.errors()[0]
        place = "/".join(map(str, first["loc"]))
        raise StackError(f"{path} is no exported ranking: {place}: {first['msg']}.") from None
    except RefusalError as error:
        raise StackError(f"{path} is no exported ranking: {error.detail}") from None
    found = list(faults(document, sheet))
    for fault in found:
        out.print(f"[red]wrong:[/] {escape(fault)}")
    if not found:
        counts = f"{len(sheet.contenders)} submissions ranked by {len(sheet.cards)} scorecards"
        round_ = f"Round {sheet.round} of challenge {sheet.challenge_id}"
        out.print(f"{round_} holds: {counts}, sha256 {document['sha256']}.")
    return not found


def _read(path: Path) -> dict[str, object]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise StackError(f"{path} is no JSON object; save the answer of the ranking as it came.")
    return document


def _sheet(exported: _Exported) -> Sheet:
    criteria = tuple(Criterion(each.name, each.weight) for each in exported.criteria)
    cards = (
        Card(
            card.seat,
            card.code,
            in_order(criteria, [(score.criterion, score.score) for score in card.scores]),
            card.comment,
        )
        for card in exported.scorecards
    )
    contenders = (Contender(each.code, each.submitted_at) for each in exported.submissions)
    return Sheet(exported.challenge_id, exported.round, criteria, tuple(contenders), tuple(cards))
