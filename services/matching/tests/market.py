"""What clients, vendors, experts and the other services do to matching, in the words of its tests."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar
from uuid import UUID, uuid4

import httpx2

from kpo_chassis.testing.service import MemoryService
from kpo_events.billing import EscrowFundedV1, EscrowLapsedV1
from kpo_events.challenges import (
    Award,
    ChallengeAwardedV1,
    ChallengeCancelledV1,
    ChallengeOpenedV1,
    ChallengePayload,
    ChallengeVoidedV1,
)
from kpo_events.delivery import WorkOrderCancelledV1, WorkOrderCompletedV1
from kpo_events.intake import (
    AssignmentPlan,
    ClientRegisteredV1,
    EngagementCancellationRequestedV1,
    EngagementSubmittedV1,
    LanguageNeed,
    MilestonePlan,
    RoundPlan,
    SkillNeed,
)
from kpo_events.money import Money
from kpo_events.payload import Payload
from kpo_matching.adapters.vendors import vendors
from kpo_matching.domain.expert import Expert
from kpo_matching.domain.match import Match, MatchStatus

from .factories import (
    CHALLENGE_ID,
    CLIENT_ID,
    DAY,
    ENGAGEMENT_ID,
    MATCH_ID,
    NOW,
    PYTHON,
    VENDOR_ID,
    a_person_id,
    a_vendor,
    an_expert_id,
)

P = TypeVar("P", bound=Payload)

Json = dict[str, object]
BUDGET = Money.of(1_200_000, "EUR")


def a_vendor_body(vendor_id: UUID = VENDOR_ID, **said: object) -> Json:
    return {
        "vendor_id": str(vendor_id),
        "name": "Lumen Labs",
        "country": "PT",
        "currencies": ["EUR", "USD"],
    } | said


def a_profile_body(**said: object) -> Json:
    return {
        "name": "Ana Sample",
        "country": "PT",
        "jurisdictions": ["PT"],
        "time_zone": "Europe/Lisbon",
        "weekly_hours": 40,
        "day_rate": {"amount": "600.00", "currency": "EUR"},
        "practice_areas": ["software"],
        "skills": [{"skill": PYTHON, "level": 4}],
        "languages": [{"language": "en", "level": "C1"}],
    } | said


def an_expert_body(number: int = 1, *, vendor_id: UUID = VENDOR_ID, **said: object) -> Json:
    ids = {"vendor_id": str(vendor_id), "person_id": str(a_person_id(number))}
    return ids | a_profile_body(**said)


def an_engagement_submitted(
    engagement_id: UUID = ENGAGEMENT_ID,
    *,
    mode: str = "assignment",
    choice: str = "client",
    hours: int = 20,
    preferred: UUID | None = None,
) -> EngagementSubmittedV1:
    return EngagementSubmittedV1(
        engagement_id=engagement_id,
        client_id=CLIENT_ID,
        waiting_on=None,
        title="Rebuild the ingest pipeline",
        practice_area="software",
        mode=mode,
        brief="Readings arrive late and twice.",
        required_skills=(SkillNeed(skill=PYTHON, level=3),),
        languages=(LanguageNeed(language="en", level="B2"),),
        budget=BUDGET,
        fund_by=NOW + 7 * DAY,
        assignment=AssignmentPlan(
            hours_per_week=hours,
            milestones=(MilestonePlan(number=1, title="All of it", amount=BUDGET, due_within=30 * DAY),),
            choose_within=3 * DAY,
            offer_valid_for=2 * DAY,
            review_within=9 * DAY,
            rework_within=7 * DAY,
            choice=choice,
            preferred_expert=preferred,
        ),
    )


def a_challenge_opened(
    challenge_id: UUID = CHALLENGE_ID, *, judges: int = 1, invitations: int = 10
) -> ChallengeOpenedV1:
    prize = Money.of(10_500_000, "USD")
    return ChallengeOpenedV1(
        engagement_id=ENGAGEMENT_ID,
        client_id=CLIENT_ID,
        waiting_on=None,
        challenge_id=challenge_id,
        title="Where are the next six million ounces?",
        practice_area="software",
        required_skills=(SkillNeed(skill=PYTHON, level=3),),
        languages=(LanguageNeed(language="en", level="B2"),),
        purse=prize,
        rounds=(RoundPlan(number=1, picks=1, prizes=(prize,), judge_within=14 * DAY),),
        judges=judges,
        invitations=invitations,
        submissions_close_at=NOW + 60 * DAY,
    )


def an_award(number: int, winner: int) -> Award:
    return Award(
        number=number,
        round=1,
        rank=number,
        entry_id=uuid4(),
        expert_id=an_expert_id(winner),
        person_id=a_person_id(winner),
        vendor_id=VENDOR_ID,
        prize=Money.of(1_000_000, "USD"),
    )


def a_challenge_ended(how: str, winners: tuple[int, ...] = ()) -> ChallengePayload:
    """End the challenge by the name of its outcome; `winners` are numbers of experts, one per prize."""
    about = {
        "engagement_id": ENGAGEMENT_ID,
        "client_id": CLIENT_ID,
        "challenge_id": CHALLENGE_ID,
        "waiting_on": None,
    }
    match how:
        case "awarded":
            awards = tuple(an_award(number, winner) for number, winner in enumerate(winners, start=1))
            return ChallengeAwardedV1.model_validate(about | {"awards": awards})
        case "voided":
            return ChallengeVoidedV1.model_validate(about | {"reason": "Nobody submitted anything."})
        case _:
            return ChallengeCancelledV1.model_validate(about | {"reason": "The mine was sold."})


def only_error(answer: httpx2.Response) -> tuple[str, str]:
    """Give pointer and code of the one thing that is wrong."""
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    return error["pointer"], error["code"]


@dataclass
class Market:
    """A service with its surroundings: events that arrive, and requests that people make."""

    service: MemoryService

    # Events -----------------------------------------------------------------------------------------------

    async def register_client(self, client_id: UUID = CLIENT_ID) -> None:
        told = ClientRegisteredV1(client_id=client_id, name="Northwind", country="DE", currency="EUR")
        await self.service.deliver(told, key=client_id)

    async def submit(self, *, mode: str = "assignment", choice: str = "client") -> None:
        await self.service.deliver(an_engagement_submitted(mode=mode, choice=choice), key=ENGAGEMENT_ID)

    async def offer_by_itself(self, engagement_id: UUID, *, hours: int) -> MatchStatus:
        """File and fund an engagement that leaves the choice to the ranking; say what became of it."""
        told = an_engagement_submitted(engagement_id, choice="auto", hours=hours)
        await self.service.deliver(told, key=engagement_id)
        await self.fund(engagement_id)
        return (await self.service.reads.get(Match, Match.id_of(engagement_id))).state.status

    async def fund(self, engagement_id: UUID = ENGAGEMENT_ID, *, mode: str = "assignment") -> None:
        escrow_id = uuid4()
        told = EscrowFundedV1(
            mode=mode,
            engagement_id=engagement_id,
            client_id=CLIENT_ID,
            waiting_on=None,
            escrow_id=escrow_id,
            funded=BUDGET,
        )
        await self.service.deliver(told, key=escrow_id)

    async def lapse(self, *, mode: str = "assignment") -> None:
        nothing, escrow_id = Money.of(0, "EUR"), uuid4()
        told = EscrowLapsedV1(
            mode=mode,
            engagement_id=ENGAGEMENT_ID,
            client_id=CLIENT_ID,
            waiting_on=None,
            escrow_id=escrow_id,
            outcome="lapsed",
            funded=nothing,
            released=nothing,
            fees=nothing,
            refunded=nothing,
        )
        await self.service.deliver(told, key=escrow_id)

    async def wish_to_cancel(self, *, mode: str = "assignment") -> None:
        told = EngagementCancellationRequestedV1(
            engagement_id=ENGAGEMENT_ID, client_id=CLIENT_ID, mode=mode, reason="Budget cut."
        )
        await self.service.deliver(told, key=ENGAGEMENT_ID)

    async def complete_work(self) -> None:
        work_order_id = uuid4()
        told = WorkOrderCompletedV1(
            engagement_id=ENGAGEMENT_ID,
            client_id=CLIENT_ID,
            waiting_on=None,
            work_order_id=work_order_id,
            vendor_id=VENDOR_ID,
            expert_id=an_expert_id(),
        )
        await self.service.deliver(told, key=work_order_id)

    async def cancel_work(self) -> None:
        work_order_id = uuid4()
        told = WorkOrderCancelledV1(
            engagement_id=ENGAGEMENT_ID,
            client_id=CLIENT_ID,
            waiting_on=None,
            work_order_id=work_order_id,
            vendor_id=VENDOR_ID,
            expert_id=an_expert_id(),
            reason="Budget cut.",
        )
        await self.service.deliver(told, key=work_order_id)

    async def open_challenge(self, *, judges: int = 1, invitations: int = 10) -> None:
        told = a_challenge_opened(judges=judges, invitations=invitations)
        await self.service.deliver(told, key=CHALLENGE_ID)

    async def end_challenge(self, how: str, *winners: int) -> None:
        await self.service.deliver(a_challenge_ended(how, winners), key=CHALLENGE_ID)

    async def pass_time(self, by: timedelta) -> None:
        await self.service.tick(by)

    # Requests ---------------------------------------------------------------------------------------------

    async def onboard(self, vendor_id: UUID = VENDOR_ID, **said: object) -> httpx2.Response:
        body = a_vendor_body(vendor_id, **said)
        return await self.service.http.post("/v1/vendors", json=body, headers=self.as_operator())

    async def crowd(self, count: int) -> None:
        """Let as many other vendors be there, with ids before the first one's."""
        database, kept = self.service.database, vendors.collection
        (row,) = await database.find(kept, {"_id": VENDOR_ID}, limit=1)
        others = (replace(a_vendor(), id=UUID(int=number)) for number in range(count))
        rows = [{**row, "_id": vendor.id, "state": vendors.dump(vendor)} for vendor in others]
        await database.insert(kept, rows)

    async def register(
        self, number: int = 1, *, vendor_id: UUID = VENDOR_ID, **said: object
    ) -> httpx2.Response:
        body = an_expert_body(number, vendor_id=vendor_id, **said)
        return await self.service.http.post("/v1/experts", json=body, headers=self.as_vendor(vendor_id))

    async def choose(self, expert_id: UUID, *, tenant: UUID = CLIENT_ID) -> httpx2.Response:
        seen = (await self.see()).headers["ETag"]
        return await self.service.http.post(
            f"/v1/matches/{MATCH_ID}/choose",
            json={"expert_id": str(expert_id)},
            headers=self.as_client(tenant) | {"If-Match": seen},
        )

    async def accept(self, number: int = 1, *, tenant: UUID = VENDOR_ID) -> httpx2.Response:
        path = f"/v1/matches/{MATCH_ID}/offers/{number}/accept"
        return await self.service.http.post(path, headers=self.as_vendor(tenant))

    async def decline(self, number: int = 1, *, tenant: UUID = VENDOR_ID) -> httpx2.Response:
        path = f"/v1/matches/{MATCH_ID}/offers/{number}/decline"
        headers = self.as_vendor(tenant)
        return await self.service.http.post(path, json={"reason": "Busy."}, headers=headers)

    async def see(self, *, tenant: UUID = CLIENT_ID) -> httpx2.Response:
        return await self.service.http.get(f"/v1/matches/{MATCH_ID}", headers=self.as_client(tenant))

    async def get(self, path: str, *, tenant: UUID = VENDOR_ID) -> httpx2.Response:
        return await self.service.http.get(path, headers=self.as_vendor(tenant))

    async def post(
        self, path: str, body: object, *, tenant: UUID = VENDOR_ID, seen: str | None = None
    ) -> httpx2.Response:
        headers = self.as_vendor(tenant) | ({"If-Match": seen} if seen else {})
        return await self.service.http.post(path, json=body, headers=headers)

    def as_operator(self) -> dict[str, str]:
        scopes = (
            "operator",
            "vendors:read",
            "vendors:write",
            "experts:read",
            "experts:write",
            "matches:read",
        )
        return self.service.token(scopes=scopes)

    def as_vendor(self, tenant: UUID = VENDOR_ID) -> dict[str, str]:
        scopes = (
            "vendors:read",
            "vendors:write",
            "experts:read",
            "experts:write",
            "matches:read",
            "offers:answer",
        )
        return self.service.token(tenant=tenant, scopes=scopes)

    def as_client(self, tenant: UUID = CLIENT_ID) -> dict[str, str]:
        return self.service.token(tenant=tenant, scopes=("matches:read", "matches:write"))

    # What came of it --------------------------------------------------------------------------------------

    async def match(self) -> Match:
        return (await self.service.reads.get(Match, MATCH_ID)).state

    async def expert(self, number: int = 1) -> Expert:
        return (await self.service.reads.get(Expert, an_expert_id(number))).state

    def announced(self, model: type[P]) -> list[P]:
        """Give the payloads of one event type."""
        return [data for event in self.service.announced(model) if isinstance(data := event.data, model)]

    async def offer_to_the_first(self) -> None:
        """Register an expert, file and fund an engagement, and have the client choose the expert."""
        await self.register()
        await self.submit()
        await self.fund()
        answer = await self.choose(an_expert_id())
        assert answer.status_code == 200, answer.text
