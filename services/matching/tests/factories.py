"""Vendors, experts, engagements and matches in every state, with readable defaults."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4, uuid5

from kpo_chassis.kernel import Decisions, PersonId, TenantId
from kpo_chassis.money import Money
from kpo_matching.domain import joining, offering
from kpo_matching.domain.abilities import Cefr, LanguageLevel, PracticeArea, SkillLevel
from kpo_matching.domain.challenge import Challenge
from kpo_matching.domain.client import ClientCopy
from kpo_matching.domain.engagement import ChoicePolicy, Engagement, Milestone, Overlap
from kpo_matching.domain.expert import Expert, ExpertProfile
from kpo_matching.domain.filters import WorkingDays
from kpo_matching.domain.match import Answer, Match, Offer
from kpo_matching.domain.offering import OfferReply
from kpo_matching.domain.panel import Panel
from kpo_matching.domain.ranking import Pool, rank
from kpo_matching.domain.roster import Roster
from kpo_matching.domain.shortlist import Shortlist
from kpo_matching.domain.vendor import Vendor, VendorProfile, VendorStatus

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

ENGAGEMENT_ID = UUID("0e000000-0000-4000-8000-000000000001")
CLIENT_ID = UUID("0c000000-0000-4000-8000-000000000001")
VENDOR_ID = UUID("0d000000-0000-4000-8000-000000000001")
MATCH_ID = Match.id_of(ENGAGEMENT_ID)
CHALLENGE_ID = uuid5(ENGAGEMENT_ID, "challenge")

PYTHON = "http://data.europa.eu/esco/skill/ccd0a1d9-afda-43d9-b901-96344886e14d"
JAVA = "http://data.europa.eu/esco/skill/19a8293b-8e95-4de3-983f-77484079c389"
CONTRACT_LAW = "http://data.europa.eu/esco/skill/5c606d18-6404-4047-b235-350f18e11827"

CLIENT = ClientCopy(CLIENT_ID, "Northwind", "DE")

OFFSETS_MINUTES = {"UTC": 0, "Europe/Berlin": 60, "Asia/Kolkata": 330, "Pacific/Auckland": 780}
DAYS = WorkingDays(lambda zone, _: OFFSETS_MINUTES[zone], NOW)


def a_person_id(number: int = 1) -> UUID:
    return UUID(f"0a000000-0000-4000-8000-{number:012d}")


def an_expert_id(number: int = 1) -> UUID:
    return Expert.id_of(a_person_id(number))


def a_vendor(
    vendor_id: UUID = VENDOR_ID,
    *,
    currencies: tuple[str, ...] = ("EUR", "USD"),
    status: VendorStatus = VendorStatus.ACTIVE,
) -> Vendor:
    return Vendor(vendor_id, VendorProfile("Lumen Labs", "PT", currencies), status)


def a_profile(
    *,
    skills: tuple[SkillLevel, ...] = (SkillLevel(PYTHON, 4),),
    languages: tuple[LanguageLevel, ...] = (LanguageLevel("en", Cefr.C1),),
    practice_areas: tuple[PracticeArea, ...] = (PracticeArea.SOFTWARE,),
    jurisdictions: tuple[str, ...] = ("PT",),
    time_zone: str = "Europe/Berlin",
    weekly_hours: int = 40,
    day_rate: Money = Money(60_000, "EUR"),  # noqa: B008 - Money is frozen.
    employers: tuple[UUID, ...] = (),
    relations: tuple[UUID, ...] = (),
    country: str = "PT",
) -> ExpertProfile:
    return ExpertProfile(
        name="Ana Sample",
        country=country,
        jurisdictions=jurisdictions,
        time_zone=time_zone,
        weekly_hours=weekly_hours,
        day_rate=day_rate,
        practice_areas=practice_areas,
        skills=skills,
        languages=languages,
        employers=employers,
        relations=relations,
    )


def an_expert(
    number: int = 1, *, vendor_id: UUID = VENDOR_ID, profile: ExpertProfile | None = None
) -> Expert:
    return Expert(an_expert_id(number), a_person_id(number), vendor_id, profile or a_profile())


BEST = an_expert(1, profile=a_profile(skills=(SkillLevel(PYTHON, 5),)))
SECOND = an_expert(2, vendor_id=uuid4(), profile=a_profile(skills=(SkillLevel(PYTHON, 4),)))
THIRD = an_expert(3, vendor_id=uuid4(), profile=a_profile(skills=(SkillLevel(PYTHON, 3),)))
ALL = (BEST, SECOND, THIRD)
"""Three experts of three vendors, in the order in which they are ranked."""


def an_engagement(
    *,
    practice_area: PracticeArea = PracticeArea.SOFTWARE,
    required_skills: tuple[SkillLevel, ...] = (SkillLevel(PYTHON, 3),),
    wished_skills: tuple[SkillLevel, ...] = (),
    languages: tuple[LanguageLevel, ...] = (LanguageLevel("en", Cefr.B2),),
    jurisdictions: tuple[str, ...] = (),
    overlap: Overlap | None = None,
    hours_per_week: int = 20,
    choice: ChoicePolicy = ChoicePolicy.CLIENT,
    preferred_expert: UUID | None = None,
) -> Engagement:
    return Engagement(
        title="Rebuild the ingest pipeline",
        practice_area=practice_area,
        brief="Readings arrive late and twice.",
        required_skills=required_skills,
        wished_skills=wished_skills,
        languages=languages,
        jurisdictions=jurisdictions,
        overlap=overlap,
        hours_per_week=hours_per_week,
        budget=Money(1_200_000, "EUR"),
        milestones=(Milestone(1, "All of it", Money(1_200_000, "EUR"), timedelta(days=30)),),
        fund_by=NOW + 7 * DAY,
        choose_within=3 * DAY,
        offer_valid_for=2 * DAY,
        review_within=9 * DAY,
        rework_within=7 * DAY,
        choice=choice,
        confidential=False,
        preferred_expert=preferred_expert,
    )


def a_challenge(
    *,
    required_skills: tuple[SkillLevel, ...] = (SkillLevel(PYTHON, 3),),
    wished_skills: tuple[SkillLevel, ...] = (),
    purse: Money = Money(15_000_000, "USD"),  # noqa: B008 - Money is frozen.
    judges: int = 1,
    invitations: int = 10,
    excluded_countries: tuple[str, ...] = (),
) -> Challenge:
    return Challenge(
        id=CHALLENGE_ID,
        engagement_id=ENGAGEMENT_ID,
        client_id=CLIENT_ID,
        title="Where are the next six million ounces?",
        practice_area=PracticeArea.SOFTWARE,
        required_skills=required_skills,
        wished_skills=wished_skills,
        languages=(LanguageLevel("en", Cefr.B2),),
        purse=purse,
        judges=judges,
        invitations=invitations,
        excluded_countries=excluded_countries,
        submissions_close_at=NOW + 60 * DAY,
    )


def a_pool(*experts: Expert, vendors: Iterable[Vendor] = ()) -> Pool:
    """Bring experts together, each with an active vendor unless `vendors` says otherwise."""
    return Pool(experts, a_roster(*experts, vendors=vendors).vendors)


def an_expected_panel() -> Panel:
    return Panel.expected(CHALLENGE_ID, ENGAGEMENT_ID, CLIENT_ID)


def a_roster(*experts: Expert, vendors: Iterable[Vendor] = (), client: ClientCopy | None = CLIENT) -> Roster:
    """Bring experts together, each with an active vendor unless `vendors` says otherwise."""
    by_id = {expert.vendor_id: a_vendor(expert.vendor_id) for expert in experts}
    by_id |= {vendor.id: vendor for vendor in vendors}
    return Roster({expert.id: expert for expert in experts}, by_id, client)


def a_ranking(engagement: Engagement, *experts: Expert, client: ClientCopy | None = CLIENT) -> Shortlist:
    roster = a_roster(*experts)
    return rank(engagement, Pool(experts, roster.vendors), client, DAYS)


def an_expected_match() -> Match:
    return Match.expected(ENGAGEMENT_ID, CLIENT_ID)


def a_waiting_match(*experts: Expert, engagement: Engagement | None = None) -> Match:
    """Rank these experts (one good one, unless given) for an engagement that is not funded yet."""
    experts = experts or (an_expert(),)
    engagement = engagement or an_engagement()
    filed = joining.engagement_submitted(an_expected_match(), engagement, a_ranking(engagement, *experts))
    return the_match(joining.settle(filed, a_roster(*experts), NOW))


def a_choosing_match(*experts: Expert, engagement: Engagement | None = None) -> Match:
    experts = experts or (an_expert(),)
    waiting = a_waiting_match(*experts, engagement=engagement)
    return the_match(joining.escrow_funded(waiting, a_roster(*experts), NOW))


def an_offered_match(*experts: Expert, engagement: Engagement | None = None) -> Match:
    """Have the first candidate of the ranking hold an offer made at NOW."""
    experts = experts or (an_expert(),)
    choosing = a_choosing_match(*experts, engagement=engagement)
    return the_match(offering.deadline_passed(choosing, a_roster(*experts), NOW))


def an_accepted_match(*experts: Expert) -> Match:
    experts = experts or (an_expert(),)
    offered = an_offered_match(*experts)
    return the_match(offering.accept(offered, a_reply(offered), a_roster(*reserving(offered, experts)), NOW))


def a_match_that_went_on(answer: Answer) -> Match:
    """Have BEST leave the first offer with this answer, and SECOND hold the next."""
    experts = (BEST, SECOND)
    offered = an_offered_match(*experts)
    roster = a_roster(*reserving(offered, experts))
    if answer is Answer.EXPIRED:
        return the_match(offering.deadline_passed(offered, roster, offered.last_offer.expires_at))
    return the_match(offering.decline(offered, a_reply(offered), "Busy.", roster, NOW))


def an_ended_match() -> Match:
    return the_match(joining.cancel_wished(a_choosing_match(), "Budget cut.", a_roster()))


def a_withdrawn_match() -> Match:
    return the_match(joining.escrow_lapsed(a_waiting_match()))


def a_match_in(status: str) -> Match:
    """Give a match in a state, by its name."""
    made = {
        "expected": an_expected_match,
        "waiting": a_waiting_match,
        "choosing": a_choosing_match,
        "offered": an_offered_match,
        "accepted": an_accepted_match,
        "ended": an_ended_match,
        "withdrawn": a_withdrawn_match,
    }
    return made[status]()


def reserving(match: Match, experts: Iterable[Expert]) -> tuple[Expert, ...]:
    """Let the expert of the open offer hold its hours, as the offer's own change made them."""
    asked = match.last_offer.expert_id
    hours = match.terms.hours_per_week
    return tuple(e.reserve(match.id, hours) if e.id == asked else e for e in experts)


def a_reply(match: Match, *, number: int | None = None) -> OfferReply:
    """Answer the last offer as the expert it asks."""
    return reply_to(match.last_offer, number=number)


def reply_to(offer: Offer, *, number: int | None = None) -> OfferReply:
    return OfferReply(number or offer.number, PersonId(offer.person_id), TenantId(offer.vendor_id))


def with_wish(match: Match, reason: str = "Budget cut.") -> Match:
    return replace(match, wish=reason)


def the_match(decisions: Decisions) -> Match:
    state = decisions.decisions[0].state
    assert isinstance(state, Match)
    return state


def the_facts(decisions: Decisions) -> tuple[object, ...]:
    return decisions.decisions[0].facts


def the_experts(decisions: Decisions) -> tuple[Expert, ...]:
    return tuple(d.state for d in decisions.decisions if isinstance(d.state, Expert))
