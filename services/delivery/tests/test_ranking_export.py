"""An exported ranking is the same from anybody's hands, and says so when something in it was changed."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kpo_delivery.domain.ranking import Card, Contender
from kpo_delivery.domain.ranking_export import Document, Sheet, export, faults, hash_of

from .challenge_factories import CHALLENGE_ID
from .test_ranking import CRITERIA, GOLDEN_CARDS, GOLDEN_CONTENDERS

SHEET = Sheet(CHALLENGE_ID, 1, CRITERIA, GOLDEN_CONTENDERS, GOLDEN_CARDS)


def test_an_export_lists_ranks_with_exact_scores() -> None:
    assert export(SHEET)["ranking"] == [
        {"rank": 1, "code": "BBBBBBBBBB", "score": "303/4"},
        {"rank": 2, "code": "DDDDDDDDDD", "score": "303/4"},
        {"rank": 3, "code": "CCCCCCCCCC", "score": "303/4"},
        {"rank": 4, "code": "AAAAAAAAAA", "score": "299/4"},
    ]


@given(some.permutations(GOLDEN_CARDS), some.permutations(GOLDEN_CONTENDERS))
def test_the_order_of_scorecards_makes_no_other_document(
    cards: list[Card], contenders: list[Contender]
) -> None:
    assert export(replace(SHEET, cards=tuple(cards), contenders=tuple(contenders))) == export(SHEET)


def test_the_hash_survives_json() -> None:
    travelled = json.loads(json.dumps(export(SHEET)))

    assert hash_of(travelled) == travelled["sha256"]
    assert list(faults(travelled, SHEET)) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"round": 2}, "The hash of the document is"),
        ({"ranking": []}, "The document ranks 0 submissions, its scorecards 4."),
        ({"ranking": "first"}, "The document ranks 0 submissions, its scorecards 4."),
    ],
)
def test_a_changed_document_is_told_from_the_real_one(changed: Document, told: str) -> None:
    found = list(faults({**export(SHEET), **changed}, SHEET))

    assert any(fault.startswith(told) for fault in found)


def test_two_ranks_that_changed_places_are_named() -> None:
    document = export(SHEET)
    ranking = document["ranking"]
    assert isinstance(ranking, list)
    swapped: Document = {**document, "ranking": [ranking[1], ranking[0], *ranking[2:]]}
    swapped["sha256"] = hash_of(swapped)

    found = list(faults(swapped, SHEET))

    assert len(found) == 1
    assert "BBBBBBBBBB" in found[0]


def test_a_document_without_all_scorecards_cannot_be_recomputed() -> None:
    lacking = replace(SHEET, cards=GOLDEN_CARDS[:6])

    assert "The submission DDDDDDDDDD has no scorecard." in list(faults(export(SHEET), lacking))
