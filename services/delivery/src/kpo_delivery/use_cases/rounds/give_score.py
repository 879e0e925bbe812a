"""A judge scores a submission, blind and once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import (
    Caller,
    Changes,
    Command,
    Decide,
    Decision,
    Decisions,
    EntryReads,
    Reads,
    RefusalError,
    States,
    Stored,
    inner_maybe,
    together,
)
from kpo_delivery.domain.challenge import Challenge, ChallengeStatus
from kpo_delivery.domain.errors import ChallengeStateError
from kpo_delivery.domain.judging_errors import AssignmentUnknownError, ScoredAlreadyError
from kpo_delivery.domain.round import Assignment, Round
from kpo_delivery.domain.scorecard import Scorecard, in_order
from kpo_delivery.domain.tally import Tally, tally_of
from kpo_delivery.use_cases.rounds.read_round import read_assignment


@dataclass(frozen=True, slots=True)
class GiveScore:
    challenge_id: UUID
    code: str
    scores: tuple[tuple[str, int], ...]
    comment: str


@dataclass(frozen=True, slots=True)
class Blank:
    """A scorecard that may be filled in: whose seat, for what, and the scores in order."""

    challenge_id: UUID
    round: int
    seat: int
    assignment: Assignment
    scores: tuple[int, ...]

    @property
    def id(self) -> UUID:
        return Scorecard.id_of(self.assignment.round_id, self.seat, self.assignment.candidate.entry_id)

    def filled_in(self, caller: Caller, comment: str, now: datetime) -> Scorecard:
        return Scorecard(
            id=self.id,
            challenge_id=self.challenge_id,
            round_id=self.assignment.round_id,
            round=self.round,
            seat=self.seat,
            person_id=caller.person,
            vendor_id=caller.tenant,
            code=self.assignment.code,
            scores=self.scores,
            comment=comment,
            given_at=now,
        )


async def give_score(
    command: GiveScore, cause: Command, *, changes: Changes, reads: Reads, entries: EntryReads
) -> Stored[Scorecard]:
    """Write the scorecard and the tally of its round; nothing else, so that it stays small.

    What a look beforehand refuses is refused by the decision, so that a request that is repeated after the
    round has closed still gets its first answer.
    """
    try:
        blank = await _blank(command, cause.caller, reads, entries)
    except RefusalError as refusal:
        return await changes.change(cause, _refuse(refusal), inner_maybe(Scorecard, command.challenge_id))
    card, tally = inner_maybe(Scorecard, blank.id), tally_of(command.challenge_id, blank.round)

    def decide(states: States, now: datetime) -> Decisions:
        counted = states[tally]
        _expect_counting(counted, blank, cause.caller)
        if states.get(card) is not None:
            raise ScoredAlreadyError(f"Your seat has scored {command.code}; scorecards do not change.")
        scorecard = blank.filled_in(cause.caller, command.comment, now)
        return together(Decision(scorecard), Decision(counted.scored(blank.seat, now)))

    return await changes.change(cause, decide, card, tally)


async def _blank(command: GiveScore, caller: Caller, reads: Reads, entries: EntryReads) -> Blank:
    challenge = (await reads.get(Challenge, command.challenge_id, caller)).state
    challenge.expect_state("score", ChallengeStatus.JUDGING)
    assert challenge.clock is not None, "a challenge that is judged has a round"
    number = challenge.clock.round
    key = Round.id_of(challenge.id, number)
    seat = (await reads.get(Tally, key)).state.seat_of(caller.person)
    assignment = await read_assignment(key, command.code, entries)
    if seat is None or assignment is None or seat not in assignment.seats:
        raise _unknown(command.code)
    scores = in_order(challenge.call.criteria, command.scores)
    return Blank(challenge.id, number, seat, assignment, scores)


def _expect_counting(tally: Tally, blank: Blank, caller: Caller) -> None:
    """Refuse a scorecard of a round that has closed, or of somebody who has left the seat, meanwhile."""
    if tally.is_closed:
        raise ChallengeStateError(f"Round {tally.number} is closed; it takes no scorecards any more.")
    if tally.seat_of(caller.person) != blank.seat:
        raise _unknown(blank.assignment.code)


def _refuse(refusal: RefusalError) -> Decide:
    def decide(_: States, __: datetime) -> Decisions:
        raise refusal

    return decide


def _unknown(code: str) -> AssignmentUnknownError:
    return AssignmentUnknownError(f"No submission {code} is yours to score.")
