"""A round is complete, or its time is over: rank it, and go on to the next one or to the end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import (
    Cause,
    Changes,
    Decision,
    Decisions,
    Reads,
    States,
    Stored,
    existing,
    together,
)
from kpo_delivery.domain.awards import JudgedRound, placed_max
from kpo_delivery.domain.challenge import Challenge
from kpo_delivery.domain.challenge_plan import ChallengePlan
from kpo_delivery.domain.judging import close_round as close
from kpo_delivery.domain.judging import give_up_round
from kpo_delivery.domain.ranking import Card
from kpo_delivery.domain.ranking_export import Sheet, export, hash_of
from kpo_delivery.domain.round import Round
from kpo_delivery.domain.scorecard import Scorecard
from kpo_delivery.domain.tally import Tally, new_round, open_round, tally_of

PAGE_MAX = 500


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
    command: CloseRound, cause: Cause, *, changes: Changes, reads: Reads
) -> Stored[Challenge]:
    """Rank what there is, then close if it is still all there is; else the clock comes again."""
    round_ = (await reads.get(Round, Round.id_of(command.challenge_id, command.number))).state
    plan = (await reads.get(Challenge, command.challenge_id)).state.call
    cards = await read_cards(round_.id, reads)
    outcome = _outcome(round_, plan, cards)
    challenge, tally = (
        existing(Challenge, command.challenge_id),
        tally_of(command.challenge_id, round_.number),
    )

    def decide(states: States, now: datetime) -> Decisions:
        seen, counted = states[challenge], states[tally]
        if counted.given != outcome.given or not _is_over(seen, counted, now):
            return together()
        if outcome.ranked is None:
            return together(give_up_round(seen, now), Decision(counted.closed()))
        ended = _ended(round_, plan, outcome, now)
        decision = close(seen, ended, now)
        picked = round_.candidates(each.code for each in ended.picked(plan.round(round_.number)))
        return together(decision, Decision(counted.closed()), *open_round(decision.state, picked))

    following = new_round(command.challenge_id, command.number + 1)
    return await changes.change(cause, decide, challenge, tally, *following)


async def read_cards(round_id: UUID, reads: Reads) -> tuple[Card, ...]:
    """Read all scorecards of a round, page by page."""
    found, where = list[Scorecard](), {"round_id": str(round_id)}
    while page := await reads.find(Scorecard, where, after=found[-1].id if found else None, limit=PAGE_MAX):
        found.extend(page)
    return tuple(scorecard.card for scorecard in found)


def sheet_of(round_: Round, plan: ChallengePlan, cards: Iterable[Card]) -> Sheet:
    contenders = tuple(each.candidate.contender for each in round_.assignments)
    return Sheet(round_.challenge_id, round_.number, plan.criteria, contenders, tuple(cards))


def _outcome(round_: Round, plan: ChallengePlan, cards: Sequence[Card]) -> Outcome:
    if not round_.has_quorum(cards):
        return Outcome(len(cards), None, "")
    sheet = sheet_of(round_, plan, cards)
    ranked = tuple(row.code for row in sheet.ranked())
    return Outcome(len(cards), ranked, hash_of(export(sheet)))


def _is_over(challenge: Challenge, tally: Tally, now: datetime) -> bool:
    clock = challenge.clock
    if clock is None or clock.round != tally.number or tally.is_closed:
        return False
    return not tally.missing or (clock.gives_up_at is not None and clock.gives_up_at <= now)


def _ended(round_: Round, plan: ChallengePlan, outcome: Outcome, now: datetime) -> JudgedRound:
    ranked = outcome.ranked or ()
    first = ranked[: placed_max(plan.round(round_.number))]
    return JudgedRound(round_.number, len(ranked), round_.placed(first), outcome.sha256, now)
