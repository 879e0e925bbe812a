"""Challenges in every state, with readable defaults; the money and the rounds are Goldcorp's."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from kpo_chassis.kernel import PersonId, TenantId
from kpo_chassis.money import Money
from kpo_delivery.domain import judging
from kpo_delivery.domain.awards import JudgedRound
from kpo_delivery.domain.challenge import CLOSING_GRACE, Challenge, OfferedDataset, Turnout
from kpo_delivery.domain.challenge_plan import (
    ChallengePlan,
    Criterion,
    DatasetReference,
    Licence,
    RoundPlan,
)
from kpo_delivery.domain.panel import Judge
from kpo_delivery.domain.round import Candidate, Deal, Round

from .factories import CLIENT_ID, DAY, ENGAGEMENT_ID, NOW, SHA256

CHALLENGE_ID = Challenge.id_of(ENGAGEMENT_ID)
CHALLENGE_PATH = f"/v1/challenges/{CHALLENGE_ID}"
DATASET_ID = UUID("0b000000-0000-4000-8000-000000000007")
BLIND_KEY = b"a key that only tests know"

OPEN_FOR = 90 * DAY
JUDGE_WITHIN = 14 * DAY
CLOSES_AT = NOW + OPEN_FOR
CLOSED_AT = CLOSES_AT + CLOSING_GRACE
JUDGE_BY = CLOSED_AT + JUDGE_WITHIN

CRITERIA = (Criterion("geology", 50), Criterion("method", 30), Criterion("clarity", 20))
DATA = (OfferedDataset(DATASET_ID, "drill holes", "application/zip", 400_000_000, SHA256),)


def usd(amount: int) -> Money:
    return Money(amount * 100, "USD")


def a_round(number: int, *, picks: int, prizes: Iterable[int] = ()) -> RoundPlan:
    return RoundPlan(number, picks, tuple(map(usd, prizes)), JUDGE_WITHIN)


FIRST = a_round(1, picks=23, prizes=[10_000] * 23)
SECOND = a_round(2, picks=3, prizes=[150_000, 75_000, 45_000])


def a_call(*rounds: RoundPlan, seats: int = 3, open_for: timedelta = OPEN_FOR) -> ChallengePlan:
    """Plan the Goldcorp challenge: 575,000 dollars, two rounds, three judges."""
    return ChallengePlan(
        client=CLIENT_ID,
        title="Where are the next six million ounces?",
        practice_area="research_and_development",
        question="Fifty years of drilling, and we do not know where to drill next.",
        purse=usd(575_000),
        open_for=open_for,
        licence=Licence("1.0", "For this challenge only."),
        datasets=(DatasetReference(DATASET_ID, SHA256),),
        criteria=CRITERIA,
        rounds=rounds or (FIRST, SECOND),
        seats=seats,
        invitations=100,
        excluded_countries=("KP",),
    )


def a_judge(number: int) -> Judge:
    """Give judge 1, 2, 3 of vendors 1, 2, 3."""
    return Judge(
        uuid5(person(number), "expert"),
        person(number),
        UUID(f"0d000000-0000-4000-8000-0000000002{number:02}"),
    )


def person(number: int) -> PersonId:
    return PersonId(UUID(f"0a000000-0000-4000-8000-0000000002{number:02}"))


def bench(*numbers: int) -> tuple[Judge, ...]:
    return tuple(map(a_judge, numbers))


def candidate(number: int, *, at: datetime = NOW + DAY) -> Candidate:
    """Give submission 1, 2, 3, whose code shows its number."""
    key = UUID(int=number)
    return Candidate(key, 1, at, f"CODE{number:06}", uuid5(key, "expert"), uuid5(key, "p"), uuid5(key, "v"))


def candidates(count: int) -> tuple[Candidate, ...]:
    return tuple(candidate(number) for number in range(1, count + 1))


def some_round(*, number: int = 1, count: int = 4, seats: int = 3, per_submission: int = 2) -> Round:
    return Round.open(CHALLENGE_ID, number, candidates(count), Deal(seats, per_submission))


# States ---------------------------------------------------------------------------------------------------


def expected() -> Challenge:
    return Challenge.expect(ENGAGEMENT_ID)


def planned(*rounds: RoundPlan, seats: int = 3) -> Challenge:
    return expected().announce(a_call(*rounds, seats=seats), DATA, NOW).state


def opened(*rounds: RoundPlan, seats: int = 3) -> Challenge:
    return planned(*rounds, seats=seats).note_fee(1_000).state.fund(NOW).state


def submitted_to(challenge: Challenge | None = None) -> Challenge:
    return (challenge or opened()).received_submission().state


def judged_first(*rounds: RoundPlan, seats: int = 3, submissions: int = 40) -> Challenge:
    """Close submissions: judges 1 to 3 sit, 4 and 5 are on the bench."""
    ready = replace(submitted_to(opened(*rounds, seats=seats)))
    ready = judging.propose_bench(ready, bench(1, 2, 3, 4, 5), ()).state
    turnout = Turnout(submissions + 10, submissions)
    return judging.close_submissions(ready, turnout, bench(1, 2, 3, 4, 5), CLOSED_AT).state


def a_judged_round(number: int = 1, *, submissions: int = 40, at: datetime = CLOSED_AT + DAY) -> JudgedRound:
    first = [candidate(n) for n in range(1, min(submissions, 23) + 1)]
    placed = tuple(each.placed(rank) for rank, each in enumerate(first, start=1))
    return JudgedRound(number, submissions, placed, SHA256, at)


def judged_second() -> Challenge:
    return judging.close_round(judged_first(), a_judged_round(), CLOSED_AT + DAY).state


def awarded() -> Challenge:
    return judging.close_round(judged_second(), a_judged_round(2, submissions=23), CLOSED_AT + 2 * DAY).state


def voided() -> Challenge:
    return opened().void("The data are somebody else's.", NOW + DAY).state


def cancelled_call() -> Challenge:
    return opened().wish_cancelled("The mine was sold.", NOW + DAY).state


def withdrawn() -> Challenge:
    return planned().lapse(NOW + DAY).state


STRANGER = TenantId(UUID("0c000000-0000-4000-8000-000000000099"))
