"""The engine as a whole, in memory: one sample service behind its real doors."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kpo_chassis.announcement import COPY_BYTES_MAX
from kpo_chassis.store import INBOX, PARKED, POSITIONS, REQUESTS
from kpo_chassis.testing.database import MemoryDatabase
from kpo_chassis.testing.service import MemoryService, memory
from kpo_events.catalogue import EVENT_BYTES_MAX, Origin, encode, make_event
from kpo_events.intake import ClientRegisteredV1
from kpo_events.matching import VendorOnboardedV1

from .sample import EARLY, LANDMARK, POISON, Counter, blueprint, counter_of

ADD = ("counters:write", "counters:read")


@pytest.fixture
async def service() -> AsyncIterator[MemoryService]:
    async with memory(blueprint()) as running:
        yield running


def a_client(client: UUID, name: str = "Acme") -> ClientRegisteredV1:
    return ClientRegisteredV1(client_id=client, name=name, country="NL", currency="EUR")


async def total(service: MemoryService, client: UUID) -> int:
    return (await service.reads.get(Counter, counter_of(client))).state.total


async def test_an_event_changes_the_state_and_announces_a_fact(service: MemoryService) -> None:
    client = uuid4()

    await service.deliver(a_client(client), key=client)

    assert await total(service, client) == 1
    assert [event.seq for event in service.published] == [1]
    assert service.published[0].subject == counter_of(client)


async def test_an_event_that_follows_from_another_continues_its_chain(service: MemoryService) -> None:
    client = uuid4()

    await service.deliver(a_client(client), key=client)

    (event,) = service.published
    assert event.correlation_id == client  # The chain began with the client's own event.
    assert event.causation_id is not None


async def test_reads_go_on_behind_an_id_until_nothing_comes(service: MemoryService) -> None:
    clients = [uuid4() for _ in range(5)]
    for client in clients:
        await service.deliver(a_client(client), key=client)
    found, pages = list[UUID](), 0

    while page := await service.reads.find(Counter, {}, after=found[-1] if found else None, limit=2):
        found, pages = [*found, *(counter.id for counter in page)], pages + 1

    assert (len(found), pages) == (5, 3)
    assert found == sorted(map(counter_of, clients))


async def test_the_same_event_again_changes_nothing(service: MemoryService) -> None:
    client = uuid4()
    await service.deliver(a_client(client), key=client)

    await service.deliver(a_client(client), key=client, seq=1)

    assert await total(service, client) == 1
    assert len(service.published) == 1


async def test_a_gap_waits_for_the_missing_number_and_then_heals(service: MemoryService) -> None:
    client = uuid4()
    await service.deliver(a_client(client), key=client, seq=1)
    await service.deliver(a_client(client), key=client, seq=3)
    assert await total(service, client) == 1

    await service.deliver(a_client(client), key=client, seq=2)
    await service.heal()

    assert await total(service, client) == 3
    assert [event.seq for event in service.published] == [1, 2, 3]


async def test_a_poison_event_parks_its_key_and_others_go_on(service: MemoryService) -> None:
    sick, well = uuid4(), uuid4()
    await service.deliver(a_client(sick, POISON), key=sick)
    await service.deliver(a_client(sick), key=sick)

    await service.deliver(a_client(well), key=well)

    assert await total(service, well) == 1
    parked = await parked_rows(service)
    assert [(row["seq"], row["code"]) for row in parked] == [(1, "bug"), (2, "behind")]


async def test_a_skipped_poison_lets_the_events_behind_it_go_on(service: MemoryService) -> None:
    client = uuid4()
    await service.deliver(a_client(client, POISON), key=client)
    await service.deliver(a_client(client), key=client)
    operator = service.token(scopes=("operator",))

    answer = await service.http.put(
        f"/v1/operations/parked/intake.client/{client}/1/wish",
        json={"wish": "skip", "reason": "known bug"},
        headers=operator,
    )
    await service.heal()
    await service.heal()

    assert answer.status_code == 200
    assert await total(service, client) == 1
    assert await parked_rows(service) == []


async def test_a_partition_that_another_has_claimed_and_not_begun_is_taken_up_again(
    service: MemoryService,
) -> None:
    client = uuid4()
    await service.settle()
    assert isinstance(service.database, MemoryDatabase)
    for row in await service.database.find(POSITIONS, {}, limit=100):
        claimed: dict[str, object] = {"_id": row["_id"], "epoch": 9, "sessions": []}
        service.database.shelves.put(POSITIONS, claimed)

    await service.deliver(a_client(client), key=client)

    assert await total(service, client) == 1


async def test_an_event_that_comes_too_early_is_tried_again_later(service: MemoryService) -> None:
    client = uuid4()
    await service.deliver(a_client(client, EARLY), key=client)

    service.clock.advance(timedelta(seconds=3))
    await service.heal()

    (row,) = await parked_rows(service)
    assert (row["code"], row["attempts"]) == ("not_yet", 2)


async def test_a_command_sent_twice_with_one_key_happens_once(service: MemoryService) -> None:
    tenant, key = uuid4(), uuid4()
    headers = service.token(tenant=tenant, scopes=ADD)
    first = await service.http.post("/v1/counters", json={"id": str(key)}, headers=headers)

    second = await service.http.post("/v1/counters", json={"id": str(key)}, headers=headers)
    await service.settle()

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert len(service.published) == 1


async def test_a_refusal_leaves_no_trace(service: MemoryService) -> None:
    tenant, key = uuid4(), uuid4()
    await service.http.post(
        "/v1/counters", json={"id": str(key)}, headers=service.token(tenant=tenant, scopes=ADD)
    )

    refused = await service.http.post(
        f"/v1/counters/{key}/add", json={"amount": 2_000}, headers=service.token(tenant=tenant, scopes=ADD)
    )
    await service.settle()

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/amount"
    assert (await service.reads.get(Counter, key)).version == 1
    assert len(service.published) == 1


async def test_another_tenant_cannot_see_that_it_exists(service: MemoryService) -> None:
    key = uuid4()
    await service.http.post(
        "/v1/counters", json={"id": str(key)}, headers=service.token(tenant=uuid4(), scopes=ADD)
    )
    stranger = service.token(tenant=uuid4(), scopes=ADD)

    seen = await service.http.get(f"/v1/counters/{key}", headers=stranger)
    moved = await service.http.post(f"/v1/counters/{key}/add", json={"amount": 1}, headers=stranger)

    assert (seen.status_code, moved.status_code) == (404, 404)


async def a_counter(service: MemoryService, amount: int) -> UUID:
    """Make a counter of somebody's and let it count."""
    key, tenant = uuid4(), uuid4()
    headers = service.token(tenant=tenant, scopes=ADD)
    await service.http.post("/v1/counters", json={"id": str(key)}, headers=headers)
    headers = service.token(tenant=tenant, scopes=ADD)
    await service.http.post(f"/v1/counters/{key}/add", json={"amount": amount}, headers=headers)
    return key


async def test_everybody_with_the_scope_knows_what_is_public(service: MemoryService) -> None:
    key, stranger = await a_counter(service, LANDMARK), service.token(tenant=uuid4(), scopes=ADD)

    seen = await service.http.get(f"/v1/counters/{key}", headers=stranger)
    listed = await service.http.get("/v1/counters", headers=stranger)
    moved = await service.http.post(f"/v1/counters/{key}/add", json={"amount": 1}, headers=stranger)
    unscoped = await service.http.get(f"/v1/counters/{key}", headers=service.token(tenant=uuid4()))

    assert (seen.status_code, moved.status_code, unscoped.status_code) == (200, 200, 403)
    assert [item["id"] for item in listed.json()["items"]] == [str(key)]


async def test_a_public_list_shows_nothing_that_is_not(service: MemoryService) -> None:
    await a_counter(service, LANDMARK - 1)

    listed = await service.http.get("/v1/counters", headers=service.token(tenant=uuid4(), scopes=ADD))

    assert listed.json()["items"] == []


async def test_a_list_is_filtered_by_what_its_documents_offer(service: MemoryService) -> None:
    await a_counter(service, LANDMARK)
    larger = await a_counter(service, LANDMARK + 10)
    headers = service.token(tenant=uuid4(), scopes=ADD)

    listed = await service.http.get(f"/v1/counters?total_min={LANDMARK + 1}", headers=headers)

    assert [item["id"] for item in listed.json()["items"]] == [str(larger)]


async def test_a_command_without_a_key_happens_each_time_and_is_not_remembered(
    service: MemoryService,
) -> None:
    key, anybody = await a_counter(service, LANDMARK), service.token(tenant=uuid4())
    before = await service.database.count(REQUESTS, {}, limit=10)

    for _ in range(2):
        await service.http.get(f"/v1/counters/{key}/glance", headers=anybody)

    assert await service.database.count("notes", {"counter": key}, limit=10) == 2
    assert await service.database.count(REQUESTS, {}, limit=10) == before


async def test_a_clock_fires_once_when_its_time_has_come(service: MemoryService) -> None:
    tenant, key = uuid4(), uuid4()
    headers = service.token(tenant=tenant, scopes=ADD)
    body = {"id": str(key), "ring_after_seconds": 60}
    await service.http.post("/v1/counters", json=body, headers=headers)
    await service.http.post(
        f"/v1/counters/{key}/add", json={"amount": 5}, headers=service.token(tenant=tenant, scopes=ADD)
    )

    await service.tick(timedelta(seconds=59))
    before = (await service.reads.get(Counter, key)).state.total
    await service.tick(timedelta(seconds=1))
    await service.tick(timedelta(seconds=60))

    assert before == 5
    assert (await service.reads.get(Counter, key)).state.total == 10
    assert service.published[-1].actor == "clock"


async def test_a_clock_that_keeps_failing_is_shown_and_left_out(service: MemoryService) -> None:
    tenant, key = uuid4(), uuid4()
    body = {"id": str(key), "ring_after_seconds": 60}
    headers = service.token(tenant=tenant, scopes=ADD)
    await service.http.post("/v1/counters", json=body, headers=headers)
    await service.http.post(
        f"/v1/counters/{key}/add", json={"amount": 13}, headers=service.token(tenant=tenant, scopes=ADD)
    )

    await service.tick(timedelta(seconds=60))

    status = await service.http.get("/v1/operations/status", headers=service.token(scopes=("operator",)))
    (stuck,) = status.json()["stuck_clocks"]
    assert stuck["id"] == str(key)
    assert "only this clock" in stuck["reason"]


async def test_a_record_without_a_key_is_set_aside_alone(service: MemoryService) -> None:
    service.broker.append("intake.client", None, (), b"{}")

    await service.settle()

    (row,) = await parked_rows(service)
    assert (row["key"], row["code"]) == (None, "no_key")
    assert any(record.topic == "sample.parked" for record in service.broker.sent)


@pytest.mark.parametrize("bytes_more", [1, COPY_BYTES_MAX])
async def test_an_event_above_its_largest_size_is_set_aside_unread(
    service: MemoryService, bytes_more: int
) -> None:
    client = uuid4()
    event = make_event(
        a_client(client), Origin(actor="machine:test"), subject=client, seq=1, time=service.clock.now()
    )
    too_large = encode(event.data).ljust(EVENT_BYTES_MAX + bytes_more)

    service.broker.append("intake.client", str(client), tuple(event.envelope.headers()), too_large)
    await service.settle()

    (row,) = await parked_rows(service)
    assert (row["code"], row["value"]) == ("unreadable", too_large)
    assert f"has {len(too_large)} bytes" in str(row["reason"])
    (copy,) = [record for record in service.broker.sent if record.topic == "sample.parked"]
    assert copy.value == (too_large if bytes_more == 1 else b"")
    assert dict(copy.headers)["kpo_code"] == b"unreadable"


async def test_types_that_nobody_handles_still_move_their_number(service: MemoryService) -> None:
    vendor = uuid4()
    event = VendorOnboardedV1(vendor_id=vendor, name="V", country="NL", currencies=("EUR",))

    await service.deliver(event, key=vendor)

    rows = await service.database.find(INBOX, {}, limit=10)
    assert rows == []  # The topic is not subscribed at all, so no row is kept for it.


async def parked_rows(service: MemoryService) -> list[dict[str, object]]:
    return await service.database.find(PARKED, {}, sort=(("seq", 1),), limit=100)
