"""The only file that knows both matching's domain and the events: facts go out, events become commands."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypedDict, assert_never
from uuid import UUID

from kpo_chassis import money
from kpo_events import billing, challenges, delivery, intake, matching
from kpo_events.money import Money
from kpo_events.payload import EngagementPayload, Payload, WaitingOn
from kpo_matching.domain import facts
from kpo_matching.domain.abilities import Cefr, LanguageLevel, PracticeArea, SkillLevel
from kpo_matching.domain.challenge import Challenge
from kpo_matching.domain.engagement import ChoicePolicy, Engagement, Milestone, Overlap
from kpo_matching.domain.expert import (
    Expert,
    ExpertFact,
    ExpertRegistered,
    ExpertSuspended,
    ExpertUpdated,
    WorkOutcome,
)
from kpo_matching.domain.invitation import InvitationFact, InvitationSent
from kpo_matching.domain.match import Offer
from kpo_matching.domain.panel import ChallengeEnd, ChallengeOutcome, PanelFact, PanelProposed, ProposedJudge
from kpo_matching.domain.shortlist import Candidate
from kpo_matching.domain.vendor import (
    VendorFact,
    VendorOnboarded,
    VendorProfile,
    VendorSuspended,
    VendorUpdated,
)
from kpo_matching.use_cases.challenges.call_experts import CallExperts
from kpo_matching.use_cases.challenges.end_challenge import EndChallenge
from kpo_matching.use_cases.clients.copy_client import CopyClient
from kpo_matching.use_cases.matches.end_work import EndWork
from kpo_matching.use_cases.matches.note_cancel_wish import NoteCancelWish
from kpo_matching.use_cases.matches.open_choice import OpenChoice
from kpo_matching.use_cases.matches.shortlist_candidates import ShortlistCandidates
from kpo_matching.use_cases.matches.withdraw_match import WithdrawMatch

CLIENT = "client"
VENDOR = "vendor"
"""Who must act next, as the timeline names them."""


# Out ------------------------------------------------------------------------------------------------------


def outgoing(fact: object) -> Payload:
    """Give the payload that announces a fact."""
    if isinstance(fact, VendorFact):
        return _vendor(fact)
    if isinstance(fact, ExpertFact):
        return _expert(fact)
    if isinstance(fact, InvitationFact | PanelFact):
        return _call(fact)
    assert isinstance(fact, facts.MatchFact), f"{fact!r} is no fact of matching"
    return _match(fact)


def _vendor(fact: VendorFact) -> Payload:
    match fact:
        case VendorOnboarded(vendor_id, profile):
            return matching.VendorOnboardedV1(**_vendor_fields(vendor_id, profile))
        case VendorUpdated(vendor_id, profile):
            return matching.VendorUpdatedV1(**_vendor_fields(vendor_id, profile))
        case VendorSuspended(vendor_id, reason):
            return matching.VendorSuspendedV1(vendor_id=vendor_id, reason=reason)
        case _:
            assert_never(fact)


def _expert(fact: ExpertFact) -> Payload:
    match fact:
        case ExpertRegistered(expert):
            return matching.ExpertRegisteredV1(**_expert_fields(expert))
        case ExpertUpdated(expert):
            return matching.ExpertUpdatedV1(**_expert_fields(expert))
        case ExpertSuspended(expert_id, vendor_id, reason):
            return matching.ExpertSuspendedV1(expert_id=expert_id, vendor_id=vendor_id, reason=reason)
        case _:
            assert_never(fact)


def _match(fact: facts.MatchFact) -> Payload:
    match fact:
        case facts.MatchShortlisted(about, candidates, fund_by):
            return matching.MatchShortlistedV1(
                **_about(about),
                waiting_on=WaitingOn(party=CLIENT, until=fund_by),
                candidates=tuple(map(_candidate, candidates)),
            )
        case facts.MatchChoiceOpened(about, choose_by):
            waiting_on = WaitingOn(party=CLIENT, until=choose_by)
            return matching.MatchChoiceOpenedV1(**_about(about), waiting_on=waiting_on)
        case facts.MatchEnded(about, outcome, reason):
            return matching.MatchEndedV1(**_about(about), waiting_on=None, outcome=outcome, reason=reason)
        case facts.MatchWithdrawn(about):
            return matching.MatchWithdrawnV1(**_about(about))
        case facts.MatchOffered() | facts.MatchDeclined() | facts.MatchOfferExpired() | facts.MatchAccepted():
            return _offer(fact)
        case _:
            assert_never(fact)


def _offer(
    fact: facts.MatchOffered | facts.MatchDeclined | facts.MatchOfferExpired | facts.MatchAccepted,
) -> Payload:
    about, offer = _about(fact.about), _offer_fields(fact.offer)
    match fact:
        case facts.MatchOffered(offer=Offer(expires_at=expires_at)):
            waiting_on = WaitingOn(party=VENDOR, until=expires_at)
            return matching.MatchOfferedV1(**about, **offer, waiting_on=waiting_on, expires_at=expires_at)
        case facts.MatchDeclined(reason=reason):
            return matching.MatchDeclinedV1(**about, **offer, waiting_on=None, reason=reason)
        case facts.MatchOfferExpired():
            return matching.MatchOfferExpiredV1(**about, **offer, waiting_on=None)
        case facts.MatchAccepted(terms=terms):
            contract = _contract(fact.offer, terms)
            return matching.MatchAcceptedV1(**about, **offer, waiting_on=None, contract=contract)
        case _:
            assert_never(fact)


def _call(fact: InvitationFact | PanelFact) -> Payload:
    match fact:
        case InvitationSent(invitation):
            return matching.InvitationSentV1(
                engagement_id=invitation.engagement_id,
                client_id=invitation.client_id,
                invitation_id=invitation.id,
                challenge_id=invitation.challenge_id,
                expert_id=invitation.expert_id,
                person_id=invitation.person_id,
                vendor_id=invitation.vendor_id,
            )
        case PanelProposed(panel):
            return matching.PanelProposedV1(
                engagement_id=panel.engagement_id,
                client_id=panel.client_id,
                panel_id=panel.id,
                challenge_id=panel.challenge_id,
                judges=tuple(map(_judge, panel.judges)),
            )
        case _:
            assert_never(fact)


class _AboutFields(TypedDict):
    match_id: UUID
    engagement_id: UUID
    client_id: UUID


class _OfferFields(TypedDict):
    offer_number: int
    expert_id: UUID
    vendor_id: UUID


class _VendorFields(TypedDict):
    vendor_id: UUID
    name: str
    country: str
    currencies: tuple[str, ...]


class _ExpertFields(TypedDict):
    expert_id: UUID
    person_id: UUID
    vendor_id: UUID
    country: str
    employers: tuple[UUID, ...]
    relations: tuple[UUID, ...]


def _about(about: facts.About) -> _AboutFields:
    return {
        "match_id": about.match_id,
        "engagement_id": about.engagement_id,
        "client_id": about.client_id,
    }


def _offer_fields(offer: Offer) -> _OfferFields:
    return {"offer_number": offer.number, "expert_id": offer.expert_id, "vendor_id": offer.vendor_id}


def _vendor_fields(vendor_id: UUID, profile: VendorProfile) -> _VendorFields:
    return {
        "vendor_id": vendor_id,
        "name": profile.name,
        "country": profile.country,
        "currencies": profile.currencies,
    }


def _expert_fields(expert: Expert) -> _ExpertFields:
    return {
        "expert_id": expert.id,
        "person_id": expert.person_id,
        "vendor_id": expert.vendor_id,
        "country": expert.profile.country,
        "employers": expert.profile.employers,
        "relations": expert.profile.relations,
    }


def _candidate(candidate: Candidate) -> matching.ShortlistedCandidate:
    return matching.ShortlistedCandidate(
        rank=candidate.rank,
        expert_id=candidate.expert_id,
        vendor_id=candidate.vendor_id,
        score=candidate.score,
    )


def _judge(judge: ProposedJudge) -> matching.ProposedJudge:
    return matching.ProposedJudge(
        expert_id=judge.expert_id, person_id=judge.person_id, vendor_id=judge.vendor_id
    )


def _contract(offer: Offer, terms: Engagement) -> matching.Contract:
    return matching.Contract(
        person_id=offer.person_id,
        budget=_money(terms.budget),
        milestones=tuple(map(_milestone, terms.milestones)),
        review_within=terms.review_within,
        rework_within=terms.rework_within,
        hours_per_week=terms.hours_per_week,
    )


def _milestone(milestone: Milestone) -> intake.MilestonePlan:
    return intake.MilestonePlan(
        number=milestone.number,
        title=milestone.title,
        amount=_money(milestone.amount),
        due_within=milestone.due_within,
    )


def _money(amount: money.Money) -> Money:
    return Money.of(amount.minor, amount.currency)


# In -------------------------------------------------------------------------------------------------------


def copy_client(told: intake.ClientRegisteredV1) -> CopyClient:
    return CopyClient(told.client_id, told.name, told.country)


def shortlist_candidates(told: intake.EngagementSubmittedV1) -> ShortlistCandidates:
    return ShortlistCandidates(told.engagement_id, told.client_id, _engagement(told))


def open_choice(told: billing.EscrowFundedV1) -> OpenChoice:
    return OpenChoice(told.engagement_id, told.client_id)


def withdraw_match(told: billing.EscrowLapsedV1) -> WithdrawMatch:
    return WithdrawMatch(told.engagement_id, told.client_id)


def note_cancel_wish(told: intake.EngagementCancellationRequestedV1) -> NoteCancelWish:
    return NoteCancelWish(told.engagement_id, told.client_id, told.reason)


def end_work(told: EngagementPayload) -> EndWork:
    match told:
        case delivery.WorkOrderCompletedV1():
            outcome = WorkOutcome.COMPLETED
        case _:
            assert isinstance(told, delivery.WorkOrderCancelledV1), f"{told!r} does not end a work order"
            outcome = WorkOutcome.CANCELLED
    return EndWork(told.engagement_id, told.client_id, outcome)


def call_experts(told: challenges.ChallengeOpenedV1) -> CallExperts:
    return CallExperts(
        Challenge(
            id=told.challenge_id,
            engagement_id=told.engagement_id,
            client_id=told.client_id,
            title=told.title,
            practice_area=PracticeArea(told.practice_area),
            required_skills=_skills(told.required_skills),
            wished_skills=_skills(told.wished_skills),
            languages=_languages(told.languages),
            purse=_amount(told.purse),
            judges=told.judges,
            invitations=told.invitations,
            excluded_countries=told.excluded_countries,
            submissions_close_at=_instant(told.submissions_close_at),
        )
    )


def end_challenge(told: challenges.ChallengePayload) -> EndChallenge:
    return EndChallenge(told.challenge_id, told.engagement_id, told.client_id, _end(told))


def _end(told: challenges.ChallengePayload) -> ChallengeEnd:
    match told:
        case challenges.ChallengeAwardedV1(awards=awards):
            return ChallengeEnd(ChallengeOutcome.AWARDED, tuple(award.expert_id for award in awards))
        case challenges.ChallengeVoidedV1():
            return ChallengeEnd(ChallengeOutcome.VOIDED)
        case _:
            assert isinstance(told, challenges.ChallengeCancelledV1), f"{told!r} does not end a challenge"
            return ChallengeEnd(ChallengeOutcome.CANCELLED)


def _engagement(told: intake.EngagementSubmittedV1) -> Engagement:
    overlap, plan = told.overlap, told.assignment
    assert plan is not None, "an assignment comes with its plan"
    return Engagement(
        title=told.title,
        practice_area=PracticeArea(told.practice_area),
        brief=told.brief,
        required_skills=_skills(told.required_skills),
        wished_skills=_skills(told.wished_skills),
        languages=_languages(told.languages),
        jurisdictions=told.jurisdictions,
        overlap=Overlap(overlap.time_zone, overlap.hours) if overlap else None,
        hours_per_week=plan.hours_per_week,
        budget=_amount(told.budget),
        milestones=tuple(
            Milestone(each.number, each.title, _amount(each.amount), each.due_within)
            for each in plan.milestones
        ),
        fund_by=_instant(told.fund_by),
        choose_within=plan.choose_within,
        offer_valid_for=plan.offer_valid_for,
        review_within=plan.review_within,
        rework_within=plan.rework_within,
        choice=ChoicePolicy(plan.choice),
        confidential=told.confidential,
        preferred_expert=plan.preferred_expert,
    )


def _skills(told: Iterable[intake.SkillNeed]) -> tuple[SkillLevel, ...]:
    return tuple(SkillLevel(each.skill, each.level) for each in told)


def _languages(told: Iterable[intake.LanguageNeed]) -> tuple[LanguageLevel, ...]:
    return tuple(LanguageLevel(each.language, Cefr(each.level)) for each in told)


def _amount(told: Money) -> money.Money:
    return money.Money(told.minor, told.currency)


def _instant(told: datetime) -> datetime:
    """Keep a moment as the database does: in UTC, to the millisecond."""
    moment = told.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
