"""What the client reads of the money between operator and vendor: that it moves, and no more."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from kpo_chassis.testing.service import memory
from kpo_events.billing import InvoiceIssuedV1, Party, PayoutFailedV1, PayoutReturnedV1
from kpo_events.money import Money
from kpo_events.payload import Payload

from .factories import BLUEPRINT, CLIENT_ID, MATCH_ID, NOW, Desk, a_payout, about

REASON = "Account of the vendor is blocked by its creditors."
OPERATOR = Party(id=uuid4(), name="KPO Operations", country="NL")
CLIENT = Party(id=CLIENT_ID, name="Kanzlei Müller", country="DE")
VENDOR = Party(id=MATCH_ID, name="Birch Research", country="PT")


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """Give a service where one client is registered."""
    async with memory(BLUEPRINT) as running:
        found = Desk(running)
        await found.register()
        yield found


def an_invoice(engagement_id: UUID) -> InvoiceIssuedV1:
    gross = Money.of(4_000, "EUR")
    return InvoiceIssuedV1(
        **about(engagement_id),
        invoice_id=uuid4(),
        kind="vendor",
        number="2026-000042",
        issued_at=NOW,
        milestone=1,
        seller=VENDOR,
        buyer=CLIENT,
        net=gross,
        tax_category="O",
        tax_basis_points=0,
        tax=Money.of(0, "EUR"),
        gross=gross,
    )


def a_fee_document(engagement_id: UUID) -> InvoiceIssuedV1:
    parties = {"kind": "fee", "seller": OPERATOR, "buyer": VENDOR}
    return an_invoice(engagement_id).model_copy(update=parties)


async def sentence_of(desk: Desk, engagement_id: UUID, told: Payload) -> str:
    """Let it arrive, and give what the client then reads last."""
    await desk.service.deliver(told, key=uuid4())
    steps = (await desk.get(f"/v1/engagements/{engagement_id}/timeline")).json()["items"]
    (sentence,) = (step["sentence"] for step in steps if step["service"] == "billing")
    return str(sentence)


@pytest.mark.parametrize(
    ("kind", "sentence"), [(PayoutFailedV1, "0.01 EUR failed"), (PayoutReturnedV1, "0.01 EUR came back")]
)
async def test_a_client_reads_that_a_payout_went_wrong_but_not_why(
    desk: Desk, kind: type[PayoutFailedV1 | PayoutReturnedV1], sentence: str
) -> None:
    engagement_id = await desk.filed()
    told = kind(**dict(a_payout(engagement_id)), attempt=1, reason=REASON)

    read = await sentence_of(desk, engagement_id, told)

    assert read == f"A payout of {sentence}."


async def test_a_client_reads_the_number_of_the_vendors_invoice(desk: Desk) -> None:
    engagement_id = await desk.filed()

    read = await sentence_of(desk, engagement_id, an_invoice(engagement_id))

    assert read == "Invoice 2026-000042 was issued: 40.00 EUR."


async def test_a_client_reads_no_number_of_the_operators_fee_document(desk: Desk) -> None:
    engagement_id = await desk.filed()

    read = await sentence_of(desk, engagement_id, a_fee_document(engagement_id))

    assert read == "A document for another party was issued: 40.00 EUR."
