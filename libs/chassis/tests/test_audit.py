"""What people do at a worker's door is kept: who, when, what about, why, and what came of it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kpo_chassis.audit import AUDIT_SHOWN_MAX, audit_row
from kpo_chassis.kernel import Caller, PersonId, TenantId
from kpo_chassis.machinery import Machinery
from kpo_chassis.mongo import MongoDatabase, connect, prepare
from kpo_chassis.parked_desk import WishBody
from kpo_chassis.service import preparation_of
from kpo_chassis.store import AUDIT, PARKED, RejectedWriteError
from kpo_chassis.testing.service import START, MemoryService, memory
from kpo_cli.stack.servers import Servers

from .bench import Bench, a_record
from .sample import POISON, blueprint

PERSON = UUID("0d1e7f0c-3f4e-4d0b-9a53-6a0f3a3f8c11")


@pytest.fixture
async def service() -> AsyncIterator[MemoryService]:
    async with memory(blueprint()) as running:
        yield running


async def park_a_bug(service: MemoryService) -> str:
    """Let an event be parked, and give its id."""
    client = uuid4()
    record = a_record(client, 1, POISON)
    service.broker.append(record.topic, record.key, record.headers, record.value)
    await service.settle()
    return f"intake.client/{client}/1"


async def wish(service: MemoryService, what: str, wanted: str, reason: str) -> int:
    answer = await service.http.put(
        f"/v1/operations/{what}/wish",
        json={"wish": wanted, "reason": reason},
        headers=service.token(person=PERSON, scopes=("operator",)),
    )
    return answer.status_code


async def audit(service: MemoryService, query: str = "") -> list[dict[str, str]]:
    """Read the audit back at the door."""
    url = f"/v1/operations/audit{query}"
    answer = await service.http.get(url, headers=service.token(scopes=("operator",)))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, str]] = answer.json()["items"]
    return items


async def test_a_wish_is_kept_with_who_when_about_what_and_why(service: MemoryService) -> None:
    parked_id = await park_a_bug(service)

    await wish(service, f"parked/{parked_id}", "skip", "test data")

    (row,) = await audit(service)
    assert row.pop("id")
    assert row == {
        "at": "2026-03-02T09:00:00.000Z",
        "person": str(PERSON),
        "step": "wished",
        "wish": "skip",
        "about": f"parked/{parked_id}",
        "reason": "test data",
    }


async def test_that_a_skip_was_carried_out_is_kept_after_the_event_is_gone(service: MemoryService) -> None:
    parked_id = await park_a_bug(service)
    await wish(service, f"parked/{parked_id}", "skip", "test data")
    service.clock.advance(timedelta(seconds=1))

    await service.heal()

    assert await service.database.count(PARKED, {}, limit=1) == 0
    done, wished = await audit(service, f"?about=parked/{parked_id}")
    assert (wished["step"], done["step"]) == ("wished", "done")
    assert (done["person"], done["wish"], done["reason"]) == (str(PERSON), "skip", "test data")
    assert done["at"] == "2026-03-02T09:00:01.000Z"


async def test_that_a_retry_has_failed_again_is_kept(service: MemoryService) -> None:
    parked_id = await park_a_bug(service)
    await wish(service, f"parked/{parked_id}", "retry", "fixed in 0.3.1")
    service.clock.advance(timedelta(seconds=1))

    await service.heal()

    assert [row["step"] for row in await audit(service)] == ["failed_again", "wished"]


async def test_that_a_record_without_a_number_was_discarded_is_kept(service: MemoryService) -> None:
    service.broker.append("intake.client", None, (), b"{}")
    await service.settle()
    (row,) = await service.database.find(PARKED, {}, limit=1)
    await wish(service, f"parked/{row['_id']}", "skip", "nobody's")
    service.clock.advance(timedelta(seconds=1))

    await service.heal()

    assert await service.database.count(PARKED, {}, limit=1) == 0
    assert [each["step"] for each in await audit(service)] == ["done", "wished"]


async def test_what_comes_back_by_itself_is_nobodys_act(service: MemoryService) -> None:
    client = uuid4()
    for number in (2, 1):
        record = a_record(client, number)
        service.broker.append(record.topic, record.key, record.headers, record.value)
    await service.settle()

    await service.heal()

    assert await service.database.count(PARKED, {}, limit=1) == 0
    assert await audit(service) == []


async def test_each_event_of_a_wish_for_all_is_kept(service: MemoryService) -> None:
    parked = {await park_a_bug(service) for _ in range(3)}

    answer = await service.http.put(
        "/v1/operations/parked-wishes",
        json={"code": "bug", "reason": "fixed", "dry_run": False},
        headers=service.token(person=PERSON, scopes=("operator",)),
    )

    assert answer.status_code == 200
    assert {row["about"] for row in await audit(service)} == {f"parked/{each}" for each in parked}


async def test_a_wish_about_nothing_is_not_kept(service: MemoryService) -> None:
    status = await wish(service, "parked/intake.client/nobody/1", "skip", "a typing mistake")

    assert (status, await audit(service)) == (404, [])


async def test_a_wish_about_a_stuck_clock_is_kept(service: MemoryService) -> None:
    tenant, key = uuid4(), uuid4()
    scopes = ("counters:write",)
    made = {"id": str(key), "ring_after_seconds": 60}
    await service.http.post("/v1/counters", json=made, headers=service.token(tenant=tenant, scopes=scopes))
    path, added = f"/v1/counters/{key}/add", {"amount": 13}
    await service.http.post(path, json=added, headers=service.token(tenant=tenant, scopes=scopes))
    await service.tick(timedelta(seconds=60))

    await wish(service, f"clocks/counter/{key}", "skip", "both sides agreed")

    (row,) = await audit(service)
    assert (row["about"], row["step"], row["wish"]) == (f"clocks/counter/{key}", "wished", "skip")


async def test_a_long_audit_is_read_page_by_page_the_youngest_first(service: MemoryService) -> None:
    rows = [
        audit_row(
            "wished",
            START + timedelta(seconds=number),
            person=str(PERSON),
            about=f"parked/{number}",
            wish="retry",
            reason="many",
        )
        for number in range(AUDIT_SHOWN_MAX + 1)
    ]
    await service.database.insert(AUDIT, rows)

    first = await audit(service)
    second = await audit(service, f"?before={first[-1]['id']}")

    assert [row["about"] for row in first[:2]] == [
        f"parked/{AUDIT_SHOWN_MAX}",
        f"parked/{AUDIT_SHOWN_MAX - 1}",
    ]
    assert [row["about"] for row in second] == ["parked/0"]


async def test_a_filter_with_a_typing_mistake_does_not_show_everything(service: MemoryService) -> None:
    url = "/v1/operations/audit?abuot=parked/1"

    answer = await service.http.get(url, headers=service.token(scopes=("operator",)))

    assert answer.status_code == 422


async def test_the_audit_is_for_operators_only(service: MemoryService) -> None:
    answer = await service.http.get("/v1/operations/audit", headers=service.token(scopes=("counters:read",)))

    assert answer.status_code == 403


# On real servers ------------------------------------------------------------------------------------------


@pytest.mark.real
async def test_a_skip_and_its_audit_are_one_transaction_on_real_servers(bench: Bench) -> None:
    client = uuid4()
    await bench.send(client, 1, name=POISON)
    async with bench.worker() as machinery:
        await bench.until(PARKED, 1)

        await _skip(machinery, f"intake.client/{client}/1")

        await bench.until(PARKED, 0)
        steps = sorted((str(row["step"]), str(row["person"])) for row in await bench.rows(AUDIT))
        assert steps == [("done", str(PERSON)), ("wished", str(PERSON))]


async def _skip(machinery: Machinery, parked_id: str) -> None:
    person = Caller(PersonId(PERSON), TenantId(uuid4()), frozenset({Caller.OPERATOR}))
    await machinery.parked_desk.wish(parked_id, WishBody(wish="skip", reason="test data"), person)


@pytest.mark.real
async def test_a_service_may_add_to_its_audit_and_change_nothing_in_it(servers: Servers) -> None:
    name, client = f"sample_{uuid4().hex}", connect(servers.mongo_admin_url)
    url = servers.mongo_url(name, "secret", name)
    await prepare(client, preparation_of(name, blueprint()), url)
    service = connect(url)
    database = await MongoDatabase.open(service, name)
    await database.insert(AUDIT, [{"_id": "1", "reason": "true"}])

    with pytest.raises(RejectedWriteError, match="not authorized"):
        await database.update(AUDIT, {"_id": "1"}, {"reason": "false"})
    with pytest.raises(RejectedWriteError, match="not authorized"):
        await database.forget(AUDIT, ["1"])

    assert await database.find(AUDIT, {}, limit=2) == [{"_id": "1", "reason": "true"}]
    service.close()
    for leftovers in ("dropAllUsersFromDatabase", "dropAllRolesFromDatabase", "dropDatabase"):
        await client[name].command(leftovers)
    client.close()
