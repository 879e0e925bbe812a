"""What becomes of parked events: by a newer build, by a wish for all of a kind, and in people's hands."""

import json
import logging
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

import pytest
from pydantic import JsonValue

from kpo_chassis.broker import Outgoing
from kpo_chassis.masking import HIDDEN
from kpo_chassis.parked_desk import IDS_SHOWN_MAX, NOT_RETRIED, RECORDS_SHOWN_MAX, WISHES_MAX
from kpo_chassis.reader import READER, Reader
from kpo_chassis.store import INBOX, PARKED, Document, Where
from kpo_chassis.testing.broker import MemoryBroker
from kpo_chassis.testing.database import MemoryDatabase
from kpo_chassis.testing.service import MemoryService, memory
from kpo_events.catalogue import Event, decode
from kpo_events.payload import Payload

from .bench import Bench, a_record
from .sample import POISON, blueprint

KNOWN, FUTURE = b"intake.client.registered.v1", b"intake.client.registered.v9"
OPERATOR = ("operator",)
HEALS = 4


Headers = Iterable[tuple[str, bytes]]


def _renamed(headers: Headers, before: bytes, after: bytes) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, after if data == before else data) for name, data in headers)


def decode_the_future(headers: Headers, value: bytes) -> Event[Payload]:
    """Read what today's catalogue cannot, as one of tomorrow does."""
    return decode(_renamed(headers, FUTURE, KNOWN), value)


NEWER = Reader(decode_the_future, "of tomorrow")


def of_the_future(client: UUID, number: int) -> Outgoing:
    record = a_record(client, number, "Acme")
    return record._replace(headers=_renamed(record.headers, KNOWN, FUTURE))


@pytest.fixture
async def service() -> AsyncIterator[MemoryService]:
    async with memory(blueprint()) as running:
        yield running


class ForgetfulDatabase(MemoryDatabase):
    """Lets a parked row go just before a wish is written into it."""

    forgets = False

    async def update(self, collection: str, where: Where, changes: Where) -> bool:
        if self.forgets and collection == PARKED:
            await self.forget(PARKED, [str(where["_id"])])
        return await super().update(collection, where, changes)


async def arrive(service: MemoryService, *records: Outgoing) -> None:
    for record in records:
        service.broker.append(record.topic, record.key, record.headers, record.value)
    await service.settle()


async def parked(service: MemoryService) -> list[Document]:
    return await service.database.find(PARKED, {}, sort=(("key", 1), ("seq", 1)), limit=100)


# A newer build --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Site:
    """A database and a log, at which one build works after the other."""

    database: MemoryDatabase = field(default_factory=MemoryDatabase)
    broker: MemoryBroker = field(default_factory=MemoryBroker)

    async def work(self, reader: Reader, *records: Outgoing) -> list[Document]:
        """Let a build take what arrives and look after what is parked; give what is parked in the end."""
        made = memory(blueprint(), database=self.database, broker=self.broker, reader=reader)
        async with made as service:
            await arrive(service, *records)
            for _ in range(HEALS):
                await service.heal()
            return await parked(service)


async def test_an_event_of_the_future_waits_and_the_same_build_does_not_try_again() -> None:
    client = uuid4()

    rows = await Site().work(READER, of_the_future(client, 1), a_record(client, 2))

    assert [(row["code"], row["attempts"]) for row in rows] == [("unknown_major", 0), ("behind", 0)]


async def test_the_first_build_that_can_read_it_applies_it_by_itself() -> None:
    client, site = uuid4(), Site()
    await site.work(READER, of_the_future(client, 1), a_record(client, 2))

    rows = await site.work(NEWER)

    assert rows == []
    assert [row["seq"] for row in await site.database.find(INBOX, {}, limit=10)] == [2]


async def test_a_build_that_cannot_read_it_either_tries_once() -> None:
    site = Site()
    await site.work(READER, of_the_future(uuid4(), 1))

    (row,) = await site.work(replace(NEWER, decode=decode))

    assert (row["code"], row["attempts"], row["unreadable_by"]) == ("unknown_major", 1, NEWER.ability)


# Wishes and looks -----------------------------------------------------------------------------------------


async def test_all_events_of_a_code_are_tried_again_together(service: MemoryService) -> None:
    clients = [uuid4() for _ in range(3)]
    await arrive(service, *(a_record(client, 1, POISON) for client in clients))

    answer = await _retry_all(service, "bug", dry_run=False)

    assert answer["count"] == 3
    assert {row["wish"] for row in await parked(service)} == {"retry"}


async def test_a_dry_run_names_them_and_does_nothing(service: MemoryService) -> None:
    client = uuid4()
    await arrive(service, a_record(client, 1, POISON))

    answer = await _retry_all(service, "bug", dry_run=True)

    assert answer == {"count": 1, "ids": [f"intake.client/{client}/1"], "left": 0, "dry_run": True}
    assert [row["wish"] for row in await parked(service)] == [None]


async def test_events_of_other_codes_are_left_alone(service: MemoryService) -> None:
    await arrive(service, a_record(uuid4(), 1, POISON))

    assert (await _retry_all(service, "unreadable", dry_run=False))["count"] == 0


async def test_of_events_of_a_code_those_with_one_error_are_tried_again(service: MemoryService) -> None:
    await arrive(service, a_record(uuid4(), 1, POISON))

    others = await _retry_all(service, "bug", dry_run=True, error="KeyError")
    these = await _retry_all(service, "bug", dry_run=True, error="ZeroDivisionError")

    assert (others["count"], these["count"]) == (0, 1)


async def test_what_comes_back_by_its_order_cannot_be_asked_for_together(service: MemoryService) -> None:
    answer = await service.http.put(
        "/v1/operations/parked-wishes",
        json={"code": "behind", "reason": "impatient"},
        headers=service.token(scopes=OPERATOR),
    )

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/code")


async def test_no_more_are_tried_again_at_once_than_the_limit_and_the_rest_is_told(
    service: MemoryService,
) -> None:
    await arrive(service, a_record(uuid4(), 1, POISON))
    (row,) = await parked(service)
    await service.database.insert(PARKED, [{**row, "_id": f"more {n:04}"} for n in range(WISHES_MAX)])

    answer = await _retry_all(service, "bug", dry_run=False)

    assert (answer["count"], answer["left"], len(_texts(answer["ids"]))) == (WISHES_MAX, 1, IDS_SHOWN_MAX)
    assert await service.database.count(PARKED, {"wish": "retry"}, limit=2 * WISHES_MAX) == WISHES_MAX


async def test_a_key_is_retried_by_its_first_parked_event(service: MemoryService) -> None:
    client = uuid4()
    await arrive(service, a_record(client, 1, POISON), a_record(client, 2))

    status, told = await _wish(service, f"intake.client/{client}", "retry")

    assert (status, told["id"]) == (200, f"intake.client/{client}/1")
    assert [row["wish"] for row in await parked(service)] == ["retry", None]


async def test_a_skip_must_name_its_event(service: MemoryService) -> None:
    client = uuid4()
    await arrive(service, a_record(client, 1, POISON))

    status, told = await _wish(service, f"intake.client/{client}", "skip")

    assert (status, [row["wish"] for row in await parked(service)]) == (422, [None])
    assert f"intake.client/{client}/1" in str(told["detail"])


@pytest.mark.parametrize("wish", ["retry", "skip"])
async def test_a_wish_about_an_event_that_is_parked_no_more_says_so(
    service: MemoryService, wish: str
) -> None:
    client = uuid4()
    await arrive(service, a_record(client, 2), a_record(client, 1))
    await service.heal()

    status, told = await _wish(service, f"intake.client/{client}/2", wish)

    assert status == 404
    assert f"Nothing is parked as intake.client/{client}/2" in str(told["detail"])


async def test_a_wish_that_comes_a_moment_too_late_says_so() -> None:
    client, database = uuid4(), ForgetfulDatabase()
    async with memory(blueprint(), database=database) as service:
        await arrive(service, a_record(client, 1, POISON))
        database.forgets = True

        status, told = await _wish(service, f"intake.client/{client}/1", "retry")

    assert (status, "came back a moment ago" in str(told["detail"])) == (404, True)


async def test_a_retry_of_what_waits_for_its_order_is_refused_with_a_reason(service: MemoryService) -> None:
    client, late = uuid4(), uuid4()
    await arrive(service, a_record(client, 1, POISON), a_record(client, 2), a_record(late, 2))
    service.broker.append("intake.client", None, (), b"{}")
    await service.settle()
    (unnumbered,) = [row["_id"] for row in await parked(service) if row["seq"] is None]

    behind = await _wish(service, f"intake.client/{client}/2", "retry")
    gap = await _wish(service, f"intake.client/{late}/2", "retry")
    no_key = await _wish(service, str(unnumbered), "retry")

    assert [status for status, _ in (behind, gap, no_key)] == [422, 422, 422]
    assert [told["detail"] for _, told in (behind, gap, no_key)] == list(NOT_RETRIED.values())


async def test_a_list_can_show_one_cause_alone(service: MemoryService) -> None:
    client = uuid4()
    await arrive(service, a_record(client, 1, POISON), a_record(client, 2))

    page = await _get(service, "/v1/operations/parked?code=bug")

    assert (page["count"], [row["seq"] for row in _rows(page["items"])]) == (1, [1])


async def test_one_event_is_shown_with_what_waits_behind_it(service: MemoryService) -> None:
    client = uuid4()
    await arrive(service, a_record(client, 1, POISON), a_record(client, 2), a_record(client, 3))

    by_id = await _get(service, f"/v1/operations/parked-records/intake.client/{client}/1")
    by_key = await _get(service, f"/v1/operations/parked-records/intake.client/{client}")

    assert by_id == by_key
    assert (by_id["seq"], by_id["waiting_behind"], by_id["masked"]) == (1, 2, True)


async def test_what_an_error_quotes_is_hidden_in_the_list(service: MemoryService) -> None:
    client = uuid4()
    await arrive(service, a_record(client, 1, POISON))
    parked_id = f"intake.client/{client}/1"
    await service.database.update(PARKED, {"_id": parked_id}, {"reason": "KeyError: 'Jan Jansen'"})

    page = await _get(service, "/v1/operations/parked")
    shown = await _get(service, f"/v1/operations/parked-records/{parked_id}?reveal=true&reason=repair")

    assert [row["reason"] for row in _rows(page["items"])] == [f"KeyError: '{HIDDEN}'"]
    assert shown["reason"] == "KeyError: 'Jan Jansen'"


async def test_a_long_export_is_read_page_by_page(service: MemoryService) -> None:
    await arrive(service, a_record(uuid4(), 1, POISON))
    (row,) = await parked(service)
    await service.database.insert(PARKED, [{**row, "_id": f"more {n:04}"} for n in range(RECORDS_SHOWN_MAX)])

    first = await _get(service, "/v1/operations/parked-records")
    second = await _get(service, f"/v1/operations/parked-records?after={first['next']}")

    assert len(_rows(first["items"])) == RECORDS_SHOWN_MAX
    assert (len(_rows(second["items"])), second["next"]) == (1, None)


async def test_what_people_wrote_is_hidden_in_a_record(service: MemoryService) -> None:
    client = uuid4()
    await arrive(service, a_record(client, 1, POISON))

    (record,) = await _records(service, "")

    assert (record["masked"], record["code"]) == (True, "bug")
    assert record["body"] == {"client_id": str(client), "name": HIDDEN, "country": "NL", "currency": "EUR"}


async def test_a_header_that_is_none_of_ours_is_hidden_too(service: MemoryService) -> None:
    made = a_record(uuid4(), 1, POISON)
    await arrive(service, made._replace(headers=(*made.headers, ("x-note", b"call Jane"))))

    (record,) = await _records(service, "")

    assert isinstance(record["headers"], dict)
    assert (record["headers"]["x-note"], record["headers"]["ce_type"]) == (HIDDEN, KNOWN.decode())


async def test_who_reveals_what_people_wrote_is_on_record(
    service: MemoryService, caplog: pytest.LogCaptureFixture
) -> None:
    await arrive(service, a_record(uuid4(), 1, POISON))

    with caplog.at_level(logging.INFO, "kpo.operations"):
        (record,) = await _records(service, "?reveal=true&reason=repair")

    assert isinstance(record["body"], dict)
    assert record["body"]["name"] == POISON
    (line,) = [each for each in caplog.records if each.message == "operator_act"]
    assert (line.__dict__["step"], line.__dict__["reason"]) == ("revealed", "repair")


async def test_nobody_reveals_without_a_reason(service: MemoryService) -> None:
    url = "/v1/operations/parked-records?reveal=true"

    answer = await service.http.get(url, headers=service.token(scopes=OPERATOR))

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/reason")


async def _wish(service: MemoryService, name: str, wish: str) -> tuple[int, dict[str, JsonValue]]:
    answer = await service.http.put(
        f"/v1/operations/parked/{name}/wish",
        json={"wish": wish, "reason": "a test"},
        headers=service.token(scopes=OPERATOR),
    )
    told: dict[str, JsonValue] = answer.json()
    return answer.status_code, told


async def _get(service: MemoryService, url: str) -> dict[str, JsonValue]:
    answer = await service.http.get(url, headers=service.token(scopes=OPERATOR))
    assert answer.status_code == 200, answer.text
    found: dict[str, JsonValue] = answer.json()
    return found


def _rows(items: object) -> list[dict[str, JsonValue]]:
    assert isinstance(items, list)
    return items


def _texts(items: object) -> list[str]:
    assert isinstance(items, list)
    return items


async def _retry_all(
    service: MemoryService, code: str, *, dry_run: bool, error: str | None = None
) -> dict[str, object]:
    answer = await service.http.put(
        "/v1/operations/parked-wishes",
        json={"code": code, "error": error, "reason": "fixed", "dry_run": dry_run},
        headers=service.token(scopes=OPERATOR),
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def _records(service: MemoryService, query: str) -> list[dict[str, JsonValue]]:
    url = f"/v1/operations/parked-records{query}"
    answer = await service.http.get(url, headers=service.token(scopes=OPERATOR))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, JsonValue]] = json.loads(answer.text)["items"]
    return items


# On real servers ------------------------------------------------------------------------------------------


@pytest.mark.real
async def test_a_deployment_that_understands_an_event_releases_its_key_on_real_servers(bench: Bench) -> None:
    client = uuid4()
    await bench.producer.send([of_the_future(client, 1), a_record(client, 2, "Acme")])
    async with bench.worker():
        await bench.until(PARKED, 2)

    async with bench.worker(NEWER):
        await bench.until(PARKED, 0)

    assert [row["seq"] for row in await bench.rows(INBOX)] == [2]
