"""An invitation: an expert is told of a challenge that fits them; nobody needs one to enter."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID, uuid5

from kpo_chassis.kernel import Decision, Quiet, TenantId
from kpo_matching.domain.abilities import PracticeArea
from kpo_matching.domain.challenge import Challenge
from kpo_matching.domain.expert import Expert


class InvitationStatus(StrEnum):
    """An invitation asks for no answer: whoever likes it enters."""

    SENT = "sent"


@dataclass(frozen=True, slots=True)
class Invitation(Quiet):
    """Who was told of which challenge, and what it is about; its id follows from the two."""

    id: UUID
    challenge_id: UUID
    engagement_id: UUID
    client_id: UUID
    expert_id: UUID
    person_id: UUID
    vendor_id: UUID
    title: str
    practice_area: PracticeArea
    submissions_close_at: datetime
    sent_at: datetime

    @staticmethod
    def id_of(challenge_id: UUID, expert_id: UUID) -> UUID:
        return uuid5(challenge_id, f"invitation:{expert_id}")

    @property
    def status(self) -> InvitationStatus:
        return InvitationStatus.SENT

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset({TenantId(self.vendor_id)})


@dataclass(frozen=True, slots=True)
class InvitationSent:
    """The expert's vendor finds it among its invitations."""

    invitation: Invitation


InvitationFact: TypeAlias = InvitationSent


def invite(challenge: Challenge, expert: Expert, now: datetime) -> Decision[Invitation, InvitationFact]:
    invitation = Invitation(
        id=Invitation.id_of(challenge.id, expert.id),
        challenge_id=challenge.id,
        engagement_id=challenge.engagement_id,
        client_id=challenge.client_id,
        expert_id=expert.id,
        person_id=expert.person_id,
        vendor_id=expert.vendor_id,
        title=challenge.title,
        practice_area=challenge.practice_area,
        submissions_close_at=challenge.submissions_close_at,
        sent_at=now,
    )
    return Decision(invitation, (InvitationSent(invitation),))
