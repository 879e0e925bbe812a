"""Chooses the best candidates: hard filters first, then a score of integer points. Pure, and no floats."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from uuid import UUID

from kpo_matching.domain.abilities import CEFR_STEP_MAX, SKILL_LEVEL_MAX
from kpo_matching.domain.client import ClientCopy
from kpo_matching.domain.engagement import Engagement
from kpo_matching.domain.expert import Expert
from kpo_matching.domain.filters import (
    WORKING_DAY_MINUTES,
    Filter,
    Prospect,
    Requirements,
    WorkingDays,
    objection,
    overlaps_enough,
)
from kpo_matching.domain.fitting import fits
from kpo_matching.domain.shortlist import (
    CANDIDATES_MAX,
    Candidate,
    Criterion,
    Removed,
    ScoreTerm,
    Shortlist,
)
from kpo_matching.domain.vendor import Vendor

WEIGHTS: Mapping[Criterion, int] = {
    Criterion.WISHED_SKILLS: 2_500,
    Criterion.SKILL_LEVELS: 2_000,
    Criterion.LANGUAGES: 1_000,
    Criterion.TRACK_RECORD: 2_000,
    Criterion.PRICE: 1_000,
    Criterion.OVERLAP: 1_000,
    Criterion.LOAD: 500,
}
"""Points of the best possible expert; together 10,000. A criterion that the engagement leaves open gives
everybody all of its points."""

TRACK_RECORD_PRIOR = 2
"""Nobody is judged by one work order: a record counts as if it had this many good and bad ones before."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Who is ranked: the experts, and the vendors among whom theirs must be found."""

    experts: Sequence[Expert]
    vendors: Mapping[UUID, Vendor]

    @property
    def prospects(self) -> Iterable[Prospect]:
        return (Prospect(expert, self.vendors.get(expert.vendor_id)) for expert in self.experts)


@dataclass(frozen=True, slots=True)
class Eligible:
    """An expert who passed every filter; `shared_minutes` is None where no overlap was asked for."""

    expert: Expert
    shared_minutes: int | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """An eligible expert with their points."""

    eligible: Eligible
    terms: tuple[ScoreTerm, ...]

    @property
    def score(self) -> int:
        return sum(term.points for term in self.terms)


def rank(engagement: Engagement, pool: Pool, client: ClientCopy | None, days: WorkingDays) -> Shortlist:
    """Give the best candidates: the preferred expert if they pass, then by score, ties by expert id."""
    eligible, removed = _filtered(engagement, pool, client, days)
    market = Market.of(each.expert for each in eligible)
    ranked = [Ranked(each, _terms(engagement, each, market)) for each in eligible]
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


# Points ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Market:
    """The day rates of all eligible experts, sorted, by currency: nobody exchanges money here."""

    day_rates: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, experts: Iterable[Expert]) -> "Market":
        by_currency: dict[str, list[int]] = {}
        for expert in experts:
            rate = expert.profile.day_rate
            by_currency.setdefault(rate.currency, []).append(rate.minor)
        return cls({currency: sorted(rates) for currency, rates in by_currency.items()})

    def dearer(self, expert: Expert) -> tuple[int, int]:
        """Count who asks for more, and with whom the expert was compared."""
        rate = expert.profile.day_rate
        rates = self.day_rates[rate.currency]
        return len(rates) - bisect_right(rates, rate.minor), len(rates) - 1


def _terms(engagement: Engagement, eligible: Eligible, market: Market) -> tuple[ScoreTerm, ...]:
    expert = eligible.expert
    return (
        _term(Criterion.WISHED_SKILLS, *_wished(engagement, expert)),
        _term(Criterion.SKILL_LEVELS, *_above_need(engagement, expert)),
        _term(Criterion.LANGUAGES, *_fluency(engagement, expert)),
        _term(Criterion.TRACK_RECORD, *_record(engagement, expert)),
        _term(Criterion.PRICE, *market.dearer(expert)),
        _term(Criterion.OVERLAP, *_shared(eligible)),
        _term(Criterion.LOAD, expert.free_hours - engagement.hours_per_week, expert.profile.weekly_hours),
    )


def _term(criterion: Criterion, reached: int, best: int) -> ScoreTerm:
    """Turn a share into points, rounded down; where nothing better is possible, all points are reached."""
    points_max = WEIGHTS[criterion]
    return ScoreTerm(criterion, points_max * reached // best if best else points_max, points_max)


def _wished(engagement: Engagement, expert: Expert) -> tuple[int, int]:
    """Count levels of wished skills, none beyond the level that was wished for."""
    held = {skill.skill: skill.level for skill in expert.profile.skills}
    wishes = engagement.wished_skills
    return sum(min(held.get(w.skill, 0), w.level) for w in wishes), sum(w.level for w in wishes)


def _above_need(engagement: Engagement, expert: Expert) -> tuple[int, int]:
    held = {skill.skill: skill.level for skill in expert.profile.skills}
    needs = engagement.required_skills
    return sum(held[n.skill] - n.level for n in needs), sum(SKILL_LEVEL_MAX - n.level for n in needs)


def _fluency(engagement: Engagement, expert: Expert) -> tuple[int, int]:
    spoken = {language.language: language.level.step for language in expert.profile.languages}
    needs = engagement.languages
    above = sum(spoken[n.language] - n.level.step for n in needs)
    return above, sum(CEFR_STEP_MAX - n.level.step for n in needs)


def _record(engagement: Engagement, expert: Expert) -> tuple[int, int]:
    """Take the share of completed work orders in this practice area, shrunk towards one half."""
    record = expert.track_record(engagement.practice_area)
    ended = record.completed + record.cancelled
    return record.completed + TRACK_RECORD_PRIOR, ended + 2 * TRACK_RECORD_PRIOR


def _shared(eligible: Eligible) -> tuple[int, int]:
    return (0, 0) if eligible.shared_minutes is None else (eligible.shared_minutes, WORKING_DAY_MINUTES)
