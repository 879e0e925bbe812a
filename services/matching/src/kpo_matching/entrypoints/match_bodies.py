"""What answers about matches are made of, and how much of a match each party sees."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field

from kpo_chassis.http import Instant, MoneyBody, RequestBody, ResponseBody
from kpo_chassis.kernel import Caller, Stored
from kpo_matching.domain.abilities import PracticeArea
from kpo_matching.domain.engagement import ChoicePolicy, Engagement
from kpo_matching.domain.filters import Filter
from kpo_matching.domain.match import Answer, Choosing, Ended, Match, MatchOutcome, MatchStatus, Offer
from kpo_matching.domain.shortlist import Candidate, Criterion, Fit, Requirement, ScoreTerm, Shortlist
from kpo_matching.entrypoints.bodies import (
    LanguageLevelBody,
    SkillLevelBody,
    Text,
    language_bodies,
    money_body,
    skill_bodies,
)


class ChooseBody(RequestBody):
    """Whom to ask first."""

    expert_id: Annotated[UUID, Field(description="One of the match's candidates.")]


class DeclineBody(RequestBody):
    """Why not; the client reads it."""

    reason: Annotated[Text, Field(examples=["Fully booked until May."])]


class OverlapBody(ResponseBody):
    """Hours of the working day that must be shared."""

    time_zone: str
    hours: int


class MilestoneBody(ResponseBody):
    """One part of the work."""

    number: int
    title: str
    amount: MoneyBody
    due_within: timedelta


class TermsBody(ResponseBody):
    """What the work is, and what it pays."""

    title: str
    practice_area: PracticeArea
    brief: str
    required_skills: tuple[SkillLevelBody, ...]
    wished_skills: tuple[SkillLevelBody, ...]
    languages: tuple[LanguageLevelBody, ...]
    jurisdictions: tuple[str, ...]
    overlap: OverlapBody | None
    hours_per_week: int
    budget: MoneyBody = Field(description="All-in: the fee is inside.")
    milestones: tuple[MilestoneBody, ...]
    review_within: timedelta
    rework_within: timedelta
    choice: ChoicePolicy
    is_confidential: bool


class ScoreTermBody(ResponseBody):
    """One part of a score."""

    criterion: Criterion
    points: int
    points_max: int


class FitBody(ResponseBody):
    """One need, and what the candidate has for it."""

    requirement: Requirement
    name: str = Field(description="The skill, language, jurisdiction or time zone; empty for hours.")
    needed: str
    held: str


class CandidateBody(ResponseBody):
    """An expert on the shortlist, as they were when it was made."""

    rank: int
    expert_id: UUID
    vendor_id: UUID
    name: str
    country: str
    time_zone: str
    day_rate: MoneyBody = Field(description="For information: the budget is what is paid.")
    score: int = Field(description="Of 10,000 points.")
    terms: tuple[ScoreTermBody, ...]
    fits: tuple[FitBody, ...]


class RemovedBody(ResponseBody):
    """How many experts a filter kept out."""

    filter: Filter
    experts: int


class ShortlistBody(ResponseBody):
    """Who fits and why, and why the others do not."""

    considered: int = Field(description="How many active experts of the practice area were looked at.")
    removed: tuple[RemovedBody, ...] = Field(
        description="Each expert counts at the first filter that failed."
    )
    candidates: tuple[CandidateBody, ...]


class OfferBody(ResponseBody):
    """An expert was asked."""

    number: int
    expert_id: UUID
    vendor_id: UUID
    offered_at: Instant
    expires_at: Instant
    answer: Answer
    reason: str | None


class SkipBody(ResponseBody):
    """A candidate who could not be asked any more when their turn came."""

    expert_id: UUID
    filter: Filter


class MatchBody(ResponseBody):
    """The search for an engagement's expert. A vendor sees its own offers, and nobody else's."""

    id: UUID
    engagement_id: UUID
    client_id: UUID
    state: MatchStatus
    engagement: TermsBody
    fund_by: Instant
    choose_by: Instant | None = Field(description="When the clock chooses, while the client may.")
    shortlist: ShortlistBody | None = Field(description="Null for vendors.")
    offers: tuple[OfferBody, ...] = Field(description="Oldest first; for vendors their own.")
    passed_over: tuple[SkipBody, ...] = Field(description="Empty for vendors.")
    outcome: MatchOutcome | None
    reason: str | None = Field(description="Why it ended.")


def match_body(stored: Stored[Match], who: Caller) -> MatchBody:
    match = stored.state
    is_outsider = not who.is_operator and who.tenant != match.client_id
    ended = match.stage if isinstance(match.stage, Ended) else None
    return MatchBody(
        id=match.id,
        engagement_id=match.engagement_id,
        client_id=match.client_id,
        state=match.status,
        engagement=_terms(match.terms),
        fund_by=match.terms.fund_by,
        choose_by=_choose_by(match),
        shortlist=_shortlist(match.shortlist) if match.shortlist and not is_outsider else None,
        offers=tuple(_offer(o) for o in match.offers if not is_outsider or o.vendor_id == who.tenant),
        passed_over=()
        if is_outsider
        else tuple(SkipBody(expert_id=skip.expert_id, filter=skip.filter) for skip in match.skips),
        outcome=ended.outcome if ended else None,
        reason=ended.reason if ended else None,
    )


def _choose_by(match: Match) -> datetime | None:
    return match.stage.choose_by if isinstance(match.stage, Choosing) else None


def _terms(engagement: Engagement) -> TermsBody:
    overlap = engagement.overlap
    return TermsBody(
        title=engagement.title,
        practice_area=engagement.practice_area,
        brief=engagement.brief,
        required_skills=skill_bodies(engagement.required_skills),
        wished_skills=skill_bodies(engagement.wished_skills),
        languages=language_bodies(engagement.languages),
        jurisdictions=engagement.jurisdictions,
        overlap=OverlapBody(time_zone=overlap.time_zone, hours=overlap.hours) if overlap else None,
        hours_per_week=engagement.hours_per_week,
        budget=money_body(engagement.budget),
        milestones=tuple(
            MilestoneBody(
                number=milestone.number,
                title=milestone.title,
                amount=money_body(milestone.amount),
                due_within=milestone.due_within,
            )
            for milestone in engagement.milestones
        ),
        review_within=engagement.review_within,
        rework_within=engagement.rework_within,
        choice=engagement.choice,
        is_confidential=engagement.confidential,
    )


def _shortlist(shortlist: Shortlist) -> ShortlistBody:
    return ShortlistBody(
        considered=shortlist.considered,
        removed=tuple(RemovedBody(filter=each.filter, experts=each.experts) for each in shortlist.removed),
        candidates=tuple(map(_candidate, shortlist.candidates)),
    )


def _candidate(candidate: Candidate) -> CandidateBody:
    return CandidateBody(
        rank=candidate.rank,
        expert_id=candidate.expert_id,
        vendor_id=candidate.vendor_id,
        name=candidate.name,
        country=candidate.country,
        time_zone=candidate.time_zone,
        day_rate=money_body(candidate.day_rate),
        score=candidate.score,
        terms=term_bodies(candidate.terms),
        fits=fit_bodies(candidate.fits),
    )


def term_bodies(terms: tuple[ScoreTerm, ...]) -> tuple[ScoreTermBody, ...]:
    return tuple(
        ScoreTermBody(criterion=term.criterion, points=term.points, points_max=term.points_max)
        for term in terms
    )


def fit_bodies(fits: tuple[Fit, ...]) -> tuple[FitBody, ...]:
    return tuple(
        FitBody(requirement=fit.requirement, name=fit.name, needed=fit.needed, held=fit.held) for fit in fits
    )


def _offer(offer: Offer) -> OfferBody:
    return OfferBody(
        number=offer.number,
        expert_id=offer.expert_id,
        vendor_id=offer.vendor_id,
        offered_at=offer.offered_at,
        expires_at=offer.expires_at,
        answer=offer.answer,
        reason=offer.reason,
    )
