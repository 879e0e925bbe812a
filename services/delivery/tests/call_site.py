"""A running service with an open call, and what everybody does there: by event, by clock and over HTTP."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid5

import httpx2

from kpo_chassis.kernel import PersonId
from kpo_chassis.testing.service import MemoryService
from kpo_delivery.domain.challenge import CLOSING_GRACE, Challenge
from kpo_delivery.domain.challenge_plan import ChallengePlan, RoundPlan
from kpo_delivery.domain.entry import Entry
from kpo_delivery.domain.panel import Judge
from kpo_delivery.domain.round import blind_code
from kpo_events import intake
from kpo_events.billing import EscrowFundedV1, EscrowLapsedV1, EscrowOpenedV1
from kpo_events.intake import Criterion, DatasetReference, EngagementSubmittedV1, Licence
from kpo_events.matching import ExpertRegisteredV1, PanelProposedV1, ProposedJudge
from kpo_events.money import Money

from .challenge_factories import (
    BLIND_KEY,
    CHALLENGE_ID,
    CHALLENGE_PATH,
    CRITERIA,
    OPEN_FOR,
    a_call,
    a_judge,
    a_round,
)
from .factories import CLIENT_ID, ENGAGEMENT_ID, NOW, a_cancel_wish

ESCROW_ID = uuid5(ENGAGEMENT_ID, "escrow")
PANEL_ID = uuid5(CHALLENGE_ID, "panel")
ENTRANT_VENDOR = UUID("0d000000-0000-4000-8000-000000000777")
EVEN = dict.fromkeys((criterion.name for criterion in CRITERIA), 50)


def filed(plan: ChallengePlan | None = None, *, mode: str = "challenge") -> EngagementSubmittedV1:
    """File a call without data, unless the plan names some."""
    call = plan or small_call()
    return EngagementSubmittedV1(
        engagement_id=ENGAGEMENT_ID,
        client_id=CLIENT_ID,
        waiting_on=None,
        title=call.title,
        practice_area=call.practice_area,
        mode=mode,
        brief=call.question,
        required_skills=(),
        budget=_money(call.purse.minor, call.purse.currency),
        fund_by=NOW + timedelta(days=7),
        challenge=intake.ChallengePlan(
            open_for=call.open_for,
            datasets=tuple(DatasetReference(dataset_id=d.dataset_id, sha256=d.sha256) for d in call.datasets),
            licence=Licence(version=call.licence.version, text=call.licence.text),
            criteria=tuple(Criterion(name=each.name, weight=each.weight) for each in call.criteria),
            rounds=tuple(_round(plan) for plan in call.rounds),
            judges=call.seats,
            invitations=call.invitations,
            excluded_countries=call.excluded_countries,
        ),
    )


def small_call(*rounds: RoundPlan, seats: int = 3, open_for: timedelta = OPEN_FOR) -> ChallengePlan:
    """Plan two rounds: two go on and get 10,000 each, the first of them gets 105,000 more."""
    two = (a_round(1, picks=2, prizes=[10_000, 10_000]), a_round(2, picks=1, prizes=[105_000]))
    return replace(a_call(*(rounds or two), seats=seats, open_for=open_for), datasets=())


def escrow_opened(*, mode: str = "challenge") -> EscrowOpenedV1:
    return EscrowOpenedV1(
        engagement_id=ENGAGEMENT_ID,
        client_id=CLIENT_ID,
        waiting_on=None,
        escrow_id=ESCROW_ID,
        mode=mode,
        amount=_money(57_500_000, "USD"),
        fund_by=NOW + timedelta(days=7),
        payment_reference="KPO-7Q4M-2X9D",
        fee_basis_points=1_000,
    )


def escrow_funded(*, mode: str = "challenge") -> EscrowFundedV1:
    return EscrowFundedV1(
        engagement_id=ENGAGEMENT_ID,
        client_id=CLIENT_ID,
        waiting_on=None,
        escrow_id=ESCROW_ID,
        mode=mode,
        funded=_money(57_500_000, "USD"),
    )


def escrow_lapsed(*, mode: str = "challenge") -> EscrowLapsedV1:
    nothing = _money(0, "USD")
    return EscrowLapsedV1(
        engagement_id=ENGAGEMENT_ID,
        client_id=CLIENT_ID,
        waiting_on=None,
        escrow_id=ESCROW_ID,
        mode=mode,
        outcome="lapsed",
        funded=nothing,
        released=nothing,
        fees=nothing,
        refunded=nothing,
    )


def panel_proposed(*numbers: int) -> PanelProposedV1:
    judges = (a_judge(number) for number in numbers)
    return PanelProposedV1(
        engagement_id=ENGAGEMENT_ID,
        client_id=CLIENT_ID,
        panel_id=PANEL_ID,
        challenge_id=CHALLENGE_ID,
        judges=tuple(
            ProposedJudge(expert_id=j.expert_id, person_id=j.person_id, vendor_id=j.vendor_id) for j in judges
        ),
    )


def entrant(number: int) -> PersonId:
    return PersonId(UUID(f"0a000000-0000-4000-8000-0000000008{number:02}"))


def code_of(number: int) -> str:
    """Give the code under which an entrant's submission is judged."""
    return blind_code(BLIND_KEY, Entry.id_of(CHALLENGE_ID, entrant(number)))


@dataclass
class CallSite:
    """What clients, judges, entrants and strangers do, and what time does."""

    service: MemoryService

    # Events -----------------------------------------------------------------------------------------------

    async def file(self, plan: ChallengePlan | None = None) -> None:
        await self.service.deliver(filed(plan), key=ENGAGEMENT_ID)

    async def fund(self) -> None:
        await self.service.deliver(escrow_opened(), key=ESCROW_ID)
        await self.service.deliver(escrow_funded(), key=ESCROW_ID)

    async def lapse(self) -> None:
        await self.service.deliver(escrow_opened(), key=ESCROW_ID)
        await self.service.deliver(escrow_lapsed(), key=ESCROW_ID)

    async def wish_cancelled(self) -> None:
        await self.service.deliver(a_cancel_wish(mode="challenge"), key=ENGAGEMENT_ID)

    async def propose(self, *numbers: int) -> None:
        await self.service.deliver(panel_proposed(*numbers), key=PANEL_ID)

    async def register_judge(self, number: int, *, employers: tuple[UUID, ...] = ()) -> Judge:
        judge = a_judge(number)
        await self._register(judge.person_id, judge.vendor_id, employers)
        return judge

    async def _register(self, person: UUID, vendor: UUID, employers: tuple[UUID, ...] = ()) -> None:
        key = uuid5(person, "expert")
        registered = ExpertRegisteredV1(
            expert_id=key, person_id=person, vendor_id=vendor, country="SN", employers=employers
        )
        await self.service.deliver(registered, key=key)

    async def open(self, plan: ChallengePlan | None = None, *, judges: tuple[int, ...] = (1, 2, 3)) -> None:
        """File and fund a call, and let matching propose judges."""
        await self.file(plan)
        await self.fund()
        for number in judges:
            await self.register_judge(number)
        await self.propose(*judges)

    async def close(self, *entrants: int, by: timedelta = OPEN_FOR + CLOSING_GRACE) -> None:
        """Let people submit, in order, and then the deadline and its grace pass."""
        for number in entrants:
            await self.submit(number)
        await self.service.tick(by)

    async def open_and_close(self) -> None:
        """Close a call with three submissions; judges 1, 2, 3 sit, 4 is on the bench."""
        await self.open(judges=(1, 2, 3, 4))
        await self.close(1, 2, 3)

    # HTTP -------------------------------------------------------------------------------------------------

    async def get(self, path: str = "", *, who: dict[str, str] | None = None) -> httpx2.Response:
        return await self.service.http.get(f"{CHALLENGE_PATH}{path}", headers=who or self.as_client())

    async def post(self, path: str, body: object, who: dict[str, str]) -> httpx2.Response:
        answer = await self.service.http.post(f"{CHALLENGE_PATH}{path}", json=body, headers=who)
        await self.service.settle()
        return answer

    async def submit(self, number: int, *, person: UUID | None = None) -> httpx2.Response:
        """Enter, and submit one item, as an entrant of that number unless told otherwise."""
        who = self.as_entrant(number, person=person)
        await self._register(person or entrant(number), ENTRANT_VENDOR)
        licence = small_call().licence
        accepted = {"licence_version": licence.version, "licence_sha256": licence.sha256}
        entered = await self.post("/enter", accepted, who)
        assert entered.status_code == 201, entered.text
        items = {"items": [{"label": f"target {number}", "values": {"depth_m": str(100 * number)}}]}
        answer = await self.service.http.post(
            f"/v1/entries/{entered.json()['id']}/submit",
            json=items,
            headers=self.as_entrant(number, person=person),
        )
        assert answer.status_code == 200, answer.text
        await self.service.settle()
        return answer

    async def appoint(self, number: int, *, tenant: UUID = CLIENT_ID) -> httpx2.Response:
        body = {"person_id": str(a_judge(number).person_id)}
        return await self.post("/judges", body, self.as_client(tenant))

    async def decline(self, number: int, *, seat: int) -> httpx2.Response:
        return await self.post(f"/seats/{seat}/decline", {"reason": "Ill."}, self.as_judge(number))

    async def assigned(self, number: int) -> list[str]:
        """Give the codes that a judge scores now, and that are not scored yet."""
        answer = await self.get("/assignments", who=self.as_judge(number))
        return [each["code"] for each in answer.json()["items"] if each["scorecard"] is None]

    async def score(
        self,
        number: int,
        code: str,
        scores: dict[str, int] | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> httpx2.Response:
        body = {"scores": [{"criterion": n, "score": s} for n, s in (scores or EVEN).items()]}
        repeated = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return await self.post(f"/submissions/{code}/score", body, self.as_judge(number) | repeated)

    async def score_all(self, *judges: int) -> None:
        """Let judges score all that they still owe, and the clock see it."""
        for number in judges:
            for code in await self.assigned(number):
                answer = await self.score(number, code)
                assert answer.status_code == 200, answer.text
        await self.service.tick()

    async def void(self, *, scopes: tuple[str, ...] = ("operator",)) -> httpx2.Response:
        operator = self.service.token(tenant=UUID(int=1), scopes=scopes)
        return await self.post("/void", {"reason": "The data are somebody else's."}, operator)

    async def state(self) -> Challenge:
        return (await self.service.reads.get(Challenge, CHALLENGE_ID)).state

    def announced(self) -> list[str]:
        """Name what the challenge has announced, in order."""
        types = (event.data.event_type for event in self.service.published)
        return [name.split(".")[2] for name in types if name.startswith("delivery.challenge.")]

    # Who they are -----------------------------------------------------------------------------------------

    def as_client(self, tenant: UUID = CLIENT_ID) -> dict[str, str]:
        return self.service.token(tenant=tenant, scopes=("challenges:read", "challenges:manage"))

    def as_judge(self, number: int) -> dict[str, str]:
        judge = a_judge(number)
        scopes = ("challenges:read", "challenges:judge")
        return self.service.token(tenant=judge.vendor_id, person=judge.person_id, scopes=scopes)

    def as_entrant(self, number: int, *, person: UUID | None = None) -> dict[str, str]:
        scopes = ("challenges:read", "challenges:enter")
        return self.service.token(tenant=ENTRANT_VENDOR, person=person or entrant(number), scopes=scopes)

    def as_stranger(self) -> dict[str, str]:
        return self.service.token(tenant=UUID(int=99), scopes=("challenges:read",))


def _round(plan: RoundPlan) -> intake.RoundPlan:
    prizes = tuple(_money(prize.minor, prize.currency) for prize in plan.prizes)
    return intake.RoundPlan(
        number=plan.number, picks=plan.picks, prizes=prizes, judge_within=plan.judge_within
    )


def _money(minor: int, currency: str) -> Money:
    return Money.of(minor, currency)
