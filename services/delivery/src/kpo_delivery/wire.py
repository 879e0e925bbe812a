"""The only file that knows both delivery's domain and the events: facts go out, events become commands."""

from datetime import datetime, timedelta
from typing import TypedDict, assert_never
from uuid import UUID

from kpo_chassis import money
from kpo_chassis.kernel import PersonId, TenantId
from kpo_delivery.domain import challenge_facts
from kpo_delivery.domain import work_order_facts as facts
from kpo_delivery.domain.awards import Award
from kpo_delivery.domain.challenge_facts import ChallengeFact
from kpo_delivery.domain.challenge_plan import (
    ChallengePlan,
    Criterion,
    DatasetReference,
    LanguageNeed,
    Licence,
    RoundPlan,
    SkillNeed,
)
from kpo_delivery.domain.copies import ClientCopy, ExpertProfile
from kpo_delivery.domain.entry_facts import EntryEntered, EntryFact, SubmissionReceived
from kpo_delivery.domain.milestone import MILLISECOND, Deliverable, Plan
from kpo_delivery.domain.panel import Judge
from kpo_delivery.domain.work_order_facts import WorkOrderFact
from kpo_delivery.use_cases.challenges.answer_cancel_wish import AnswerCancelWish
from kpo_delivery.use_cases.challenges.plan_challenge import PlanChallenge
from kpo_delivery.use_cases.copies.copy_client import CopyClient
from kpo_delivery.use_cases.copies.copy_expert import CopyExpert
from kpo_delivery.use_cases.panels.propose_panel import ProposePanel
from kpo_delivery.use_cases.work_orders.note_cancel_wish import NoteCancelWish
from kpo_delivery.use_cases.work_orders.open_work_order import OpenWorkOrder
from kpo_events import challenges, delivery, intake
from kpo_events.intake import EngagementCancellationRequestedV1, MilestonePlan
from kpo_events.matching import ExpertRegisteredV1, MatchAcceptedV1, PanelProposedV1
from kpo_events.money import Money
from kpo_events.payload import Payload, WaitingOn

# Out ------------------------------------------------------------------------------------------------------


def outgoing(fact: object) -> Payload:
    """Give the payload that announces a fact."""
    if isinstance(fact, ChallengeFact):
        return _of_challenge(fact)
    if isinstance(fact, EntryFact):
        return _of_entry(fact)
    assert isinstance(fact, WorkOrderFact), f"{fact!r} is no fact of delivery"
    return _of_work_order(fact)


# Out: work orders -----------------------------------------------------------------------------------------


def _of_work_order(fact: WorkOrderFact) -> Payload:
    about = _about(fact.standing)
    match fact:
        case facts.WorkOrderOpened(plans=plans):
            return delivery.WorkOrderOpenedV1(**about, milestones=tuple(map(_plan, plans)))
        case facts.WorkOrderCompleted():
            return delivery.WorkOrderCompletedV1(**about)
        case facts.WorkOrderCancelled(reason=reason):
            return delivery.WorkOrderCancelledV1(**about, reason=reason)
        case _:
            return _of_milestone(fact, about)


def _of_milestone(fact: facts.MilestoneFact, about: "_About") -> Payload:
    number = fact.number
    match fact:
        case facts.MilestoneSubmitted(deliverables=deliverables, review_by=review_by):
            references = tuple(map(_reference, deliverables))
            return delivery.MilestoneSubmittedV1(
                **about, milestone=number, deliverables=references, review_by=review_by
            )
        case facts.MilestoneReturned(reason=reason, returns=returns, due_at=due_at):
            return delivery.MilestoneReturnedV1(
                **about, milestone=number, reason=reason, returns=returns, due_at=due_at
            )
        case facts.ReviewReminded(reminder=reminder):
            return delivery.ReviewRemindedV1(**about, milestone=number, reminder=reminder)
        case facts.MilestoneAccepted(amount=amount, by=by):
            return delivery.MilestoneAcceptedV1(
                **about, milestone=number, amount=_money(amount), accepted_by=by
            )
        case facts.DeliveryOverdue():
            return delivery.DeliveryOverdueV1(**about, milestone=number)
        case _:
            assert_never(fact)


class _About(TypedDict):
    """What every payload of a work order says first."""

    engagement_id: UUID
    client_id: UUID
    waiting_on: WaitingOn | None
    work_order_id: UUID
    vendor_id: UUID
    expert_id: UUID


def _about(standing: facts.Standing) -> _About:
    waiting_on = standing.waiting_on
    return _About(
        engagement_id=standing.engagement_id,
        client_id=standing.terms.client,
        waiting_on=WaitingOn(party=waiting_on.party, until=waiting_on.until) if waiting_on else None,
        work_order_id=standing.work_order_id,
        vendor_id=standing.terms.vendor,
        expert_id=standing.terms.expert_id,
    )


def _plan(plan: Plan) -> MilestonePlan:
    return MilestonePlan(
        number=plan.number, title=plan.title, amount=_money(plan.amount), due_within=plan.due_within
    )


def _reference(deliverable: Deliverable) -> delivery.DeliverableReference:
    return delivery.DeliverableReference(
        deliverable_id=deliverable.id,
        name=deliverable.name,
        media_type=deliverable.media_type,
        size=deliverable.size,
        sha256=deliverable.sha256,
    )


def _money(amount: money.Money) -> Money:
    return Money.of(amount.minor, amount.currency)


# Out: challenges ------------------------------------------------------------------------------------------


def _of_challenge(fact: ChallengeFact) -> Payload:
    call = _call(fact.standing)
    match fact:
        case challenge_facts.ChallengePlanned():
            return challenges.ChallengePlannedV1(**call)
        case challenge_facts.ChallengeOpened(plan=plan, submissions_close_at=closes_at):
            return _challenge_opened(call, plan, closes_at)
        case (
            challenge_facts.JudgeAppointed()
            | challenge_facts.JudgeReplaced()
            | challenge_facts.SubmissionsClosed()
            | challenge_facts.RoundJudged()
        ):
            return _of_panel(fact, call)
        case _:
            return _of_end(fact, call)


def _of_panel(fact: challenge_facts.JudgingFact, call: "_Call") -> Payload:
    match fact:
        case challenge_facts.JudgeAppointed(seating=seating):
            return challenges.JudgeAppointedV1(**call, seat=seating.seat, **_judge(seating.judge))
        case challenge_facts.JudgeReplaced(seating=seating, reason=reason):
            assert seating.before is not None, "who is replaced sat there"
            return challenges.JudgeReplacedV1(
                **call,
                seat=seating.seat,
                **_judge(seating.judge),
                replaced_expert_id=seating.before.expert_id,
                reason=reason,
            )
        case challenge_facts.SubmissionsClosed():
            return challenges.SubmissionsClosedV1(
                **call, entries=fact.entries, submissions=fact.submissions, judge_by=fact.judge_by
            )
        case challenge_facts.RoundJudged():
            return challenges.RoundJudgedV1(
                **call,
                round=fact.round,
                submissions=fact.submissions,
                picked=fact.picked,
                ranking_sha256=fact.ranking_sha256,
            )
        case _:
            assert_never(fact)


def _of_end(fact: challenge_facts.EndFact, call: "_Call") -> Payload:
    match fact:
        case challenge_facts.ChallengeAwarded(awards=awards):
            return challenges.ChallengeAwardedV1(**call, awards=tuple(map(_award, awards)))
        case challenge_facts.ChallengeVoided(reason=reason):
            return challenges.ChallengeVoidedV1(**call, reason=reason)
        case challenge_facts.ChallengeCancelled(reason=reason):
            return challenges.ChallengeCancelledV1(**call, reason=reason)
        case challenge_facts.ChallengeCancelRefused(reason=reason):
            return challenges.ChallengeCancelRefusedV1(**call, reason=reason)
        case challenge_facts.ChallengeWithdrawn(standing=standing):
            return challenges.ChallengeWithdrawnV1(
                engagement_id=standing.engagement_id,
                client_id=standing.client,
                challenge_id=standing.challenge_id,
            )
        case _:
            assert_never(fact)


class _Call(TypedDict):
    """What payloads of a challenge say first."""

    engagement_id: UUID
    client_id: UUID
    waiting_on: WaitingOn | None
    challenge_id: UUID


class _Judge(TypedDict):
    """Who sits on a seat."""

    expert_id: UUID
    person_id: UUID
    vendor_id: UUID


def _call(standing: challenge_facts.Standing) -> _Call:
    awaited = standing.awaited
    return _Call(
        engagement_id=standing.engagement_id,
        client_id=standing.client,
        waiting_on=WaitingOn(party=awaited.actors, until=awaited.until) if awaited else None,
        challenge_id=standing.challenge_id,
    )


def _challenge_opened(call: _Call, plan: ChallengePlan, closes_at: datetime) -> Payload:
    return challenges.ChallengeOpenedV1(
        **call,
        title=plan.title,
        practice_area=plan.practice_area,
        required_skills=tuple(intake.SkillNeed(skill=n.skill, level=n.level) for n in plan.required_skills),
        wished_skills=tuple(intake.SkillNeed(skill=n.skill, level=n.level) for n in plan.wished_skills),
        languages=tuple(intake.LanguageNeed(language=n.language, level=n.level) for n in plan.languages),
        purse=_money(plan.purse),
        rounds=tuple(map(_round, plan.rounds)),
        judges=plan.seats,
        invitations=plan.invitations,
        excluded_countries=plan.excluded_countries,
        submissions_close_at=closes_at,
    )


def _round(plan: RoundPlan) -> intake.RoundPlan:
    prizes = tuple(map(_money, plan.prizes))
    return intake.RoundPlan(
        number=plan.number, picks=plan.picks, prizes=prizes, judge_within=plan.judge_within
    )


def _judge(judge: Judge) -> _Judge:
    return _Judge(expert_id=judge.expert_id, person_id=judge.person_id, vendor_id=judge.vendor_id)


def _award(award: Award) -> challenges.Award:
    winner = award.winner
    return challenges.Award(
        number=award.number,
        round=award.round,
        rank=winner.rank,
        entry_id=winner.entry_id,
        expert_id=winner.expert_id,
        person_id=winner.person_id,
        vendor_id=winner.vendor_id,
        prize=_money(award.prize),
    )


# Out: entries ---------------------------------------------------------------------------------------------


def _of_entry(fact: EntryFact) -> Payload:
    who = fact.entrant
    about: _Entrant = {
        "engagement_id": who.engagement_id,
        "client_id": who.client,
        "entry_id": who.entry_id,
        "challenge_id": who.challenge_id,
        "expert_id": who.expert_id,
        "person_id": who.person,
        "vendor_id": who.vendor,
    }
    match fact:
        case EntryEntered(licence_version=version, country=country):
            return challenges.EntryEnteredV1(**about, licence_version=version, country=country)
        case SubmissionReceived(submission=made):
            return challenges.SubmissionReceivedV1(
                **about, submission=made.number, commitment=made.commitment, submitted_at=made.at
            )
        case _:
            assert_never(fact)


class _Entrant(TypedDict):
    """What every payload of an entry says first."""

    engagement_id: UUID
    client_id: UUID
    entry_id: UUID
    challenge_id: UUID
    expert_id: UUID
    person_id: UUID
    vendor_id: UUID


# In -------------------------------------------------------------------------------------------------------


def open_work_order(data: MatchAcceptedV1) -> OpenWorkOrder:
    contract = data.contract
    terms = facts.Terms(
        client=TenantId(data.client_id),
        vendor=TenantId(data.vendor_id),
        expert_id=data.expert_id,
        review_within=_milliseconds(contract.review_within),
        rework_within=_milliseconds(contract.rework_within),
    )
    plans = (
        Plan(plan.number, plan.title, _amount(plan.amount), _milliseconds(plan.due_within))
        for plan in contract.milestones
    )
    return OpenWorkOrder(data.engagement_id, terms, tuple(plans))


def note_cancel_wish(data: EngagementCancellationRequestedV1) -> NoteCancelWish:
    return NoteCancelWish(data.engagement_id, data.reason)


def plan_challenge(data: intake.EngagementSubmittedV1) -> PlanChallenge:
    call = data.challenge
    assert call is not None, "an engagement of this mode says how its call runs"
    plan = ChallengePlan(
        client=TenantId(data.client_id),
        title=data.title,
        practice_area=data.practice_area,
        question=data.brief,
        purse=_amount(data.budget),
        open_for=_milliseconds(call.open_for),
        licence=Licence(call.licence.version, call.licence.text),
        datasets=tuple(DatasetReference(each.dataset_id, each.sha256) for each in call.datasets),
        criteria=tuple(Criterion(each.name, each.weight) for each in call.criteria),
        rounds=tuple(map(_round_plan, call.rounds)),
        seats=call.judges,
        invitations=call.invitations,
        excluded_countries=call.excluded_countries,
        required_skills=tuple(SkillNeed(need.skill, need.level) for need in data.required_skills),
        wished_skills=tuple(SkillNeed(need.skill, need.level) for need in data.wished_skills),
        languages=tuple(LanguageNeed(need.language, need.level) for need in data.languages),
    )
    return PlanChallenge(data.engagement_id, plan)


def answer_cancel_wish(data: EngagementCancellationRequestedV1) -> AnswerCancelWish:
    return AnswerCancelWish(data.engagement_id, data.reason)


def propose_panel(data: PanelProposedV1) -> ProposePanel:
    bench = (Judge(judge.expert_id, judge.person_id, judge.vendor_id) for judge in data.judges)
    return ProposePanel(data.engagement_id, tuple(bench))


def copy_client(data: intake.ClientRegisteredV1) -> CopyClient:
    return CopyClient(ClientCopy(data.client_id, data.name, data.country))


def copy_expert(data: ExpertRegisteredV1) -> CopyExpert:
    profile = ExpertProfile(
        PersonId(data.person_id), TenantId(data.vendor_id), data.country, data.employers, data.relations
    )
    return CopyExpert(data.expert_id, profile)


def _round_plan(plan: intake.RoundPlan) -> RoundPlan:
    prizes = tuple(map(_amount, plan.prizes))
    return RoundPlan(plan.number, plan.picks, prizes, _milliseconds(plan.judge_within))


def _amount(amount: Money) -> money.Money:
    return money.Money(amount.minor, amount.currency)


def _milliseconds(duration: timedelta) -> timedelta:
    """Cut to what the database keeps of an instant: a finer deadline would never equal its stored self."""
    return duration // MILLISECOND * MILLISECOND
