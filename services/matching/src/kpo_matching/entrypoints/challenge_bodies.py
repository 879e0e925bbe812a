"""What answers about invitations and proposed panels are made of."""

from uuid import UUID

from pydantic import Field

from kpo_chassis.http import Instant, ResponseBody
from kpo_chassis.kernel import Caller, Stored
from kpo_matching.domain.abilities import PracticeArea
from kpo_matching.domain.invitation import Invitation, InvitationStatus
from kpo_matching.domain.panel import ChallengeOutcome, Panel, PanelStatus, ProposedJudge
from kpo_matching.entrypoints.match_bodies import FitBody, ScoreTermBody, fit_bodies, term_bodies


class InvitationBody(ResponseBody):
    """An expert is told of a challenge that fits them; who likes it enters at delivery's door."""

    id: UUID
    challenge_id: UUID
    expert_id: UUID
    person_id: UUID
    vendor_id: UUID
    title: str
    practice_area: PracticeArea
    submissions_close_at: Instant
    sent_at: Instant
    state: InvitationStatus


class ProposedJudgeBody(ResponseBody):
    """An expert without a known conflict, as they were when they were proposed."""

    expert_id: UUID
    person_id: UUID = Field(description="Whom to name when you appoint them.")
    vendor_id: UUID
    name: str
    country: str
    seniority: int = Field(description="Of 4,000 points; the list is spread over vendors and countries.")
    terms: tuple[ScoreTermBody, ...]
    fits: tuple[FitBody, ...]


class PanelBody(ResponseBody):
    """Who could judge a challenge: appoint from the front, what is left are the spare judges."""

    id: UUID
    challenge_id: UUID
    engagement_id: UUID
    client_id: UUID
    title: str
    seats: int = Field(description="How many judges the panel has.")
    judges: tuple[ProposedJudgeBody, ...]
    state: PanelStatus
    outcome: ChallengeOutcome | None = Field(description="How the challenge ended.")


def invitation_body(stored: Stored[Invitation], _: Caller) -> InvitationBody:
    invitation = stored.state
    return InvitationBody(
        id=invitation.id,
        challenge_id=invitation.challenge_id,
        expert_id=invitation.expert_id,
        person_id=invitation.person_id,
        vendor_id=invitation.vendor_id,
        title=invitation.title,
        practice_area=invitation.practice_area,
        submissions_close_at=invitation.submissions_close_at,
        sent_at=invitation.sent_at,
        state=invitation.status,
    )


def panel_body(stored: Stored[Panel], _: Caller) -> PanelBody:
    panel = stored.state
    return PanelBody(
        id=panel.id,
        challenge_id=panel.challenge_id,
        engagement_id=panel.engagement_id,
        client_id=panel.client_id,
        title=panel.call.title,
        seats=panel.call.judges,
        judges=tuple(map(_judge, panel.judges)),
        state=panel.status,
        outcome=panel.end.outcome if panel.end else None,
    )


def _judge(judge: ProposedJudge) -> ProposedJudgeBody:
    return ProposedJudgeBody(
        expert_id=judge.expert_id,
        person_id=judge.person_id,
        vendor_id=judge.vendor_id,
        name=judge.name,
        country=judge.country,
        seniority=judge.seniority,
        terms=term_bodies(judge.terms),
        fits=fit_bodies(judge.fits),
    )
