"""Work orders in every state, with readable defaults."""

import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import httpx2
from joserfc.jwk import OKPKey
from pydantic import JsonValue

from kpo_chassis.kernel import TenantId
from kpo_chassis.money import Money
from kpo_chassis.signing import NO_KEYS
from kpo_chassis.testing.service import MemoryService
from kpo_delivery.domain.milestone import Deliverable, Plan, Policy
from kpo_delivery.domain.work_order import WorkOrder
from kpo_delivery.domain.work_order_facts import Terms
from kpo_delivery.settings import DeliverySettings
from kpo_delivery.wiring import blueprint
from kpo_events import money as wire
from kpo_events.intake import EngagementCancellationRequestedV1, MilestonePlan
from kpo_events.matching import Contract, MatchAcceptedV1

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

ENGAGEMENT_ID = UUID("0e000000-0000-4000-8000-000000000001")
CLIENT_ID = TenantId(UUID("0c000000-0000-4000-8000-000000000001"))
VENDOR_ID = TenantId(UUID("0d000000-0000-4000-8000-000000000001"))
EXPERT_ID = UUID("0f000000-0000-4000-8000-000000000001")
PERSON_ID = UUID("0a000000-0000-4000-8000-000000000001")
DELIVERABLE_ID = UUID("0b000000-0000-4000-8000-000000000001")
MATCH_ID = UUID("0a000000-0000-4000-8000-000000000002")
STRANGER_ID = TenantId(UUID("0c000000-0000-4000-8000-000000000009"))
BYTES = b"knowledge, not tasks"

WORK_ORDER_ID = WorkOrder.id_of(ENGAGEMENT_ID)
ORDER_PATH = f"/v1/work-orders/{WORK_ORDER_ID}"
POLICY = Policy()
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def some_terms(*, review_days: float = 9, rework_days: float = 7) -> Terms:
    return Terms(CLIENT_ID, VENDOR_ID, EXPERT_ID, timedelta(days=review_days), timedelta(days=rework_days))


def a_plan(number: int = 1, *, due_in_days: float = 30, minor: int = 50_000) -> Plan:
    return Plan(number, f"Part {number}", Money(minor, "EUR"), timedelta(days=due_in_days))


def a_deliverable(key: UUID = DELIVERABLE_ID, *, name: str = "report.pdf") -> Deliverable:
    return Deliverable(key, name, "application/pdf", 1_200, SHA256)


def an_open_work_order(*due_in_days: float, review_days: float = 9, rework_days: float = 7) -> WorkOrder:
    """Open a work order at NOW with one milestone per due time (one of 30 days unless given)."""
    plans = tuple(a_plan(n, due_in_days=days) for n, days in enumerate(due_in_days or (30,), start=1))
    terms = some_terms(review_days=review_days, rework_days=rework_days)
    return WorkOrder.expect(ENGAGEMENT_ID).open(terms, plans, NOW).state


def submitted(order: WorkOrder, number: int = 1, *, at: datetime = NOW + DAY) -> WorkOrder:
    return order.submit(number, (a_deliverable(),), at, POLICY).state


def returned(
    order: WorkOrder, number: int = 1, *, at: datetime = NOW + 2 * DAY, reason: str = "Page 3 is missing."
) -> WorkOrder:
    return submitted(order, number, at=at).return_milestone(number, reason, at, POLICY).state


def accepted(order: WorkOrder, number: int = 1, *, at: datetime = NOW + 3 * DAY) -> WorkOrder:
    return submitted(order, number, at=at).accept(number, at).state


def wished(
    order: WorkOrder, *, at: datetime = NOW + 2 * DAY, reason: str = "Our plans changed."
) -> WorkOrder:
    return order.wish_cancelled(reason, at).state


def completed(order: WorkOrder | None = None) -> WorkOrder:
    return accepted(order or an_open_work_order())


def cancelled(order: WorkOrder | None = None) -> WorkOrder:
    return wished(order or an_open_work_order())


def names(facts: tuple[object, ...]) -> list[str]:
    return [type(fact).__name__ for fact in facts]


# Doors ----------------------------------------------------------------------------------------------------


def a_receipt_key() -> str:
    """Make a key that nobody keeps."""
    return json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True))


RECEIPT_KEY = a_receipt_key()


def some_settings(receipt_key: str = RECEIPT_KEY, former_receipt_keys: str = NO_KEYS) -> DeliverySettings:
    return DeliverySettings(
        mongo_url="mongodb://127.0.0.1/",
        mongo_database="delivery",
        kafka_bootstrap="127.0.0.1:9092",
        auth_issuer="https://issuer.test",
        auth_audience="kpo",
        auth_jwks="keys.json",
        cursor_key="a key that only tests sign with",
        blind_key="a key that only tests know",
        receipt_key=receipt_key,
        former_receipt_keys=former_receipt_keys,
    )


BLUEPRINT = blueprint(some_settings())
"""One for all tests: the routes of a blueprint are made only once."""


def a_match_accepted(*due_in_days: float, engagement_id: UUID = ENGAGEMENT_ID) -> MatchAcceptedV1:
    plans = (a_plan(n, due_in_days=days) for n, days in enumerate(due_in_days or (30,), start=1))
    return MatchAcceptedV1(
        engagement_id=engagement_id,
        client_id=CLIENT_ID,
        waiting_on=None,
        match_id=MATCH_ID,
        offer_number=1,
        expert_id=EXPERT_ID,
        vendor_id=VENDOR_ID,
        contract=Contract(
            person_id=PERSON_ID,
            budget=wire.Money.of(50_000 * (len(due_in_days) or 1), "EUR"),
            milestones=tuple(
                MilestonePlan(
                    number=plan.number,
                    title=plan.title,
                    amount=wire.Money.of(plan.amount.minor, plan.amount.currency),
                    due_within=plan.due_within,
                )
                for plan in plans
            ),
            review_within=timedelta(days=9),
            rework_within=timedelta(days=7),
            hours_per_week=30,
        ),
    )


def a_cancel_wish(*, mode: str = "assignment") -> EngagementCancellationRequestedV1:
    return EngagementCancellationRequestedV1(
        engagement_id=ENGAGEMENT_ID, client_id=CLIENT_ID, mode=mode, reason="Our plans changed."
    )


@dataclass
class Site:
    """A service with an open work order, and what its client and its vendor do there over HTTP."""

    service: MemoryService

    async def get(self, path: str = "", *, tenant: UUID = CLIENT_ID) -> httpx2.Response:
        return await self.service.http.get(f"{ORDER_PATH}{path}", headers=self.as_reader(tenant))

    async def upload(self, content: bytes = BYTES, key: UUID = DELIVERABLE_ID) -> httpx2.Response:
        headers = self.as_vendor() | {"Content-Digest": digest_of(content), "Content-Type": "text/plain"}
        return await self.service.http.put(content_path(key), content=content, headers=headers)

    async def submit(
        self, number: int = 1, *, key: UUID = DELIVERABLE_ID, idempotency_key: str | None = None
    ) -> httpx2.Response:
        repeated = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return await self._act(
            f"{number}/submit",
            {"deliverables": [{"deliverable_id": str(key), "name": "report.txt"}]},
            self.as_vendor() | repeated,
        )

    async def deliver(self, number: int = 1) -> httpx2.Response:
        await self.upload()
        return await self.submit(number)

    async def review(
        self, action: str, number: int = 1, *, tenant: UUID = CLIENT_ID, etag: str | None = None
    ) -> httpx2.Response:
        """Accept or return as the client, having seen the newest version unless told otherwise."""
        seen = etag or (await self.get()).headers["ETag"]
        token = self.service.token(tenant=tenant, scopes=("workorders:review",))
        body: JsonValue = {"reason": "Page 3 is missing."} if action == "return" else None
        return await self._act(f"{number}/{action}", body, token | {"If-Match": seen})

    async def _act(self, what: str, body: JsonValue, headers: dict[str, str]) -> httpx2.Response:
        """Send a command, and wait until what it announces is published."""
        answer = await self.service.http.post(f"{ORDER_PATH}/milestones/{what}", json=body, headers=headers)
        await self.service.settle()
        return answer

    def as_vendor(self, tenant: UUID = VENDOR_ID) -> dict[str, str]:
        return self.service.token(tenant=tenant, scopes=("workorders:read", "workorders:deliver"))

    def as_reader(self, tenant: UUID = CLIENT_ID) -> dict[str, str]:
        return self.service.token(tenant=tenant, scopes=("workorders:read",))


def content_path(key: UUID = DELIVERABLE_ID) -> str:
    return f"{ORDER_PATH}/deliverables/{key}/content"


def digest_of(content: bytes) -> str:
    return f"sha-256=:{b64encode(sha256(content).digest()).decode()}:"
