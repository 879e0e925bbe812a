"""What a challenge looks like: the open call for everybody, and beside it what only its client sees."""

from datetime import timedelta
from uuid import UUID

from pydantic import Field

from kpo_chassis.http import Instant, MoneyBody, ResponseBody
from kpo_chassis.kernel import Caller, Stored
from kpo_chassis.money import Money
from kpo_delivery.domain.awards import Award
from kpo_delivery.domain.challenge import Challenge, ChallengeStatus, OfferedDataset
from kpo_delivery.domain.challenge_facts import Actors
from kpo_delivery.domain.challenge_plan import RoundPlan
from kpo_delivery.domain.panel import Judge


class AwaitedBody(ResponseBody):
    """Who must act."""

    party: Actors
    act_by: Instant = Field(description="When a clock acts instead.")


class LicenceBody(ResponseBody):
    """What an entrant accepts before any byte of the data."""

    version: str = Field(examples=["1.0"])
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="Over the text.")
    text: str


class OfferedDatasetBody(ResponseBody):
    """Data that the call is about; entrants download them."""

    dataset_id: UUID
    name: str
    media_type: str = Field(examples=["text/csv"])
    size: int = Field(description="Length in bytes.")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class CriterionBody(ResponseBody):
    """What judges score from 0 to 100, and how much it weighs beside the others."""

    name: str = Field(examples=["geology"])
    weight: int


class PrizeBody(ResponseBody):
    """What a rank of a round gets."""

    rank: int
    net: MoneyBody | None = Field(description="What the winner gets; null until the fee is known.")
    gross: MoneyBody | None = Field(
        description="With the operator's fee inside; null unless you are the client."
    )


class ChallengeRoundBody(ResponseBody):
    """One round of judging."""

    number: int
    picks: int = Field(description="How many submissions go on, or win.")
    judge_within: timedelta
    prizes: tuple[PrizeBody, ...]
    submissions: int | None = Field(description="How many were judged; null before.")
    ranking_sha256: str | None
    judged_at: Instant | None


class AwardBody(ResponseBody):
    """Who won what."""

    number: int
    round: int
    rank: int
    code: str = Field(description="The blind code under which the submission was judged.")
    entry_id: UUID
    expert_id: UUID
    vendor_id: UUID
    prize: PrizeBody


class JudgeBody(ResponseBody):
    """Somebody who may judge."""

    person_id: UUID
    expert_id: UUID
    vendor_id: UUID


class SeatBody(ResponseBody):
    """One place on the panel; free while `judge` is null."""

    number: int
    judge: JudgeBody | None


class ManagementBody(ResponseBody):
    """What only the client and the operator see."""

    has_submission: bool = Field(description="From then on the challenge cannot be cancelled.")
    entries: int | None = Field(description="How many took part; null before submissions closed.")
    submissions: int | None
    seats: tuple[SeatBody, ...]
    bench: tuple[JudgeBody, ...] = Field(description="Whom matching proposed, best first.")
    invitations: int
    cancel_reason: str | None


class ChallengeBody(ResponseBody):
    """An open call."""

    id: UUID
    engagement_id: UUID
    client_id: UUID
    state: ChallengeStatus
    title: str
    practice_area: str
    question: str
    purse: MoneyBody
    licence: LicenceBody
    datasets: tuple[OfferedDatasetBody, ...]
    criteria: tuple[CriterionBody, ...]
    panel_size: int
    excluded_countries: tuple[str, ...]
    rounds: tuple[ChallengeRoundBody, ...]
    current_round: int | None
    waiting_on: AwaitedBody | None
    opened_at: Instant | None
    submissions_close_at: Instant | None
    ended_at: Instant | None
    reason: str | None = Field(description="Why it ended without or before its last round.")
    awards: tuple[AwardBody, ...]
    management: ManagementBody | None = Field(description="Null unless you are its client.")


def challenge_body(stored: Stored[Challenge], who: Caller) -> ChallengeBody:
    """Show everybody the call, and its client how it runs."""
    challenge, call = stored.state, stored.state.call
    is_client = who.is_operator or who.tenant == challenge.client
    awaited = challenge.awaited
    return ChallengeBody(
        id=challenge.id,
        engagement_id=challenge.engagement_id,
        client_id=challenge.client,
        state=challenge.status,
        title=call.title,
        practice_area=call.practice_area,
        question=call.question,
        purse=_money(call.purse),
        licence=LicenceBody(version=call.licence.version, sha256=call.licence.sha256, text=call.licence.text),
        datasets=tuple(map(_dataset, challenge.data)),
        criteria=tuple(CriterionBody(name=each.name, weight=each.weight) for each in call.criteria),
        panel_size=call.seats,
        excluded_countries=call.excluded_countries,
        rounds=tuple(_round(challenge, plan, shows_gross=is_client) for plan in call.rounds),
        current_round=challenge.clock.round if challenge.clock else None,
        waiting_on=AwaitedBody(party=awaited.actors, act_by=awaited.until) if awaited else None,
        opened_at=challenge.opened_at,
        submissions_close_at=challenge.submissions_close_at,
        ended_at=challenge.ended_at,
        reason=challenge.reason,
        awards=tuple(_award(challenge, award, shows_gross=is_client) for award in challenge.awards),
        management=_management(challenge) if is_client else None,
    )


def _dataset(dataset: OfferedDataset) -> OfferedDatasetBody:
    return OfferedDatasetBody(
        dataset_id=dataset.id,
        name=dataset.name,
        media_type=dataset.media_type,
        size=dataset.size,
        sha256=dataset.sha256,
    )


def _round(challenge: Challenge, plan: RoundPlan, *, shows_gross: bool) -> ChallengeRoundBody:
    judged = next((each for each in challenge.judged if each.number == plan.number), None)
    return ChallengeRoundBody(
        number=plan.number,
        picks=plan.picks,
        judge_within=plan.judge_within,
        prizes=tuple(
            _prize(challenge, rank, prize, shows_gross=shows_gross)
            for rank, prize in enumerate(plan.prizes, start=1)
        ),
        submissions=judged.submissions if judged else None,
        ranking_sha256=judged.ranking_sha256 if judged else None,
        judged_at=judged.judged_at if judged else None,
    )


def _prize(challenge: Challenge, rank: int, gross: Money, *, shows_gross: bool) -> PrizeBody:
    net = challenge.net(gross)
    return PrizeBody(
        rank=rank, net=None if net is None else _money(net), gross=_money(gross) if shows_gross else None
    )


def _award(challenge: Challenge, award: Award, *, shows_gross: bool) -> AwardBody:
    winner = award.winner
    return AwardBody(
        number=award.number,
        round=award.round,
        rank=winner.rank,
        code=winner.code,
        entry_id=winner.entry_id,
        expert_id=winner.expert_id,
        vendor_id=winner.vendor_id,
        prize=_prize(challenge, winner.rank, award.prize, shows_gross=shows_gross),
    )


def _management(challenge: Challenge) -> ManagementBody:
    turnout, panel = challenge.turnout, challenge.panel
    return ManagementBody(
        has_submission=challenge.has_submission,
        entries=turnout.entries if turnout else None,
        submissions=turnout.submissions if turnout else None,
        seats=tuple(
            SeatBody(number=seat.number, judge=_judge(seat.judge) if seat.judge else None)
            for seat in panel.seats
        ),
        bench=tuple(map(_judge, panel.bench)),
        invitations=challenge.call.invitations,
        cancel_reason=challenge.wish,
    )


def _judge(judge: Judge) -> JudgeBody:
    return JudgeBody(person_id=judge.person_id, expert_id=judge.expert_id, vendor_id=judge.vendor_id)


def _money(amount: Money) -> MoneyBody:
    return MoneyBody.of(amount.minor, amount.currency)
