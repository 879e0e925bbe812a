"""What a match announces, in past participles; `wire` turns each into the event of the same name."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from kpo_matching.domain.engagement import Engagement
from kpo_matching.domain.match import Match, MatchOutcome, Offer
from kpo_matching.domain.shortlist import Candidate


@dataclass(frozen=True, slots=True)
class About:
    """Which match a fact is about, and whose."""

    match_id: UUID
    engagement_id: UUID
    client_id: UUID

    @classmethod
    def of(cls, match: Match) -> "About":
        return cls(match.id, match.engagement_id, match.client_id)


@dataclass(frozen=True, slots=True)
class MatchShortlisted:
    """Somebody fits; the client has until `fund_by` to fund."""

    about: About
    candidates: tuple[Candidate, ...]
    fund_by: datetime


@dataclass(frozen=True, slots=True)
class MatchChoiceOpened:
    """The money is there; the client chooses."""

    about: About
    choose_by: datetime


@dataclass(frozen=True, slots=True)
class MatchOffered:
    """An expert is asked."""

    about: About
    offer: Offer


@dataclass(frozen=True, slots=True)
class MatchDeclined:
    """The expert, or the vendor for them, said no."""

    about: About
    offer: Offer
    reason: str


@dataclass(frozen=True, slots=True)
class MatchOfferExpired:
    """Nobody answered in time."""

    about: About
    offer: Offer


@dataclass(frozen=True, slots=True)
class MatchAccepted:
    """The expert said yes, to these terms."""

    about: About
    offer: Offer
    terms: Engagement


@dataclass(frozen=True, slots=True)
class MatchEnded:
    """Nobody will do it."""

    about: About
    outcome: MatchOutcome
    reason: str


@dataclass(frozen=True, slots=True)
class MatchWithdrawn:
    """The escrow lapsed before anybody was asked."""

    about: About


MatchFact: TypeAlias = (
    MatchShortlisted
    | MatchChoiceOpened
    | MatchOffered
    | MatchDeclined
    | MatchOfferExpired
    | MatchAccepted
    | MatchEnded
    | MatchWithdrawn
)
