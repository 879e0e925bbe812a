"""What the panel does to a challenge: seats are taken, submissions close, rounds are judged."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from kpo_chassis.kernel import Decision
from kpo_delivery.domain.awards import JudgedRound
from kpo_delivery.domain.challenge import (
    Challenge,
    ChallengeDecision,
    ChallengeStatus,
    RoundClock,
    Turnout,
)
from kpo_delivery.domain.challenge_facts import (
    JudgeAppointed,
    JudgeReplaced,
    PanelFact,
    RoundJudged,
    Standing,
    SubmissionsClosed,
)
from kpo_delivery.domain.judging_errors import NotYourSeatError, PanelFullError
from kpo_delivery.domain.panel import Judge, Seating

GIVE_UP_AFTER = timedelta(days=14)
"""How long a late panel is waited for once spare judges were called, unless the policy says otherwise."""

NO_SUBMISSION = "Nobody submitted anything."
NO_QUORUM = "The panel did not score every submission in time."
TOO_LATE = "The judge was late."


@dataclass(frozen=True, slots=True)
class JudgingPolicy:
    """What the platform, not the call, decides about panels."""

    give_up_after: timedelta = GIVE_UP_AFTER


# Panel ----------------------------------------------------------------------------------------------------


def propose_bench(
    challenge: Challenge, bench: tuple[Judge, ...], spares: Iterable[Judge]
) -> ChallengeDecision:
    """Take the bench; seats that are free while the panel is at work are filled from it."""
    if challenge.has_ended:
        return Decision(challenge)
    proposed = replace(challenge, panel=replace(challenge.panel, bench=bench))
    if challenge.status is not ChallengeStatus.JUDGING:
        return Decision(proposed)
    return _seat(proposed, proposed.panel.free, spares)


def appoint(challenge: Challenge, judge: Judge) -> ChallengeDecision:
    """Give the next free seat to somebody whom the client chose."""
    challenge.expect_state("appoint a judge", ChallengeStatus.OPEN)
    if not challenge.panel.free:
        raise PanelFullError(f"All {len(challenge.panel.seats)} seats of the panel are taken.")
    return _seat(challenge, challenge.panel.free[:1], (judge,))


def decline(
    challenge: Challenge, number: int, person_id: UUID, reason: str, spares: Iterable[Judge]
) -> ChallengeDecision:
    """Leave the panel; the next of the bench takes the seat, if there is one, and does what is left."""
    challenge.expect_state("leave the panel", ChallengeStatus.OPEN, ChallengeStatus.JUDGING)
    seat = challenge.panel.seat_of(person_id)
    if seat is None or seat.number != number:
        raise NotYourSeatError(f"You do not sit on seat {number} of the panel.")
    after = _seat(challenge, (number,), spares, reason)
    return after if after.facts else Decision(replace(challenge, panel=challenge.panel.vacate(number)))


# Rounds ---------------------------------------------------------------------------------------------------


def close_submissions(
    challenge: Challenge, turnout: Turnout, spares: Iterable[Judge], now: datetime
) -> ChallengeDecision:
    """Hand over to the panel, whose free seats the bench fills; void where there is nothing to judge."""
    if not turnout.submissions:
        return replace(challenge, turnout=turnout).voided(NO_SUBMISSION, now)
    clock = RoundClock(1, now + challenge.call.round(1).judge_within)
    judging = replace(challenge, status=ChallengeStatus.JUDGING, turnout=turnout, clock=clock)
    seated = _seat(judging, judging.panel.free, spares)
    closed = SubmissionsClosed(judging.standing, turnout.entries, turnout.submissions, clock.judge_by)
    return Decision(seated.state, (closed, *seated.facts))


def call_spares(
    challenge: Challenge, late: Iterable[int], spares: Iterable[Judge], gives_up_at: datetime
) -> ChallengeDecision:
    """Replace, once in a round, the judges who owe scorecards, as far as the bench reaches."""
    assert challenge.clock is not None, "only a challenge that is judged has a round"
    waiting = replace(challenge, clock=replace(challenge.clock, gives_up_at=gives_up_at))
    return _seat(waiting, late, spares)


def close_round(challenge: Challenge, ended: JudgedRound, now: datetime) -> ChallengeDecision:
    """Take a round's ranking: its picks go on to the next round, or the call is awarded."""
    rounds = challenge.call.rounds
    judged = replace(challenge, judged=(*challenge.judged, ended), clock=None)
    is_last = ended.number == len(rounds)
    if not is_last:
        following = challenge.call.round(ended.number + 1)
        judged = replace(judged, clock=RoundClock(following.number, now + following.judge_within))
    picked = len(ended.picked(challenge.call.round(ended.number)))
    fact = RoundJudged(judged.standing, ended.number, ended.submissions, picked, ended.ranking_sha256)
    end = judged.awarded(None, now) if is_last else Decision(judged)
    return Decision(end.state, (fact, *end.facts))


def give_up_round(challenge: Challenge, now: datetime) -> ChallengeDecision:
    """End without this round: void the call where it is the first, else award what was judged."""
    return challenge.stopped(NO_QUORUM, now)


# Seats ----------------------------------------------------------------------------------------------------


def _seat(
    challenge: Challenge, numbers: Iterable[int], spares: Iterable[Judge], reason: str = TOO_LATE
) -> ChallengeDecision:
    """Give seats to spare judges; `reason` is why somebody who sat there leaves."""
    panel, facts = challenge.panel, list[PanelFact]()
    for seating in panel.filling(numbers, spares):
        panel = panel.take(seating)
        facts.append(_seated(challenge.standing, seating, reason))
    return Decision(replace(challenge, panel=panel), tuple(facts))


def _seated(standing: Standing, seating: Seating, reason: str) -> PanelFact:
    if seating.before is None:
        return JudgeAppointed(standing, seating)
    return JudgeReplaced(standing, seating, reason)
