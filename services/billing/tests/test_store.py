"""What the database itself refuses to billing: unbalanced books, negative balances, a changed journal."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import uuid4

import pytest

from kpo_billing.adapters.accounts import accounts
from kpo_billing.adapters.journal import decode, encode, journal
from kpo_billing.domain.account import bank, client_cash
from kpo_billing.domain.ledger import Transaction
from kpo_billing.domain.part import Part, PartKind
from kpo_billing.domain.payout import payout_id
from kpo_billing.domain.recipes import Occasion, Rule, transfer
from kpo_chassis.machinery import Machinery, Ports
from kpo_chassis.mongo import MongoDatabase, connect, int64, prepare
from kpo_chassis.service import preparation_of
from kpo_chassis.store import Document, RejectedWriteError
from kpo_chassis.testing.blobs import MemoryBlobs
from kpo_chassis.testing.broker import MemoryBroker
from kpo_chassis.testing.meters import NotedMeters
from kpo_chassis.testing.service import MemoryService, StoppedClock
from kpo_chassis.testing.stage import a_stage
from kpo_cli.stack.servers import Servers
from kpo_events.billing import EscrowSettledV1, InvoiceIssuedV1, PayoutBookedV1

from .factories import CLIENT, NOW, eur
from .journeys import (
    BANK_ACCOUNT,
    BLUEPRINT,
    as_operator,
    balances,
    fund_escrow,
    know_the_parties,
    milestone_accepted,
    pay,
    seeing,
    work_cancelled,
)
from .open_calls import VENDORS, an_award, awarded, challenge_id, fund_purse, vendors_onboarded

pytestmark = pytest.mark.real


@dataclass(frozen=True)
class Books:
    """Billing's own database, opened with the rights of the service and no others."""

    database: MongoDatabase

    async def insert(self, collection: str, document: Document) -> None:
        async with self.database.transaction() as transaction:
            await transaction.insert(collection, [document])

    async def read(self, collection: str) -> list[Document]:
        return await self.database.find(collection, {}, limit=10)


@pytest.fixture
async def books(servers: Servers) -> AsyncIterator[Books]:
    name, host = f"billing_{uuid4().hex}", servers.mongo_admin_url.rpartition("@")[2].partition("/")[0]
    service_url = f"mongodb://{name}:secret@{host}/?authSource={name}&directConnection=true"
    admin, client = connect(servers.mongo_admin_url), connect(service_url)
    await prepare(admin, preparation_of(name, BLUEPRINT), service_url)
    yield Books(await MongoDatabase.open(client, name))
    client.close()
    await admin.drop_database(name)
    admin.close()


@pytest.fixture
async def service(books: Books) -> AsyncIterator[MemoryService]:
    """Run billing on its real database; only the broker is in memory."""
    broker, clock = MemoryBroker(), StoppedClock()
    ports = Ports(database=books.database, broker=broker, blobs=MemoryBlobs(), clock=clock)
    meters = NotedMeters()
    with a_stage(BLUEPRINT) as stage:
        machinery = Machinery(stage.blueprint, ports, meters)
        running = MemoryService(machinery, broker, clock, meters, stage=stage)
        async with machinery.running(worker=True, clocks=False), running.http:
            yield running


def a_transaction() -> Transaction:
    occasion = Occasion(f"test/{uuid4()}", NOW, uuid4())
    debit, credit = bank("NL91ABNA0417164300", "EUR"), client_cash(CLIENT, "EUR")
    return transfer(Rule.RECEIVED, occasion, eur(100), debit=debit, credit=credit)


def a_leg(minor: object, currency: str = "EUR", account: str = "bank:NL91:EUR") -> Document:
    return {"account": account, "currency": currency, "minor": minor}


def a_document(*legs: Document) -> Document:
    return {"_id": uuid4().hex, "rule": "received", "at": NOW, "legs": list(legs)}


def an_account_document(balance: object) -> Document:
    return {"_id": uuid4(), "state": {"balance": balance}}


async def test_a_transaction_is_read_back_as_it_was_booked(books: Books) -> None:
    transaction = a_transaction()

    await books.insert(journal.collection, encode(transaction))

    assert [decode(document) for document in await books.read(journal.collection)] == [transaction]


async def test_two_currencies_may_each_balance(books: Books) -> None:
    legs = [a_leg(int64(minor), currency) for currency in ("EUR", "JPY") for minor in (5, -5)]

    await books.insert(journal.collection, a_document(*legs))

    assert len(await books.read(journal.collection)) == 1


@pytest.mark.parametrize(
    "legs",
    [
        (a_leg(int64(100)), a_leg(int64(-99))),
        (a_leg(int64(100), "EUR"), a_leg(int64(-100), "USD")),
        (a_leg(100.0), a_leg(-100.0)),
        (a_leg(100), a_leg(-100)),
        (a_leg(int64(0)),),
        (),
    ],
    ids=["unbalanced", "across currencies", "floats", "32 bits", "one leg", "no leg"],
)
async def test_the_database_refuses_what_is_no_transaction(books: Books, legs: tuple[Document, ...]) -> None:
    with pytest.raises(RejectedWriteError):
        await books.insert(journal.collection, a_document(*legs))

    assert await books.read(journal.collection) == []


@pytest.mark.parametrize("balance", [-1, int64(-1), 1.5, "1", None])
async def test_the_database_refuses_a_balance_that_is_negative_or_no_whole_number(
    books: Books, balance: object
) -> None:
    with pytest.raises(RejectedWriteError):
        await books.insert(accounts.collection, an_account_document(balance))


@pytest.mark.parametrize("balance", [0, 1, int64(2**60)])
async def test_the_database_takes_every_other_balance(books: Books, balance: object) -> None:
    await books.insert(accounts.collection, an_account_document(balance))

    assert len(await books.read(accounts.collection)) == 1


async def test_the_service_cannot_change_its_journal(books: Books) -> None:
    await books.insert(journal.collection, encode(a_transaction()))

    with pytest.raises(RejectedWriteError):
        await books.database.update(journal.collection, {}, {"rule": "other"})
    with pytest.raises(RejectedWriteError):
        await books.database.forget(journal.collection, ["x"])


async def test_totals_are_summed_up_by_the_database(books: Books) -> None:
    for _ in range(3):
        await books.insert(journal.collection, encode(a_transaction()))

    totals = await books.database.totals(journal.collection, "legs", "account", "minor")

    assert totals == {"bank:NL91ABNA0417164300:EUR": 300, f"client_cash:{CLIENT}:EUR": -300}


async def test_the_database_takes_everything_that_a_paid_engagement_writes(service: MemoryService) -> None:
    await know_the_parties(service)
    engagement, work_order = await fund_escrow(service, "50000000.00"), uuid4()
    await service.deliver(milestone_accepted(engagement, "30000000.00"), key=work_order)
    await service.deliver(work_cancelled(engagement), key=work_order)
    paid = payout_id(engagement, Part(PartKind.MILESTONE, 1))

    seen = await service.http.get(f"/v1/payouts/{paid}", headers=as_operator(service))
    headers = seeing(as_operator(service), seen)
    sent = await service.http.post(f"/v1/payouts/{paid}/send", headers=headers)
    await pay(service, "27000000.00", sent.json()["reference"], direction="debit")

    assert await balances(service, as_operator(service)) == {
        f"bank:{BANK_ACCOUNT}:EUR": "23000000.00",
        f"client_cash:{CLIENT}:EUR": "20000000.00",
        "fee_revenue:EUR": "3000000.00",
    }
    assert len(service.announced(EscrowSettledV1)) == len(service.announced(PayoutBookedV1)) == 1


async def test_the_database_takes_everything_that_the_largest_number_of_awards_writes(
    service: MemoryService,
) -> None:
    await know_the_parties(service)
    for vendor in vendors_onboarded():
        await service.deliver(vendor, key=vendor.vendor_id)
    engagement = await fund_purse(service, "64000000.01")
    awards = [an_award(number, "1000000.00", vendor) for number, vendor in enumerate(VENDORS, start=1)]

    await service.deliver(awarded(engagement, awards), key=challenge_id(engagement))

    found = await balances(service, as_operator(service))
    held = {name: amount for name, amount in found.items() if not name.startswith("payout_transit:")}
    assert held == {
        f"bank:{BANK_ACCOUNT}:USD": "64000000.01",
        f"client_cash:{CLIENT}:USD": "0.01",
        "fee_revenue:USD": "6400000.00",
    }
    assert [amount for name, amount in found.items() if name not in held] == ["900000.00"] * 64
    assert len(service.announced(EscrowSettledV1)) == 1
    assert len(service.announced(InvoiceIssuedV1)) == 128
