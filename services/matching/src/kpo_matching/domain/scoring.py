"""Gives experts points for what they have: whole numbers, one term per criterion, and no floats."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kpo_matching.domain.abilities import CEFR_STEP_MAX, SKILL_LEVEL_MAX, Sought
from kpo_matching.domain.engagement import Engagement
from kpo_matching.domain.expert import Expert
from kpo_matching.domain.filters import WORKING_DAY_MINUTES
from kpo_matching.domain.shortlist import Criterion, ScoreTerm

WEIGHTS: Mapping[Criterion, int] = {
    Criterion.WISHED_SKILLS: 2_500,
    Criterion.SKILL_LEVELS: 2_000,
    Criterion.LANGUAGES: 1_000,
    Criterion.TRACK_RECORD: 2_000,
    Criterion.PRICE: 1_000,
    Criterion.OVERLAP: 1_000,
    Criterion.LOAD: 500,
}
"""Points of the best possible expert; together 10,000. A criterion that is left open gives everybody all of
its points."""

TRACK_RECORD_PRIOR = 2
"""Nobody is judged by one work order: a record counts as if it had this many good and bad ones before."""


@dataclass(frozen=True, slots=True)
class Eligible:
    """An expert who passed every filter; `shared_minutes` is None where no overlap was asked for."""

    expert: Expert
    shared_minutes: int | None


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


def total(terms: Iterable[ScoreTerm]) -> int:
    return sum(term.points for term in terms)


def score(engagement: Engagement, eligible: Eligible, market: Market) -> tuple[ScoreTerm, ...]:
    """Give the terms of an assignment: what the expert can do, and on which terms."""
    expert = eligible.expert
    return (
        *merits(ABILITIES, engagement, expert),
        _term(Criterion.PRICE, *market.dearer(expert)),
        _term(Criterion.OVERLAP, *_shared(eligible)),
        _term(Criterion.LOAD, expert.free_hours - engagement.hours_per_week, expert.profile.weekly_hours),
    )


def merits(criteria: Iterable[Criterion], sought: Sought, expert: Expert) -> tuple[ScoreTerm, ...]:
    """Give the terms of some of the criteria that ask what an expert can do."""
    return tuple(_term(criterion, *MERITS[criterion](sought, expert)) for criterion in criteria)


def _term(criterion: Criterion, reached: int, best: int) -> ScoreTerm:
    """Turn a share into points, rounded down; where nothing better is possible, all points are reached."""
    points_max = WEIGHTS[criterion]
    return ScoreTerm(criterion, points_max * reached // best if best else points_max, points_max)


def _wished(sought: Sought, expert: Expert) -> tuple[int, int]:
    """Count levels of wished skills, none beyond the level that was wished for."""
    held = {skill.skill: skill.level for skill in expert.profile.skills}
    wishes = sought.wished_skills
    return sum(min(held.get(w.skill, 0), w.level) for w in wishes), sum(w.level for w in wishes)


def _above_need(sought: Sought, expert: Expert) -> tuple[int, int]:
    held = {skill.skill: skill.level for skill in expert.profile.skills}
    needs = sought.required_skills
    return sum(held[n.skill] - n.level for n in needs), sum(SKILL_LEVEL_MAX - n.level for n in needs)


def _fluency(sought: Sought, expert: Expert) -> tuple[int, int]:
    spoken = {language.language: language.level.step for language in expert.profile.languages}
    needs = sought.languages
    above = sum(spoken[n.language] - n.level.step for n in needs)
    return above, sum(CEFR_STEP_MAX - n.level.step for n in needs)


def _record(sought: Sought, expert: Expert) -> tuple[int, int]:
    """Take the share of what went well in this practice area, awards included, shrunk towards one half."""
    record = expert.track_record(sought.practice_area)
    good = record.completed + record.awarded
    return good + TRACK_RECORD_PRIOR, good + record.cancelled + 2 * TRACK_RECORD_PRIOR


def _shared(eligible: Eligible) -> tuple[int, int]:
    return (0, 0) if eligible.shared_minutes is None else (eligible.shared_minutes, WORKING_DAY_MINUTES)


MERITS: Mapping[Criterion, Callable[[Sought, Expert], tuple[int, int]]] = {
    Criterion.WISHED_SKILLS: _wished,
    Criterion.SKILL_LEVELS: _above_need,
    Criterion.LANGUAGES: _fluency,
    Criterion.TRACK_RECORD: _record,
}
"""How much of a criterion an expert reaches, and how much would be the best."""

ABILITIES = tuple(MERITS)
"""What fits somebody for work, whatever its terms."""
