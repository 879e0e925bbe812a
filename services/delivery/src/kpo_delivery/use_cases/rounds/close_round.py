"""A round is complete, or its time is over: rank it, and go on to the next one or to the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import (
    Cause,
    Changes,
    Decision,
    Decisions,
    EntryReads,
    Reads,
    States,
    Stored,
    existing,
    together,
)
from kpo_delivery.domain.awards import JudgedRound, placed_max
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.challenge_plan import RoundPlan
from kpo_delivery.domain.judging import close_round as close
from kpo_delivery.domain.judging import give_up_round
from kpo_delivery.domain.ranking import Card
from kpo_delivery.domain.ranking_export import export, hash_of
from kpo_delivery.domain.round import Round
from kpo_delivery.domain.tally import Tally, new_tally, open_round, tally_of
from kpo_delivery.use_cases.rounds.read_round import read_cards, read_round, sheet_of


@dataclass(frozen=True, slots=True)
class CloseRound:
    challenge_id: UUID
    number: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a round ended: its ranking where it has a quorum, and on how many scorecards that rests."""

    given: int
    ranked: tuple[str, ...] | None
    sha256: str


async def close_round(
    command: CloseRound, cause: Cause, *, changes: Changes, reads: Reads, entries: EntryReads
) -> Stored[Challenge]:
    """Rank what there is, then close if it is still all there is; else the clock comes again."""
    known = (await reads.get(Challenge, command.challenge_id)).state
    round_ = await read_round(known, command.number, entries)
    outcome = _outcome(round_, known, await read_cards(round_.id, reads))
    plan = known.call.round(round_.number)
    challenge = existing(Challenge, command.challenge_id)
    tally = tally_of(command.challenge_id, command.number)

    def decide(states: States, now: datetime) -> Decisions:
        seen, counted = states[challenge], states[tally]
        if counted.given != outcome.given or not _is_over(seen, counted, now):
            return together()
        if outcome.ranked is None:
            return together(give_up_round(seen, now), Decision(counted.closed()))
        ended = _ended(round_, plan, outcome, now)
        decision = close(seen, ended, now)
        picked = round_.candidates(each.code for each in ended.picked(plan))
        opened = open_round(decision.state, picked)
        return together(decision, Decision(counted.closed()), *opened.decisions, entries=opened.entries)

    following = new_tally(command.challenge_id, command.number + 1)
    return await changes.change(cause, decide, challenge, tally, following)


def _outcome(round_: Round, challenge: Challenge, cards: Sequence[Card]) -> Outcome:
    if not round_.has_quorum(cards):
        return Outcome(len(cards), None, "")
    sheet = sheet_of(round_, challenge, cards)
    ranked = tuple(row.code for row in sheet.ranked())
    return Outcome(len(cards), ranked, hash_of(export(sheet)))


def _is_over(challenge: Challenge, tally: Tally, now: datetime) -> bool:
    clock = challenge.clock
    if clock is None or clock.round != tally.number or tally.is_closed:
        return False
    return not tally.missing or (clock.gives_up_at is not None and clock.gives_up_at <= now)


def _ended(round_: Round, plan: RoundPlan, outcome: Outcome, now: datetime) -> JudgedRound:
    ranked = outcome.ranked or ()
    first = ranked[: placed_max(plan)]
    return JudgedRound(round_.number, len(ranked), round_.placed(first), outcome.sha256, now)
