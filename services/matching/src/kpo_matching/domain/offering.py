"""How an offer is made and answered: by the client's choice, the expert's word, or the clock."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from kpo_chassis.kernel import Decision, Decisions, PersonId, TenantId, together
from kpo_matching.domain.errors import (
    ConflictOfInterestError,
    ExpertSuspendedError,
    NotACandidateError,
    NotChoosingError,
    OfferClosedError,
    OfferExpiredError,
    OfferNotFoundError,
    OfferNotYoursError,
)
from kpo_matching.domain.expert import Expert, WorkOutcome
from kpo_matching.domain.facts import About, MatchAccepted, MatchDeclined, MatchOfferExpired
from kpo_matching.domain.ladder import ladder_from, offer_next
from kpo_matching.domain.match import (
    Accepted,
    Answer,
    Choosing,
    Expected,
    Match,
    Offer,
    Offered,
    Waiting,
)
from kpo_matching.domain.roster import Roster


@dataclass(frozen=True, slots=True)
class OfferReply:
    """Who answers which offer: the expert's own person, or staff of the expert's vendor."""

    number: int
    person: PersonId
    tenant: TenantId

    def may_answer(self, offer: Offer) -> bool:
        return self.person == offer.person_id or self.tenant == offer.vendor_id

    def may_see(self, match: Match, offer: Offer) -> bool:
        """Say whether the offer exists for this tenant; a vendor of another offer must not learn of it."""
        return self.tenant not in match.parties or self.tenant in {match.client_id, offer.vendor_id}


def choose(match: Match, expert_id: UUID, roster: Roster, now: datetime) -> Decisions:
    """Offer to the chosen candidate, then by rank."""
    if not isinstance(match.stage, Choosing):
        raise NotChoosingError(_instead_of_choosing(match), allowed=match.allowed)
    if expert_id not in match.ladder:
        candidates = "choose the expert_id of one of the match's candidates"
        raise NotACandidateError(f"{expert_id} is not on the shortlist; {candidates}.", pointer="/expert_id")
    return offer_next(replace(match, ladder=ladder_from(match, expert_id)), roster, now)


def deadline_passed(match: Match, roster: Roster, now: datetime) -> Decisions:
    """Let the clock act: it chooses rank 1 for the client, or takes an unanswered offer back."""
    match match.stage:
        case Choosing():
            return offer_next(match, roster, now)
        case Offered():
            fact = MatchOfferExpired(About.of(match), match.last_offer)
            freed = _asked(match, roster).release(match.id)
            return offer_next(match.answered(Answer.EXPIRED), roster, now, (fact,), freed)
        case _:
            return together(Decision(match))


def decline(match: Match, reply: OfferReply, reason: str, roster: Roster, now: datetime) -> Decisions:
    """Note the no, give the hours back, and ask the next candidate."""
    offer = _open_offer(match, reply)
    fact = MatchDeclined(About.of(match), offer, reason)
    freed = _asked(match, roster).release(match.id)
    return offer_next(match.answered(Answer.DECLINED, reason), roster, now, (fact,), freed)


def accept(match: Match, reply: OfferReply, roster: Roster, now: datetime) -> Decisions:
    """Hand the engagement over to delivery; a refusal leaves the offer to its clock."""
    offer = _open_offer(match, reply)
    expert = _asked(match, roster)
    if now >= offer.expires_at:
        raise OfferExpiredError("This offer has expired; it cannot be accepted any more.")
    if not roster.has_no_conflict(expert):
        raise ConflictOfInterestError("A conflict of interest with the client cannot be ruled out.")
    prospect = roster.prospect(expert.id)
    if prospect is None or not prospect.may_work:
        raise ExpertSuspendedError("The expert or the vendor is suspended and gets no new work.")
    accepted = replace(match.answered(Answer.ACCEPTED), stage=Accepted(now), ladder=())
    fact = MatchAccepted(About.of(match), accepted.last_offer, match.terms)
    return together(Decision(accepted, (fact,)), Decision(_bound(match, expert)))


def work_ended(match: Match, outcome: WorkOutcome, roster: Roster) -> Decisions:
    """Give the expert's hours back and remember how it went; the match itself stays accepted."""
    match match.stage:
        case Expected():
            return together(Decision(replace(match, work_outcome=outcome)))
        case Accepted() if match.work_outcome is not None:
            return together(Decision(match))
        case Accepted():
            expert = _asked(match, roster).finish(match.id, match.terms.practice_area, outcome)
            return together(Decision(replace(match, work_outcome=outcome)), Decision(expert))
        case _:
            raise match.misplaced(f"workorder.{outcome}")


def _instead_of_choosing(match: Match) -> str:
    """Say what to do where nobody can be chosen now."""
    match match.stage:
        case Expected() | Waiting():
            return "A candidate can be chosen once the escrow is funded; fund it first."
        case Offered():
            return "A candidate is asked already; wait for the answer."
        case _:
            return f"This match is {match.status}; nobody can be chosen in it any more."


def _bound(match: Match, expert: Expert) -> Expert:
    """Keep the hours for the contract, unless the end of its work order is known already."""
    if match.work_outcome is None:
        return expert.contract(match.id)
    return expert.finish(match.id, match.terms.practice_area, match.work_outcome)


def _open_offer(match: Match, reply: OfferReply) -> Offer:
    offer = next((offer for offer in match.offers if offer.number == reply.number), None)
    if offer is None or not reply.may_see(match, offer):
        if not isinstance(match.stage, Offered):
            raise OfferClosedError("No offer of this match is open.", allowed=match.allowed)
        raise OfferNotFoundError(f"There is no offer {reply.number} in match {match.id}.")
    if not reply.may_answer(offer):
        raise OfferNotYoursError("Only the expert, or staff of the expert's vendor, answers this offer.")
    if offer.answer is not Answer.OPEN:
        raise OfferClosedError(f"This offer is closed: {offer.answer}.")
    return offer


def _asked(match: Match, roster: Roster) -> Expert:
    return roster.experts[match.last_offer.expert_id]
