"""Chooses whom a challenge is told to and who could judge it, out of all who fit. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from kpo_matching.domain.challenge import Challenge
from kpo_matching.domain.expert import Expert
from kpo_matching.domain.filters import Requirements, objection
from kpo_matching.domain.fitting import abilities
from kpo_matching.domain.panel import ProposedJudge
from kpo_matching.domain.ranking import Pool
from kpo_matching.domain.scoring import ABILITIES, merits, total
from kpo_matching.domain.shortlist import Criterion
from kpo_matching.domain.spread import in_turns

JUDGES_PER_SEAT = 3
"""How many judges are proposed for each seat of a panel: one to sit on it, and two to spare."""

SENIORITY = (Criterion.SKILL_LEVELS, Criterion.TRACK_RECORD)
"""What makes a judge: mastery and a record, not the skills that a solution would use besides."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Who is proposed and who is invited, best first; nobody is both."""

    judges: tuple[ProposedJudge, ...]
    invited: tuple[Expert, ...]


def select(challenge: Challenge, pool: Pool) -> Selection:
    """Fill the panel's list first: a call goes on without invitations, but never without judges."""
    fitting = _fitting(challenge, pool)
    judges = _seniors(challenge, fitting)[: _wanted(challenge, len(fitting))]
    proposed = {judge.id for judge in judges}
    others = [expert for expert in fitting if expert.id not in proposed]
    return Selection(
        tuple(_judge(challenge, expert) for expert in judges),
        tuple(_best(challenge, others)[: challenge.invitations]),
    )


def _fitting(challenge: Challenge, pool: Pool) -> list[Expert]:
    needs = Requirements.of_challenge(challenge)
    return [each.expert for each in pool.prospects if objection(needs, each) is None]


def _wanted(challenge: Challenge, fitting: int) -> int:
    """Keep half of those who fit for the invitations, as long as every seat has its judge."""
    return min(JUDGES_PER_SEAT * challenge.judges, max(challenge.judges, fitting // 2))


def _seniors(challenge: Challenge, fitting: Iterable[Expert]) -> list[Expert]:
    """Order who has time to judge: vendors take turns, and within a turn countries do."""
    ranked = _ranked(SENIORITY, challenge, [expert for expert in fitting if expert.may_judge])
    return in_turns(in_turns(ranked, lambda each: each.profile.country), lambda each: each.vendor_id)


def _best(challenge: Challenge, others: Sequence[Expert]) -> list[Expert]:
    """Order whom to tell: countries take turns, each with its best."""
    return in_turns(_ranked(ABILITIES, challenge, others), lambda each: each.profile.country)


def _ranked(criteria: Iterable[Criterion], challenge: Challenge, experts: Iterable[Expert]) -> list[Expert]:
    """Put whoever has more points first, ties by expert id."""

    def place(expert: Expert) -> tuple[int, UUID]:
        return -total(merits(criteria, challenge, expert)), expert.id

    return sorted(experts, key=place)


def _judge(challenge: Challenge, expert: Expert) -> ProposedJudge:
    return ProposedJudge(
        expert_id=expert.id,
        person_id=expert.person_id,
        vendor_id=expert.vendor_id,
        name=expert.profile.name,
        country=expert.profile.country,
        terms=merits(SENIORITY, challenge, expert),
        fits=abilities(challenge, expert),
    )
