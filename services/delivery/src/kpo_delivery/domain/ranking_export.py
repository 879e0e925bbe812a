"""The ranking as it leaves the house: one document that anybody can recompute, and its hash."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

from kpo_delivery.domain.challenge_plan import Criterion
from kpo_delivery.domain.ranking import Card, Contender, Ranked, UnscoredError, rank

Document: TypeAlias = dict[str, object]
"""What JSON can say, by name."""

HASH = "sha256"
"""The field that the hash itself does not cover."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that a ranking is made of; nothing in it says who submitted or who judged."""

    challenge_id: UUID
    round: int
    criteria: tuple[Criterion, ...]
    contenders: tuple[Contender, ...]
    cards: tuple[Card, ...]

    def ranked(self) -> tuple[Ranked, ...]:
        return rank(self.criteria, self.contenders, self.cards)


def export(sheet: Sheet) -> Document:
    """Give the document, in an order that does not depend on that of contenders and cards."""
    names = [criterion.name for criterion in sheet.criteria]
    body: Document = {
        "challenge_id": str(sheet.challenge_id),
        "round": sheet.round,
        "criteria": [{"name": each.name, "weight": each.weight} for each in sheet.criteria],
        "submissions": [
            {"code": each.code, "submitted_at": _text(each.submitted_at)}
            for each in sorted(sheet.contenders, key=lambda contender: contender.code)
        ],
        "scorecards": [
            {
                "code": card.code,
                "seat": card.seat,
                "scores": [
                    {"criterion": name, "score": score}
                    for name, score in zip(names, card.scores, strict=True)
                ],
                "comment": card.comment,
            }
            for card in sorted(sheet.cards, key=lambda card: (card.code, card.seat))
        ],
        "ranking": [_row(row) for row in sheet.ranked()],
    }
    return {**body, HASH: hash_of(body)}


def hash_of(document: Mapping[str, object]) -> str:
    """Hash the canonical JSON of a document without its own hash (SHA-256, hexadecimal).

    Canonical: keys sorted, no spaces, characters as they are, UTF-8.
    """
    body = {name: value for name, value in document.items() if name != HASH}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def faults(document: Mapping[str, object], sheet: Sheet) -> Iterator[str]:
    """Say in sentences what an exported document claims and its own scorecards do not give."""
    if document.get(HASH) != hash_of(document):
        yield f"The hash of the document is {hash_of(document)}, not {document.get(HASH)}."
    try:
        recomputed = [_row(row) for row in sheet.ranked()]
    except UnscoredError as error:
        yield str(error)
        return
    claimed = document.get("ranking")
    if claimed != recomputed:
        yield _first_difference(claimed, recomputed)


def _first_difference(claimed: object, recomputed: Sequence[Mapping[str, object]]) -> str:
    rows = claimed if isinstance(claimed, list) else []
    if len(rows) != len(recomputed):
        return f"The document ranks {len(rows)} submissions, its scorecards {len(recomputed)}."
    pairs = zip(rows, recomputed, strict=True)
    told, found = next((told, found) for told, found in pairs if told != found)
    return f"The scorecards give {found}, the document says {told}."


def _row(row: Ranked) -> Document:
    score = f"{row.score.numerator}/{row.score.denominator}"
    return {"rank": row.rank, "code": row.code, "score": score}


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
