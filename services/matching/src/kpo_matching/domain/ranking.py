"""Chooses the best candidates: hard filters first, then the points. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from uuid import UUID

from kpo_matching.domain.client import ClientCopy
from kpo_matching.domain.engagement import Engagement
from kpo_matching.domain.expert import Expert
from kpo_matching.domain.filters import (
    Filter,
    Prospect,
    Requirements,
    WorkingDays,
    objection,
    overlaps_enough,
)
from kpo_matching.domain.fitting import fits
from kpo_matching.domain.scoring import Eligible, Market, score, total
from kpo_matching.domain.shortlist import CANDIDATES_MAX, Candidate, Removed, ScoreTerm, Shortlist
from kpo_matching.domain.vendor import Vendor


@dataclass(frozen=True, slots=True)
class Pool:
    """Who is ranked: the experts, and the vendors among whom theirs must be found."""

    experts: Sequence[Expert]
    vendors: Mapping[UUID, Vendor]

    @property
    def prospects(self) -> Iterable[Prospect]:
        return (Prospect(expert, self.vendors.get(expert.vendor_id)) for expert in self.experts)


@dataclass(frozen=True, slots=True)
class Ranked:
    """An eligible expert with their points."""

    eligible: Eligible
    terms: tuple[ScoreTerm, ...]

    @property
    def score(self) -> int:
        return total(self.terms)


def rank(engagement: Engagement, pool: Pool, client: ClientCopy | None, days: WorkingDays) -> Shortlist:
    """Give the best candidates: the preferred expert if they pass, then by score, ties by expert id."""
    eligible, removed = _filtered(engagement, pool, client, days)
    market = Market.of(each.expert for each in eligible)
    ranked = [Ranked(each, score(engagement, each, market)) for each in eligible]
    best = nsmallest(CANDIDATES_MAX, ranked, key=lambda each: _place(engagement, each))
    candidates = tuple(_candidate(engagement, each, place) for place, each in enumerate(best, start=1))
    counted = tuple(Removed(name, removed[name]) for name in Filter if removed[name])
    return Shortlist(candidates, len(pool.experts), counted)


def _filtered(
    engagement: Engagement, pool: Pool, client: ClientCopy | None, days: WorkingDays
) -> tuple[list[Eligible], Counter[Filter]]:
    needs = Requirements.of(engagement, client)
    eligible, removed = [], Counter[Filter]()
    for prospect in pool.prospects:
        reason = objection(needs, prospect)
        shared = None if reason else days.shared_with(engagement, prospect.expert)
        if reason is None and not overlaps_enough(engagement, shared):
            reason = Filter.OVERLAP
        if reason is None:
            eligible.append(Eligible(prospect.expert, shared))
        else:
            removed[reason] += 1
    return eligible, removed


def _place(engagement: Engagement, ranked: Ranked) -> tuple[bool, int, UUID]:
    expert = ranked.eligible.expert
    return expert.id != engagement.preferred_expert, -ranked.score, expert.id


def _candidate(engagement: Engagement, ranked: Ranked, place: int) -> Candidate:
    expert = ranked.eligible.expert
    return Candidate(
        rank=place,
        expert_id=expert.id,
        vendor_id=expert.vendor_id,
        name=expert.profile.name,
        country=expert.profile.country,
        time_zone=expert.profile.time_zone,
        day_rate=expert.profile.day_rate,
        score=ranked.score,
        terms=ranked.terms,
        fits=fits(engagement, expert, ranked.eligible.shared_minutes),
    )
