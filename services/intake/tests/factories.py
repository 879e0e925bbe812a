"""Clients, briefs and engagements with readable defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypedDict
from uuid import UUID

import httpx2
from pydantic import JsonValue

from kpo_chassis.kernel import TenantId
from kpo_chassis.money import Money
from kpo_chassis.testing.service import MemoryService
from kpo_events import billing, challenges, matching
from kpo_events import money as wire
from kpo_events.payload import WaitingOn
from kpo_intake.domain.assignment import AssignmentPlan, Choice, Milestone, Overlap, Pace
from kpo_intake.domain.brief import Brief, Cefr, LanguageNeed, Needs, Plan, PracticeArea, SkillNeed
from kpo_intake.domain.challenge import ChallengePlan, Criterion, Dataset, Licence, Round
from kpo_intake.domain.client import Client
from kpo_intake.domain.engagement import Engagement, Filing, Outcome, submit
from kpo_intake.domain.limits import Limits
from kpo_intake.settings import IntakeSettings
from kpo_intake.wiring import blueprint

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

CLIENT_ID = TenantId(UUID("0c000000-0000-4000-8000-000000000001"))
OTHER_CLIENT_ID = TenantId(UUID("0c000000-0000-4000-8000-000000000002"))
OPERATOR_ID = TenantId(UUID("00000000-0000-4000-8000-000000000001"))
ESCROW_ID = UUID("0b000000-0000-4000-8000-000000000001")
MATCH_ID = UUID("0a000000-0000-4000-8000-000000000001")
ENGAGEMENT_ID = UUID("0e000000-0000-4000-8000-000000000001")
DATASET_ID = UUID("0d000000-0000-4000-8000-000000000001")
CHALLENGE_ID = UUID("0f000000-0000-4000-8000-000000000001")
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
BUDGET = Money(1_250_000, "EUR")
SKILL = "http://data.europa.eu/esco/skill/ccd0a1d9-afda-43d9-b901-96344886e14d"


def written(money: Money) -> str:
    return f"{money.minor / 100:.2f} {money.currency}"


LIMITS = Limits(
    duration_min=HOUR,
    skills=frozenset({SKILL}),
    languages=frozenset({"fr"}),
    countries=frozenset({"DE", "KP"}),
    time_zones=frozenset({"Europe/Berlin"}),
    written=written,
)


def a_client(key: TenantId = CLIENT_ID, *, name: str = "Kanzlei Müller") -> Client:
    return Client(key, name, "DE", "EUR")


def some_needs(
    *,
    required_skills: tuple[SkillNeed, ...] = (SkillNeed(SKILL, 4),),
    wished_skills: tuple[SkillNeed, ...] = (),
    languages: tuple[LanguageNeed, ...] = (LanguageNeed("fr", Cefr.C1),),
) -> Needs:
    return Needs(required_skills, wished_skills, languages)


def a_milestone(
    number: int = 1, *, minor: int = 1_250_000, currency: str = "EUR", due_within: timedelta = 14 * DAY
) -> Milestone:
    return Milestone(number, f"Part {number}", Money(minor, currency), due_within)


def an_assignment(
    *milestones: Milestone, review_within: timedelta = 5 * DAY, time_zone: str = "Europe/Berlin"
) -> AssignmentPlan:
    return AssignmentPlan(
        jurisdictions=("DE",),
        overlap=Overlap(time_zone, 4),
        hours_per_week=30,
        preferred_expert=None,
        milestones=milestones or (a_milestone(),),
        pace=Pace(3 * DAY, 2 * DAY, review_within, 7 * DAY),
        choice=Choice.CLIENT,
    )


def a_round(
    number: int = 1, *, picks: int = 3, prizes: tuple[Money, ...] = (), judge_within: timedelta = 14 * DAY
) -> Round:
    return Round(number, picks, prizes, judge_within)


def a_challenge(
    *rounds: Round,
    open_for: timedelta = 60 * DAY,
    licence: str = "You may use the data for this challenge, and for nothing else.",
    datasets: tuple[Dataset, ...] = (Dataset(DATASET_ID, DIGEST),),
    criteria: tuple[Criterion, ...] = (Criterion("Reasoning", 60), Criterion("Evidence", 40)),
    excluded_countries: tuple[str, ...] = ("KP",),
) -> ChallengePlan:
    return ChallengePlan(
        open_for=open_for,
        datasets=datasets,
        licence=Licence("2026-1", licence),
        criteria=criteria,
        rounds=rounds or (a_round(prizes=(BUDGET,)),),
        judges=5,
        invitations=100,
        excluded_countries=excluded_countries,
    )


def a_brief(
    plan: Plan | None = None,
    *,
    text: str = "Make 40,000 scanned judgments searchable.",
    needs: Needs | None = None,
    budget: Money = BUDGET,
    fund_by: datetime = NOW + 7 * DAY,
    confidential: bool = False,
    follows: UUID | None = None,
) -> Brief:
    return Brief(
        title="Search our own judgments",
        practice_area=PracticeArea.SOFTWARE,
        text=text,
        needs=needs or some_needs(),
        budget=budget,
        fund_by=fund_by,
        plan=plan or an_assignment(),
        confidential=confidential,
        follows=follows,
    )


def a_filing(brief: Brief | None = None, *, engagement_id: UUID = ENGAGEMENT_ID) -> Filing:
    return Filing(engagement_id, CLIENT_ID, brief or a_brief())


def an_engagement(brief: Brief | None = None, *, client_id: TenantId = CLIENT_ID) -> Engagement:
    filed = submit(a_filing(brief), a_client(), None, LIMITS, NOW).state
    return replace(filed, client_id=client_id)


def cancelling(engagement: Engagement | None = None) -> Engagement:
    return (engagement or an_engagement()).cancel("Our plans changed.").state


def closed(engagement: Engagement | None = None, *, outcome: Outcome = Outcome.COMPLETED) -> Engagement:
    return (engagement or an_engagement()).close(outcome, NOW + 30 * DAY).state


# Doors ----------------------------------------------------------------------------------------------------


def some_settings() -> IntakeSettings:
    return IntakeSettings(
        mongo_url="mongodb://127.0.0.1/",
        mongo_database="intake",
        kafka_bootstrap="127.0.0.1:9092",
        auth_issuer="https://issuer.test",
        auth_audience="kpo",
        auth_jwks="keys.json",
        cursor_key="a key that only tests sign with",
    )


BLUEPRINT = blueprint(some_settings())
"""One for all tests: the routes of a blueprint are made only once."""


def a_request(**said: JsonValue) -> dict[str, JsonValue]:
    """Write the body of a filing; what is said replaces the default."""
    return {
        "title": "Search our own judgments",
        "practice_area": "software",
        "mode": "assignment",
        "brief": "Make 40,000 scanned judgments searchable.",
        "required_skills": [{"skill": SKILL, "level": 4}],
        "languages": [{"language": "fr", "level": "C1"}],
        "jurisdictions": ["DE"],
        "overlap": {"time_zone": "Europe/Berlin", "hours": 4},
        "hours_per_week": 30,
        "budget": {"amount": "12500.00", "currency": "EUR"},
        "milestones": [
            {
                "title": "Search prototype",
                "amount": {"amount": "4000.00", "currency": "EUR"},
                "due_within": "P14D",
            },
            {
                "title": "Search in service",
                "amount": {"amount": "8500.00", "currency": "EUR"},
                "due_within": "P42D",
            },
        ],
        "fund_by": "2026-03-09T09:30:00Z",
        **said,
    }


def a_call(**said: JsonValue) -> dict[str, JsonValue]:
    """Write the body of a filed challenge; what is said replaces the default."""
    return {
        "title": "The next six million ounces",
        "practice_area": "research_and_development",
        "mode": "challenge",
        "brief": "Where on our property are the next six million ounces of gold?",
        "required_skills": [{"skill": SKILL, "level": 2}],
        "budget": dollars("575000.00"),
        "open_for": "P60D",
        "datasets": [{"dataset_id": str(DATASET_ID), "sha256": DIGEST}],
        "licence": {"version": "2026-1", "text": "You may use the data for this challenge."},
        "criteria": [{"name": "Reasoning", "weight": 60}, {"name": "Evidence", "weight": 40}],
        "rounds": [
            {"picks": 23, "prizes": [dollars("10000.00")] * 23, "judge_within": "P21D"},
            {
                "picks": 3,
                "prizes": [dollars("150000.00"), dollars("75000.00"), dollars("45000.00")],
                "judge_within": "P14D",
            },
        ],
        "judges": 5,
        "invitations": 100,
        "excluded_countries": ["KP"],
        "fund_by": "2026-03-09T09:30:00Z",
        **said,
    }


def dollars(amount: str) -> JsonValue:
    return {"amount": amount, "currency": "USD"}


@dataclass
class Desk:
    """A service, and what the operator and a client do there over HTTP."""

    service: MemoryService

    async def register(self, key: TenantId = CLIENT_ID, **said: JsonValue) -> httpx2.Response:
        body: dict[str, JsonValue] = {
            "client_id": str(key),
            "name": "Kanzlei Müller",
            "country": "DE",
            "currency": "EUR",
        }
        scopes = ("operator", "clients:write")
        headers = self.service.token(tenant=OPERATOR_ID, scopes=scopes)
        return await self._post("/v1/clients", body | said, headers)

    async def file(
        self,
        request: Mapping[str, JsonValue] | None = None,
        *,
        by: TenantId = CLIENT_ID,
        idempotency_key: str | None = None,
    ) -> httpx2.Response:
        repeated = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return await self._post("/v1/engagements", request or a_request(), self.as_client(by) | repeated)

    async def filed(self, request: Mapping[str, JsonValue] | None = None) -> UUID:
        """File an engagement and give its id."""
        return UUID((await self.file(request)).json()["id"])

    async def get(self, path: str, *, by: TenantId = CLIENT_ID) -> httpx2.Response:
        return await self.service.http.get(path, headers=self.as_client(by))

    async def cancel(self, engagement_id: UUID, *, etag: str = '"1"') -> httpx2.Response:
        body: dict[str, JsonValue] = {"reason": "Our plans changed."}
        path = f"/v1/engagements/{engagement_id}/cancel"
        return await self._post(path, body, self.as_client() | {"If-Match": etag})

    async def _post(
        self, path: str, body: Mapping[str, JsonValue], headers: dict[str, str]
    ) -> httpx2.Response:
        """Send a command, and wait until what it announces has come back."""
        answer = await self.service.http.post(path, json=body, headers=headers)
        await self.service.settle()
        return answer

    def as_client(self, tenant: TenantId = CLIENT_ID) -> dict[str, str]:
        scopes = ("engagements:read", "engagements:write", "clients:read")
        return self.service.token(tenant=tenant, scopes=scopes)


class About(TypedDict):
    """What every event about an engagement says first."""

    engagement_id: UUID
    client_id: UUID


def about(engagement_id: UUID) -> About:
    return About(engagement_id=engagement_id, client_id=CLIENT_ID)


def an_escrow_opened(engagement_id: UUID) -> billing.EscrowOpenedV1:
    return billing.EscrowOpenedV1(
        **about(engagement_id),
        waiting_on=WaitingOn(party="client_finance", until=NOW + 7 * DAY),
        escrow_id=ESCROW_ID,
        mode="assignment",
        amount=wire.Money.of(1_250_000, "EUR"),
        fund_by=NOW + 7 * DAY,
        payment_reference="KPO-1",
        fee_basis_points=1_000,
    )


def an_escrow_funded(engagement_id: UUID) -> billing.EscrowFundedV1:
    return billing.EscrowFundedV1(
        **about(engagement_id),
        waiting_on=None,
        escrow_id=ESCROW_ID,
        mode="assignment",
        funded=wire.Money.of(1_250_000, "EUR"),
    )


def an_escrow_settled(engagement_id: UUID, *, outcome: str = "completed") -> billing.EscrowSettledV1:
    nothing = wire.Money.of(0, "EUR")
    return billing.EscrowSettledV1(
        **about(engagement_id),
        waiting_on=None,
        escrow_id=ESCROW_ID,
        mode="assignment",
        outcome=outcome,
        funded=nothing,
        released=nothing,
        fees=nothing,
        refunded=nothing,
    )


def an_escrow_lapsed(engagement_id: UUID, *, outcome: str = "lapsed") -> billing.EscrowLapsedV1:
    return billing.EscrowLapsedV1(**dict(an_escrow_settled(engagement_id, outcome=outcome)))


def an_offer(engagement_id: UUID) -> matching.MatchOfferedV1:
    return matching.MatchOfferedV1(
        **about(engagement_id),
        waiting_on=WaitingOn(party="vendor", until=NOW + 2 * DAY),
        match_id=MATCH_ID,
        offer_number=1,
        expert_id=MATCH_ID,
        vendor_id=MATCH_ID,
        expires_at=NOW + 2 * DAY,
    )


def a_release(engagement_id: UUID) -> billing.EscrowReleasedV1:
    net, fee = wire.Money.of(360_000, "EUR"), wire.Money.of(40_000, "EUR")
    return billing.EscrowReleasedV1(
        **about(engagement_id),
        escrow_id=ESCROW_ID,
        mode="assignment",
        vendor_id=MATCH_ID,
        milestone=1,
        gross=wire.Money.of(400_000, "EUR"),
        fee=fee,
        net=net,
    )


def a_payout(engagement_id: UUID | None) -> billing.PayoutRequestedV1:
    return billing.PayoutRequestedV1(
        payout_id=ESCROW_ID,
        payee_kind="client",
        payee_id=CLIENT_ID,
        amount=wire.Money.of(1, "EUR"),
        engagement_id=engagement_id,
    )


def a_cancel_refused(engagement_id: UUID) -> challenges.ChallengeCancelRefusedV1:
    return challenges.ChallengeCancelRefusedV1(
        **about(engagement_id),
        waiting_on=WaitingOn(party="entrants", until=NOW + 60 * DAY),
        challenge_id=CHALLENGE_ID,
        reason="People have submitted already.",
    )


def an_entry(engagement_id: UUID, number: int) -> challenges.EntryEnteredV1:
    person = UUID(int=number)
    return challenges.EntryEnteredV1(
        **about(engagement_id),
        entry_id=person,
        challenge_id=CHALLENGE_ID,
        expert_id=person,
        person_id=person,
        vendor_id=MATCH_ID,
        licence_version="2026-1",
        country="AU",
    )
