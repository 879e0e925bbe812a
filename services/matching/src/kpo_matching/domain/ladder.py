"""The offer ladder: one open offer at a time, and whoever cannot work any more is passed over."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Decision, Decisions, together
from kpo_matching.domain.expert import Expert
from kpo_matching.domain.facts import About, MatchEnded, MatchFact, MatchOffered
from kpo_matching.domain.match import Ended, Match, MatchOutcome, Offer, Offered, Skip
from kpo_matching.domain.roster import Roster

LADDER_EMPTY = "Nobody on the shortlist took the offer."


def offer_next(
    match: Match,
    roster: Roster,
    now: datetime,
    facts: tuple[MatchFact, ...] = (),
    freed: Expert | None = None,
) -> Decisions:
    """Ask the next candidate who can still do it; without one, the match ends unfilled.

    `facts` are those that led here, and `freed` is the expert of the offer that just closed.
    """
    taken, skips = _next_candidate(match, roster)
    passed = replace(match, ladder=match.ladder[len(skips) + 1 :], skips=(*match.skips, *skips))
    if taken is None:
        return end(passed, MatchOutcome.UNFILLED, LADDER_EMPTY, facts, freed)
    offer = _offer(match, taken, now)
    offered = replace(passed, stage=Offered(), offers=(*match.offers, offer))
    return together(
        Decision(offered, (*facts, MatchOffered(About.of(match), offer))),
        Decision(freed) if freed else None,
        Decision(taken.reserve(match.id, match.terms.hours_per_week)),
    )


def end(
    match: Match,
    outcome: MatchOutcome,
    reason: str,
    facts: tuple[MatchFact, ...] = (),
    freed: Expert | None = None,
) -> Decisions:
    """Give the search up: the engagement's holder ends here."""
    ended = replace(match, stage=Ended(outcome, reason), ladder=())
    return together(
        Decision(ended, (*facts, MatchEnded(About.of(match), outcome, reason))),
        Decision(freed) if freed else None,
    )


def ladder_from(match: Match, chosen: UUID) -> tuple[UUID, ...]:
    """Put the chosen candidate first; the others follow by rank."""
    return (chosen, *(expert_id for expert_id in match.ladder if expert_id != chosen))


def _next_candidate(match: Match, roster: Roster) -> tuple[Expert | None, tuple[Skip, ...]]:
    skips: list[Skip] = []
    for expert_id in match.ladder:
        reason = roster.objection(match, expert_id)
        if reason is None:
            return roster.experts[expert_id], tuple(skips)
        skips.append(Skip(expert_id, reason))
    return None, tuple(skips)


def _offer(match: Match, expert: Expert, now: datetime) -> Offer:
    return Offer(
        number=len(match.offers) + 1,
        expert_id=expert.id,
        vendor_id=expert.vendor_id,
        person_id=expert.person_id,
        offered_at=now,
        expires_at=now + match.terms.offer_valid_for,
    )
