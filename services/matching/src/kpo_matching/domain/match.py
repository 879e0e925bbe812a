"""The match: one engagement's search for its expert, from the first fact about it to the accepted offer."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias
from uuid import UUID, uuid5

from kpo_chassis.kernel import Task, TenantId
from kpo_matching.domain.engagement import Engagement
from kpo_matching.domain.errors import MisplacedFactError
from kpo_matching.domain.expert import WorkOutcome
from kpo_matching.domain.filters import Filter
from kpo_matching.domain.shortlist import Candidate, Shortlist


class MatchStatus(StrEnum):
    """Where a match stands; lists filter by it."""

    EXPECTED = "expected"
    WAITING = "waiting"
    CHOOSING = "choosing"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


class MatchOutcome(StrEnum):
    """How a match ends without an expert."""

    UNFILLED = "unfilled"
    CANCELLED = "cancelled"


class Answer(StrEnum):
    """What became of an offer; the client's cancelling withdraws it."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Offer:
    """One rung of the ladder: an expert is asked, and may answer until it expires."""

    number: int
    expert_id: UUID
    vendor_id: UUID
    person_id: UUID
    offered_at: datetime
    expires_at: datetime
    answer: Answer = Answer.OPEN
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    """A candidate whose turn came when they could not do the work any more."""

    expert_id: UUID
    filter: Filter


@dataclass(frozen=True, slots=True)
class Expected:
    """Something about the engagement came before the engagement itself."""

    funded: bool = False
    lapsed: bool = False
    kind: Literal["expected"] = "expected"


@dataclass(frozen=True, slots=True)
class Waiting:
    """There are candidates; the money is not there yet."""

    kind: Literal["waiting"] = "waiting"


@dataclass(frozen=True, slots=True)
class Choosing:
    """The client chooses; at `choose_by` the clock does."""

    choose_by: datetime
    kind: Literal["choosing"] = "choosing"


@dataclass(frozen=True, slots=True)
class Offered:
    """The last offer is open."""

    kind: Literal["offered"] = "offered"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The last offer was accepted; the engagement is delivery's."""

    accepted_at: datetime
    kind: Literal["accepted"] = "accepted"


@dataclass(frozen=True, slots=True)
class Ended:
    """Nobody will do it."""

    outcome: MatchOutcome
    reason: str
    kind: Literal["ended"] = "ended"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The escrow lapsed before anybody was asked."""

    kind: Literal["withdrawn"] = "withdrawn"


Stage: TypeAlias = Expected | Waiting | Choosing | Offered | Accepted | Ended | Withdrawn


@dataclass(frozen=True, slots=True)
class Match:
    """One engagement's search for an expert; its id follows from the engagement's.

    `wish` is the reason of a remembered wish to cancel. `ladder` holds the candidates who were not asked
    yet, next first. `work_outcome` says how the work order ended that followed from the accepted offer.
    """

    id: UUID
    engagement_id: UUID
    client_id: UUID
    stage: Stage
    engagement: Engagement | None = None
    shortlist: Shortlist | None = None
    wish: str | None = None
    ladder: tuple[UUID, ...] = ()
    offers: tuple[Offer, ...] = ()
    skips: tuple[Skip, ...] = ()
    work_outcome: WorkOutcome | None = None

    @staticmethod
    def id_of(engagement_id: UUID) -> UUID:
        return uuid5(engagement_id, "match")

    @classmethod
    def expected(cls, engagement_id: UUID, client_id: UUID) -> "Match":
        """Begin with nothing but the knowledge that there is such an engagement."""
        return cls(cls.id_of(engagement_id), engagement_id, client_id, Expected())

    @property
    def status(self) -> MatchStatus:
        return MatchStatus(self.stage.kind)

    @property
    def parties(self) -> frozenset[TenantId]:
        """The client, and every vendor from its offer on."""
        vendors = {TenantId(offer.vendor_id) for offer in self.offers}
        return frozenset({TenantId(self.client_id), *vendors})

    @property
    def due_at(self) -> datetime | None:
        match self.stage:
            case Choosing(choose_by=choose_by):
                return choose_by
            case Offered():
                return self.last_offer.expires_at
            case _:
                return None

    @property
    def tasks(self) -> tuple[Task, ...]:
        match self.stage:
            case Choosing(choose_by=choose_by):
                path = f"/v1/matches/{self.id}/choose"
                return (Task(TenantId(self.client_id), "choose", path, choose_by),)
            case Offered():
                offer = self.last_offer
                path = f"/v1/matches/{self.id}/offers/{offer.number}/accept"
                return (Task(TenantId(offer.vendor_id), "accept", path, offer.expires_at),)
            case _:
                return ()

    @property
    def allowed(self) -> tuple[str, ...]:
        """The commands that this state takes, as verbs of the HTTP API."""
        match self.stage:
            case Choosing():
                return ("choose",)
            case Offered():
                return ("accept", "decline")
            case _:
                return ()

    @property
    def terms(self) -> Engagement:
        """The engagement, which every state but `expected` has."""
        assert self.engagement is not None, f"match {self.id} knows nothing of its engagement yet"
        return self.engagement

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        return self.shortlist.candidates if self.shortlist else ()

    @property
    def last_offer(self) -> Offer:
        assert self.offers, f"match {self.id} has made no offer"
        return self.offers[-1]

    def answered(self, answer: Answer, reason: str | None = None) -> "Match":
        """Write the answer to the last offer down."""
        closed = replace(self.last_offer, answer=answer, reason=reason)
        return replace(self, offers=(*self.offers[:-1], closed))

    def misplaced(self, fact: str) -> MisplacedFactError:
        return MisplacedFactError(f"{fact} cannot follow on '{self.status}' of match {self.id}")
