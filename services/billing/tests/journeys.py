"""Test vocabulary: what other services announce, and what people ask of billing over HTTP."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from uuid import UUID, uuid4

import httpx2

from kpo_billing.settings import BillingSettings
from kpo_billing.wiring import blueprint
from kpo_chassis.testing.service import MemoryService, memory
from kpo_events.delivery import MilestoneAcceptedV1, WorkOrderCancelledV1, WorkOrderCompletedV1
from kpo_events.intake import (
    AssignmentPlan,
    ClientRegisteredV1,
    EngagementCancellationRequestedV1,
    EngagementSubmittedV1,
    MilestonePlan,
)
from kpo_events.matching import MatchEndedV1, VendorOnboardedV1
from kpo_events.money import Money

from .factories import CLIENT, FUND_BY, OPERATOR, VENDOR

EXPERT = uuid4()
BANK_ACCOUNT = "NL91ABNA0417164300"

CLIENT_SCOPES = ("billing:read", "billing:fund")
OPERATOR_SCOPES = ("operator", "billing:read", "billing:payout")


def some_settings(fee_basis_points: int = 1_000) -> BillingSettings:
    return BillingSettings(
        mongo_url="mongodb://nowhere",
        mongo_database="billing",
        kafka_bootstrap="nowhere:9092",
        auth_issuer="https://issuer.test",
        auth_audience="kpo",
        auth_jwks="nowhere",
        cursor_key="a key that only tests sign with",
        operator_tenant=OPERATOR,
        fee_basis_points=fee_basis_points,
    )


BLUEPRINT = blueprint(some_settings())
"""One for all tests: the routes of a blueprint are made only once."""


def billing() -> AbstractAsyncContextManager[MemoryService]:
    return memory(BLUEPRINT)


# What others announce -------------------------------------------------------------------------------------


def submitted(engagement: UUID, budget: str = "1000.00", currency: str = "EUR") -> EngagementSubmittedV1:
    money = Money(amount=budget, currency=currency)
    return EngagementSubmittedV1(
        engagement_id=engagement,
        client_id=CLIENT,
        waiting_on=None,
        title="Survey of the alloy market",
        practice_area="market_research",
        mode="assignment",
        brief="Who sells what to whom?",
        required_skills=(),
        budget=money,
        fund_by=FUND_BY,
        assignment=AssignmentPlan(
            hours_per_week=20,
            milestones=(
                MilestonePlan(number=1, title="Report", amount=money, due_within=timedelta(days=30)),
            ),
            choose_within=timedelta(days=3),
            offer_valid_for=timedelta(days=2),
            review_within=timedelta(days=7),
            rework_within=timedelta(days=7),
        ),
    )


def cancel_wished(engagement: UUID) -> EngagementCancellationRequestedV1:
    return EngagementCancellationRequestedV1(
        engagement_id=engagement, client_id=CLIENT, mode="assignment", reason="no longer needed"
    )


def match_ended(engagement: UUID, outcome: str = "unfilled") -> MatchEndedV1:
    return MatchEndedV1(
        engagement_id=engagement,
        client_id=CLIENT,
        waiting_on=None,
        match_id=uuid4(),
        outcome=outcome,
        reason="nobody accepted",
    )


def milestone_accepted(engagement: UUID, amount: str, number: int = 1) -> MilestoneAcceptedV1:
    return MilestoneAcceptedV1(
        engagement_id=engagement,
        client_id=CLIENT,
        waiting_on=None,
        work_order_id=uuid4(),
        vendor_id=VENDOR,
        expert_id=EXPERT,
        milestone=number,
        amount=Money(amount=amount, currency="EUR"),
        accepted_by="client",
    )


def work_completed(engagement: UUID) -> WorkOrderCompletedV1:
    return WorkOrderCompletedV1(
        engagement_id=engagement,
        client_id=CLIENT,
        waiting_on=None,
        work_order_id=uuid4(),
        vendor_id=VENDOR,
        expert_id=EXPERT,
    )


def work_cancelled(engagement: UUID) -> WorkOrderCancelledV1:
    return WorkOrderCancelledV1(
        engagement_id=engagement,
        client_id=CLIENT,
        waiting_on=None,
        work_order_id=uuid4(),
        vendor_id=VENDOR,
        expert_id=EXPERT,
        reason="client cancelled",
    )


def client_registered(name: str = "Aster Industries") -> ClientRegisteredV1:
    return ClientRegisteredV1(client_id=CLIENT, name=name, country="DE", currency="EUR")


def vendor_onboarded(name: str = "Birch Research") -> VendorOnboardedV1:
    return VendorOnboardedV1(vendor_id=VENDOR, name=name, country="PT", currencies=("EUR",))


# What people ask ------------------------------------------------------------------------------------------


def as_client(service: MemoryService, tenant: UUID = CLIENT) -> dict[str, str]:
    return service.token(tenant=tenant, scopes=CLIENT_SCOPES)


def as_vendor(service: MemoryService) -> dict[str, str]:
    return service.token(tenant=VENDOR, scopes=CLIENT_SCOPES)


def as_operator(service: MemoryService) -> dict[str, str]:
    return service.token(tenant=OPERATOR, scopes=OPERATOR_SCOPES)


def seeing(headers: dict[str, str], seen: httpx2.Response) -> dict[str, str]:
    """Say that one decides on what an earlier answer showed."""
    return {**headers, "If-Match": seen.headers["ETag"]}


async def open_escrow(service: MemoryService, budget: str = "1000.00") -> dict[str, str]:
    """Submit an engagement, and give the escrow that its client sees."""
    engagement = uuid4()
    await service.deliver(submitted(engagement, budget), key=engagement)
    listed = await service.http.get("/v1/escrows", headers=as_client(service))
    found: dict[str, str] = next(e for e in listed.json()["items"] if e["engagement_id"] == str(engagement))
    return found


async def pay(
    service: MemoryService,
    amount: str,
    remittance: str = "",
    *,
    currency: str = "EUR",
    direction: str = "credit",
    reference: str | None = None,
    headers: dict[str, str] | None = None,
) -> httpx2.Response:
    """Let the operator record a line of a bank statement."""
    body = {
        "direction": direction,
        "account": BANK_ACCOUNT,
        "reference": reference or uuid4().hex,
        "amount": {"amount": amount, "currency": currency},
        "remittance": remittance,
        "booked_at": "2026-03-02T08:00:00Z",
    }
    answer = await service.http.post("/v1/bank-lines", json=body, headers=headers or as_operator(service))
    await service.settle()
    return answer


async def fund_escrow(service: MemoryService, budget: str = "1000.00") -> UUID:
    """Open an escrow and pay it whole; give the engagement's id."""
    escrow = await open_escrow(service, budget)
    answer = await pay(service, budget, escrow["payment_reference"])
    assert answer.json()["state"] == "allocated"
    return UUID(escrow["engagement_id"])


async def know_the_parties(service: MemoryService) -> None:
    await service.deliver(client_registered(), key=CLIENT)
    await service.deliver(vendor_onboarded(), key=VENDOR)


async def balances(service: MemoryService, headers: dict[str, str]) -> dict[str, str]:
    """Give what every account holds, with ids left out of the names."""
    answer = await service.http.get("/v1/ledger/balances", headers=headers, params={"limit": 200})
    return {item["account"]: item["balance"]["amount"] for item in answer.json()["items"]}


async def parked(service: MemoryService) -> list[str]:
    """Give the types of the events that the service could not make sense of."""
    answer = await service.http.get("/v1/operations/parked", headers=as_operator(service))
    return [item["type"] for item in answer.json()["items"]]
