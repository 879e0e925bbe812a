"""The invented market: always the same, all of it acceptable to matching, and good enough for the demo."""

from collections import Counter
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from kpo_cli.population import (
    CORE_SKILLS,
    EVIDENCE_REVIEW_SKILLS,
    EXPERTS,
    VENDORS,
    Population,
    expert_body,
    generate,
    vendor_body,
)
from kpo_cli.story.vocabulary import a_brief
from kpo_events.intake import EngagementSubmittedV1
from kpo_matching.adapters.references import load_references
from kpo_matching.domain.abilities import PracticeArea
from kpo_matching.domain.client import ClientCopy
from kpo_matching.domain.expert import Expert
from kpo_matching.domain.filters import WorkingDays
from kpo_matching.domain.ranking import Pool, rank
from kpo_matching.domain.shortlist import Shortlist
from kpo_matching.domain.vendor import Vendor
from kpo_matching.entrypoints.bodies import OnboardVendorBody, RegisterExpertBody
from kpo_matching.wire import shortlist_candidates

COUNTRIES_MIN = 40
CANDIDATES_MIN = 3
WINTER = datetime(2026, 1, 15, 12, tzinfo=UTC)
SUMMER = datetime(2026, 7, 15, 12, tzinfo=UTC)
CLIENT = ClientCopy(UUID("0c000000-0000-4000-8000-000000000001"), "Hartslag Medical B.V.", "NL")


@pytest.fixture(scope="module")
def population() -> Population:
    return generate()


def the_pool(population: Population) -> Pool:
    """Read the requests as matching's door does."""
    onboarded = [OnboardVendorBody.model_validate(vendor_body(vendor)) for vendor in population.vendors]
    registered = [RegisterExpertBody.model_validate(expert_body(expert)) for expert in population.experts]
    experts = [
        Expert(Expert.id_of(body.person_id), body.person_id, body.vendor_id, body.profile)
        for body in registered
    ]
    return Pool(experts, {body.vendor_id: Vendor(body.vendor_id, body.profile) for body in onboarded})


def the_evidence_review(population: Population, at: datetime) -> Shortlist:
    """Rank the market for the brief of the demo's story."""
    brief = a_brief(required_skills=EVIDENCE_REVIEW_SKILLS)
    plans = brief["milestones"]
    assert isinstance(plans, list)
    numbered = [{"number": number, **plan} for number, plan in enumerate(plans, 1) if isinstance(plan, dict)]
    ids = {"engagement_id": uuid4(), "client_id": CLIENT.id, "waiting_on": None}
    told = EngagementSubmittedV1.model_validate(
        {**brief, **ids, "assignment": {**brief, "milestones": numbered}}
    )
    days = WorkingDays(load_references().offsets, at)
    return rank(shortlist_candidates(told).engagement, the_pool(population), CLIENT, days)


def test_the_market_has_its_size(population: Population) -> None:
    assert (len(population.vendors), len(population.experts)) == (VENDORS, EXPERTS)
    assert len({vendor.id for vendor in population.vendors}) == VENDORS
    assert len({vendor.name for vendor in population.vendors}) == VENDORS
    assert len({expert.person_id for expert in population.experts}) == EXPERTS


def test_the_experts_live_in_many_countries(population: Population) -> None:
    assert len({expert.country for expert in population.experts}) >= COUNTRIES_MIN


def test_every_vendor_offers_somebody(population: Population) -> None:
    assert {expert.vendor_id for expert in population.experts} == {vendor.id for vendor in population.vendors}


def test_the_same_seed_gives_the_same_market(population: Population) -> None:
    assert generate() == population


def test_another_seed_gives_another_market(population: Population) -> None:
    assert generate(seed=1) != population


def test_matching_takes_every_vendor_and_expert(population: Population) -> None:
    references = load_references()
    pool = the_pool(population)

    for vendor in pool.vendors.values():
        references.check_country(vendor.profile.country)
    for expert in pool.experts:
        references.check(expert.profile)


def test_every_practice_area_has_experts_and_core_skills(population: Population) -> None:
    counted = Counter(area for expert in population.experts for area in expert.practice_areas)

    assert set(counted) == set(CORE_SKILLS) == set(PracticeArea)
    assert min(counted.values()) >= EXPERTS // len(PracticeArea) // 2


@pytest.mark.parametrize("at", [WINTER, SUMMER])
def test_enough_experts_can_do_the_evidence_review(population: Population, at: datetime) -> None:
    shortlist = the_evidence_review(population, at)

    assert len(shortlist.candidates) >= CANDIDATES_MIN
    assert len({candidate.vendor_id for candidate in shortlist.candidates}) >= CANDIDATES_MIN
