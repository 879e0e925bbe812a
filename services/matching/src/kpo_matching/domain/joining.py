"""How facts about one engagement join in any order, until its match holds it; one function per fact."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Decision, Decisions, together
from kpo_matching.domain.engagement import ChoicePolicy, Engagement
from kpo_matching.domain.facts import About, MatchChoiceOpened, MatchShortlisted, MatchWithdrawn
from kpo_matching.domain.ladder import end, offer_next
from kpo_matching.domain.match import (
    Accepted,
    Answer,
    Choosing,
    Ended,
    Expected,
    Match,
    MatchOutcome,
    Offered,
    Waiting,
    Withdrawn,
)
from kpo_matching.domain.roster import Roster
from kpo_matching.domain.shortlist import Shortlist


def engagement_submitted(match: Match, engagement: Engagement, shortlist: Shortlist) -> Match:
    """Learn what is needed and who could do it; `settle` then decides what follows from it."""
    if not isinstance(match.stage, Expected):
        raise match.misplaced("engagement.submitted")
    ranked = tuple(candidate.expert_id for candidate in shortlist.candidates)
    return replace(match, engagement=engagement, shortlist=shortlist, ladder=ranked)


def settle(match: Match, roster: Roster, now: datetime) -> Decisions:
    """Decide where a match goes that has just learned what is needed."""
    match match.stage:
        case Expected(lapsed=True):
            return withdraw(match)
        case Expected(funded=True) if match.wish is not None:
            return end(match, MatchOutcome.CANCELLED, match.wish)
        case _ if not match.candidates:
            return _nobody_fits(match)
        case Expected(funded=True):
            return open_choice(match, roster, now)
        case _:
            return _wait(match)


def escrow_funded(match: Match, roster: Roster, now: datetime) -> Decisions:
    match match.stage:
        case Expected() as stage:
            return together(Decision(replace(match, stage=replace(stage, funded=True))))
        case Waiting() if match.wish is not None:
            return end(match, MatchOutcome.CANCELLED, match.wish)
        case Waiting():
            return open_choice(match, roster, now)
        case Ended() | Withdrawn():
            return together(Decision(match))
        case _:
            raise match.misplaced("escrow.funded")


def cancel_wished(match: Match, reason: str, roster: Roster) -> Decisions:
    """Answer a wish to cancel at once where the match holds the engagement; remember it before that."""
    match match.stage:
        case Expected() | Waiting():
            return together(Decision(replace(match, wish=reason)))
        case Choosing():
            return end(match, MatchOutcome.CANCELLED, reason)
        case Offered():
            asked = roster.experts[match.last_offer.expert_id]
            closed = match.answered(Answer.WITHDRAWN, reason)
            return end(closed, MatchOutcome.CANCELLED, reason, freed=asked.release(match.id))
        case Accepted() | Ended() | Withdrawn():
            return together(Decision(match))


def escrow_lapsed(match: Match) -> Decisions:
    match match.stage:
        case Expected() as stage:
            return together(Decision(replace(match, stage=replace(stage, lapsed=True))))
        case Waiting():
            return withdraw(match)
        case Ended():
            return together(Decision(match))
        case _:
            raise match.misplaced("escrow.lapsed")


def called_at_choice(match: Match) -> tuple[UUID, ...]:
    """Name whom the opening of the choice may ask at once: nobody where the client chooses."""
    match match.stage:
        case Expected(funded=False):
            return ()
        case _:
            at_once = match.engagement is not None and match.engagement.choice is ChoicePolicy.AUTO
            return match.ladder if at_once else ()


# What follows ---------------------------------------------------------------------------------------------


def open_choice(match: Match, roster: Roster, now: datetime) -> Decisions:
    """Let the client choose, or ask the best candidate at once where the engagement says so."""
    if match.terms.choice is ChoicePolicy.AUTO:
        return offer_next(match, roster, now)
    choose_by = now + match.terms.choose_within
    choosing = replace(match, stage=Choosing(choose_by))
    return together(Decision(choosing, (MatchChoiceOpened(About.of(match), choose_by),)))


def withdraw(match: Match) -> Decisions:
    withdrawn = replace(match, stage=Withdrawn(), ladder=())
    return together(Decision(withdrawn, (MatchWithdrawn(About.of(match)),)))


def _wait(match: Match) -> Decisions:
    fact = MatchShortlisted(About.of(match), match.candidates, match.terms.fund_by)
    return together(Decision(replace(match, stage=Waiting()), (fact,)))


def _nobody_fits(match: Match) -> Decisions:
    assert match.shortlist is not None, "only a ranked match can have no candidates"
    return end(match, MatchOutcome.UNFILLED, match.shortlist.why_nobody())
