"""Test vocabulary of challenges: what other services announce about them, and purses that are paid in."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4, uuid5

from kpo_billing.domain.escrow_facts import escrow_id
from kpo_billing.domain.part import Mode
from kpo_chassis.testing.service import MemoryService
from kpo_events.challenges import (
    Award,
    ChallengeAwardedV1,
    ChallengeCancelledV1,
    ChallengeVoidedV1,
    ChallengeWithdrawnV1,
)
from kpo_events.intake import (
    ChallengePlan,
    Criterion,
    EngagementCancellationRequestedV1,
    EngagementSubmittedV1,
    Licence,
    RoundPlan,
)
from kpo_events.matching import VendorOnboardedV1
from kpo_events.money import Money

from .factories import CLIENT, VENDOR
from .journeys import as_client, pay, submitted

VENDORS = [uuid5(VENDOR, str(n)) for n in range(64)]


def challenge_id(engagement: UUID) -> UUID:
    return uuid5(engagement, "challenge")


def call_submitted(
    engagement: UUID, purse: str, currency: str = "USD", follows: UUID | None = None
) -> EngagementSubmittedV1:
    plan = ChallengePlan(
        open_for=timedelta(days=90),
        datasets=(),
        licence=Licence(version="1", text="Use the data for this challenge only."),
        criteria=(Criterion(name="Likely to find gold", weight=3), Criterion(name="Novelty", weight=1)),
        rounds=(RoundPlan(number=1, picks=3, judge_within=timedelta(days=14)),),
        judges=3,
        invitations=20,
    )
    changes = {"mode": "challenge", "assignment": None, "challenge": plan, "follows": follows}
    return submitted(engagement, purse, currency).model_copy(update=changes)


def call_cancel_wished(engagement: UUID) -> EngagementCancellationRequestedV1:
    return EngagementCancellationRequestedV1(
        engagement_id=engagement, client_id=CLIENT, mode="challenge", reason="no longer needed"
    )


def an_award(number: int, prize: str, vendor: UUID = VENDOR, currency: str = "USD") -> Award:
    return Award(
        number=number,
        round=1,
        rank=number,
        entry_id=uuid4(),
        expert_id=uuid4(),
        person_id=uuid4(),
        vendor_id=vendor,
        prize=Money(amount=prize, currency=currency),
    )


def awarded(engagement: UUID, awards: Sequence[Award]) -> ChallengeAwardedV1:
    return ChallengeAwardedV1(
        engagement_id=engagement,
        client_id=CLIENT,
        waiting_on=None,
        challenge_id=challenge_id(engagement),
        awards=tuple(awards),
    )


def voided(engagement: UUID) -> ChallengeVoidedV1:
    return ChallengeVoidedV1(
        engagement_id=engagement,
        client_id=CLIENT,
        waiting_on=None,
        challenge_id=challenge_id(engagement),
        reason="no submission",
    )


def called_off(engagement: UUID) -> ChallengeCancelledV1:
    return ChallengeCancelledV1(
        engagement_id=engagement,
        client_id=CLIENT,
        waiting_on=None,
        challenge_id=challenge_id(engagement),
        reason="client cancelled",
    )


def withdrawn(engagement: UUID) -> ChallengeWithdrawnV1:
    return ChallengeWithdrawnV1(
        engagement_id=engagement, client_id=CLIENT, challenge_id=challenge_id(engagement)
    )


def vendors_onboarded() -> list[VendorOnboardedV1]:
    return [
        VendorOnboardedV1(vendor_id=vendor, name=f"Vendor {number}", country="AU", currencies=("USD",))
        for number, vendor in enumerate(VENDORS, start=1)
    ]


async def open_purse(
    service: MemoryService, purse: str, currency: str = "USD", follows: UUID | None = None
) -> dict[str, str]:
    """Submit a challenge, and give the escrow that its client sees."""
    engagement = uuid4()
    await service.deliver(call_submitted(engagement, purse, currency, follows), key=engagement)
    shown = await service.http.get(f"/v1/escrows/{escrow_id(engagement)}", headers=as_client(service))
    found: dict[str, str] = shown.json()
    assert found["mode"] == Mode.CHALLENGE
    return found


async def fund_purse(service: MemoryService, purse: str, currency: str = "USD") -> UUID:
    """Open a purse and pay it whole; give the engagement's id."""
    escrow = await open_purse(service, purse, currency)
    answer = await pay(service, purse, escrow["payment_reference"], currency=currency)
    assert answer.json()["state"] == "allocated"
    return UUID(escrow["engagement_id"])
