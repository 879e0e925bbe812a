"""Rules about judging: scorecards count once, rankings follow from them, the best get what was promised."""

import hashlib
import json
from collections.abc import Iterator
from fractions import Fraction

from pydantic import JsonValue

from .contest_rules import AWARDED, JUDGED, OPENED, RECEIVED, awards_of, moment, of_type
from .entries import Seen
from .finding import Finding
from .known import Command, History, Json, data_of
from .money import minor

Scores = tuple[tuple[str, int], ...]
"""What a scorecard gives, by criterion."""


def rows(value: JsonValue) -> list[Json]:
    assert isinstance(value, list)
    return [row for row in value if isinstance(row, dict)]


def _judged(history: History) -> Iterator[tuple[Seen, Json, list[Seen]]]:
    """Give every first round that was judged, its ranking where there is one, and its engagement."""
    shown = history.looks("ranking")
    for events in history.engagements.values():
        for judged in of_type(events, JUDGED):
            if data_of(judged)["round"] == 1:
                yield judged, shown.get(str(judged.key), {}), events


def rankings_follow_from_scorecards(history: History) -> Iterator[Finding]:
    """Compare a ranking with the announced one, and with the one that its own scorecards give."""
    for judged, ranking, _ in _judged(history):
        if not ranking:
            yield Finding(f"call {judged.key} was judged, and nobody can see its ranking", judged)
        elif not data_of(judged)["ranking_sha256"] == ranking["sha256"] == _hash(ranking):
            yield Finding(f"the ranking of call {judged.key} is not the announced one", judged)
        elif [str(row["code"]) for row in rows(ranking["ranking"])] != _ranked(ranking):
            yield Finding(f"the ranking of call {judged.key} does not follow from its scorecards", judged)


def _hash(ranking: Json) -> str:
    """Hash a ranking by the documented recipe: docs/challenge.md, Check one yourself."""
    body = {name: value for name, value in ranking.items() if name != "sha256"}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _ranked(ranking: Json) -> list[str]:
    """Rank by hand: docs/challenge.md, Ranking. What nobody scored is ranked nowhere."""
    weights = {str(each["name"]): _number(each["weight"]) for each in rows(ranking["criteria"])}
    cards: dict[str, list[dict[str, int]]] = {}
    for card in rows(ranking["scorecards"]):
        cards.setdefault(str(card["code"]), []).append(dict(_scores(card)))

    def place(submission: Json) -> tuple[list[Fraction], JsonValue, str]:
        given = cards[code := str(submission["code"])]
        means = [Fraction(sum(card[name] for card in given), len(given)) for name in weights]
        worth = sum((mean * weight for mean, weight in zip(means, weights.values(), strict=True)), Fraction())
        return ([-worth, *(-mean for mean in means)], submission["submitted_at"], code)

    scored = [each for each in rows(ranking["submissions"]) if each["code"] in cards]
    return [str(each["code"]) for each in sorted(scored, key=place)]


def _scores(card: Json) -> Scores:
    return tuple(sorted((str(each["criterion"]), _number(each["score"])) for each in rows(card["scores"])))


def _number(value: JsonValue) -> int:
    assert isinstance(value, int)
    return value


def the_latest_submissions_are_ranked(history: History) -> Iterator[Finding]:
    """Of everybody who submitted, the latest submission is in the ranking, once, and nothing else is.

    Rankings know codes and no names; the time of a submission is what a receipt and a ranking share.
    """
    for judged, ranking, events in _judged(history):
        if not ranking:
            continue
        latest = {str(event.key): data_of(event)["submitted_at"] for event in of_type(events, RECEIVED)}
        expected = sorted(moment(at) for at in latest.values())
        ranked = {str(row["code"]): moment(row["submitted_at"]) for row in rows(ranking["submissions"])}
        if sorted(ranked.values()) != expected:
            told = f"{len(expected)} entries have a latest submission, and {len(ranked)} were ranked"
            yield Finding(f"{told}, or others than those", judged)


def scorecards_count_once(history: History) -> Iterator[Finding]:
    """Every scorecard that was taken is in the ranking as it was given; every other one was never sent."""
    sent: dict[tuple[str, str], list[Command]] = {}
    for command in history.commands:
        if command.asked.path.endswith("/score") and command.outcome != "fail":
            _, _, _, call, _, code, _ = command.asked.path.split("/")
            sent.setdefault((call, code), []).append(command)
    for judged, ranking, _ in _judged(history):
        cards = rows(ranking["scorecards"]) if ranking else []
        yield from _cards(judged, cards, sent)


def _cards(judged: Seen, cards: list[Json], sent: dict[tuple[str, str], list[Command]]) -> Iterator[Finding]:
    counted: dict[tuple[str, int], Scores] = {}
    for card in cards:
        place = (str(card["code"]), _number(card["seat"]))
        if place in counted:
            yield Finding(f"seat {place[1]} counts twice for {place[0]}", judged)
        counted[place] = _scores(card)
        given = [_sent_scores(each) for each in sent.get((str(judged.key), place[0]), ())]
        if counted[place] not in given:
            yield Finding(f"nobody gave {place[0]} what seat {place[1]} counts for", judged)
    for (call, code), commands in sent.items():
        for command in commands if call == judged.key else ():
            told = command.answer.body if command.answer and command.outcome == "ok" else None
            if isinstance(told, dict):
                seat = _number(told["seat"])
                if counted.get((code, seat)) != _sent_scores(command):
                    yield Finding(f"what seat {seat} gave {code} does not count", judged, command)


def _sent_scores(command: Command) -> Scores:
    body = command.asked.body
    assert isinstance(body, dict)
    return _scores(body)


def the_best_get_what_was_promised(history: History) -> Iterator[Finding]:
    """Every promised prize goes to whoever holds its rank, as long as there is somebody."""
    rankings = history.looks("ranking")
    for events in history.engagements.values():
        latest = {str(event.key): data_of(event)["submitted_at"] for event in of_type(events, RECEIVED)}
        for awarded in of_type(events, AWARDED):
            ranking = rankings.get(str(awarded.key))
            prizes = [minor(prize) for opened in of_type(events, OPENED) for prize in _prizes(opened)]
            if ranking is not None:
                expected = list(zip(_times_by_rank(ranking), prizes, strict=False))
                given = [
                    (moment(latest.get(str(award["entry_id"]))), minor(award["prize"]))
                    for award in sorted(awards_of(awarded), key=lambda award: _number(award["rank"]))
                    if str(award["entry_id"]) in latest
                ]
                if given != expected:
                    yield Finding(f"call {awarded.key} gave other prizes than it had promised", awarded)


def _prizes(opened: Seen) -> list[JsonValue]:
    (first,) = rows(data_of(opened)["rounds"])
    prizes = first["prizes"]
    assert isinstance(prizes, list)
    return prizes


def _times_by_rank(ranking: Json) -> list[object]:
    times = {row["code"]: moment(row["submitted_at"]) for row in rows(ranking["submissions"])}
    return [times.get(row["code"]) for row in rows(ranking["ranking"])]
