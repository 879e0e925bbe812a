"""Each cause for which an event is set aside: what it holds up, what goes on, and how it comes back."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kpo_chassis.outcome import ATTEMPTS_MAX, NOT_YET_DELAY
from kpo_chassis.parking import VERSION
from kpo_chassis.reader import READER, Reader
from kpo_chassis.store import PARKED, Document
from kpo_chassis.testing.service import MemoryService, memory
from kpo_events.catalogue import Event, decode
from kpo_events.intake import ClientRegisteredV1
from kpo_events.payload import Payload

from .bench import a_record
from .sample import EARLY, POISON, Counter, blueprint, counter_of

FINE = "Acme"
OPERATOR = ("operator",)
FUTURE = b"intake.client.registered.v9"


@dataclass
class Surroundings:
    """What handlers meet: a bug that is there or is fixed, and master data that is missing or has come."""

    cured: set[str] = field(default_factory=set)

    def decode(self, headers: Iterable[tuple[str, bytes]], value: bytes) -> Event[Payload]:
        event = decode(headers, value)
        if isinstance(event.data, ClientRegisteredV1) and event.data.name in self.cured:
            return replace(event, data=event.data.model_copy(update={"name": FINE}))
        return event


@dataclass(frozen=True)
class Scene:
    """One service, the key that something bad arrives for, and another one."""

    service: MemoryService
    surroundings: Surroundings
    held: UUID = field(default_factory=uuid4)
    free: UUID = field(default_factory=uuid4)

    async def arrive(self, key: UUID, number: int, name: str = FINE, *, body: bytes | None = None) -> None:
        made = a_record(key, number, name)
        self.service.broker.append(made.topic, made.key, made.headers, body or made.value)
        await self.service.settle()

    async def rows(self) -> list[Document]:
        return await self.service.database.find(PARKED, {}, sort=(("seq", 1),), limit=10)

    async def codes(self) -> list[object]:
        return [row["code"] for row in await self.rows()]

    async def total(self, key: UUID) -> int:
        return (await self.service.reads.get(Counter, counter_of(key))).state.total

    async def wish(self, wish: str, number: int) -> None:
        answer = await self.service.http.put(
            f"/v1/operations/parked/intake.client/{self.held}/{number}/wish",
            json={"wish": wish, "reason": "a test"},
            headers=self.service.token(scopes=OPERATOR),
        )
        assert answer.status_code == 200, answer.text
        await self.heal()

    async def heal(self) -> None:
        await self.service.heal()
        await self.service.heal()


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    surroundings = Surroundings()
    async with memory(blueprint(), reader=Reader(surroundings.decode, READER.ability)) as service:
        yield Scene(service, surroundings)


# Unreadable -----------------------------------------------------------------------------------------------


async def test_an_unreadable_event_holds_its_key_and_no_other(scene: Scene) -> None:
    await scene.arrive(scene.held, 1, body=b'{"name": ')
    await scene.arrive(scene.held, 2)
    await scene.arrive(scene.free, 1)
    await scene.heal()

    assert await scene.codes() == ["unreadable", "behind"]
    assert await scene.total(scene.free) == 1


async def test_an_unreadable_event_that_is_left_out_lets_the_next_ones_go_on(scene: Scene) -> None:
    await scene.arrive(scene.held, 1, body=b'{"name": ')
    await scene.arrive(scene.held, 2)

    await scene.wish("skip", 1)

    assert await scene.codes() == []
    assert await scene.total(scene.held) == 1


# Unknown major (a newer build releases it: test_parked_desk.py) -------------------------------------------


async def test_an_event_of_an_unknown_major_version_holds_its_key_and_no_other(scene: Scene) -> None:
    made = a_record(scene.held, 1)
    headers = tuple((name, FUTURE if name == "ce_type" else data) for name, data in made.headers)
    scene.service.broker.append(made.topic, made.key, headers, made.value)
    await scene.arrive(scene.held, 2)
    await scene.arrive(scene.free, 1)
    await scene.heal()

    assert await scene.codes() == ["unknown_major", "behind"]
    assert await scene.total(scene.free) == 1


# A gap ----------------------------------------------------------------------------------------------------


async def test_a_gap_holds_its_key_and_no_other(scene: Scene) -> None:
    await scene.arrive(scene.held, 1)
    await scene.arrive(scene.held, 3)
    await scene.arrive(scene.held, 4)
    await scene.arrive(scene.free, 1)
    await scene.heal()

    assert await scene.codes() == ["gap", "behind"]
    assert (await scene.total(scene.held), await scene.total(scene.free)) == (1, 1)
    assert scene.service.meters.counted("kpo_gaps_total") == 1


async def test_a_gap_closes_by_itself_when_the_missing_number_arrives(scene: Scene) -> None:
    await scene.arrive(scene.held, 1)
    await scene.arrive(scene.held, 3)
    await scene.arrive(scene.held, 4)

    await scene.arrive(scene.held, 2)
    await scene.heal()

    assert await scene.codes() == []
    assert await scene.total(scene.held) == 4


# A bug ----------------------------------------------------------------------------------------------------


async def test_an_event_is_tried_three_times_before_it_is_parked_as_a_bug(scene: Scene) -> None:
    await scene.arrive(scene.held, 1, POISON)
    await scene.arrive(scene.held, 2)
    await scene.arrive(scene.free, 1)
    await scene.heal()

    first, second = await scene.rows()
    assert (first["code"], first["attempts"], first["error"]) == ("bug", ATTEMPTS_MAX, "ZeroDivisionError")
    assert (second["code"], second["attempts"]) == ("behind", 0)
    assert await scene.total(scene.free) == 1


async def test_a_bug_stays_parked_though_it_was_fixed_until_somebody_wishes_a_retry(scene: Scene) -> None:
    await scene.arrive(scene.held, 1, POISON)
    await scene.arrive(scene.held, 2)
    scene.surroundings.cured.add(POISON)
    await scene.heal()
    before = await scene.codes()

    await scene.wish("retry", 1)

    assert (before, await scene.codes()) == (["bug", "behind"], [])
    assert await scene.total(scene.held) == 2


async def test_a_bug_that_was_not_fixed_uses_the_wish_up(scene: Scene) -> None:
    await scene.arrive(scene.held, 1, POISON)

    await scene.wish("retry", 1)

    (row,) = await scene.rows()
    assert (row["code"], row["wish"], row["attempts"]) == ("bug", None, ATTEMPTS_MAX + 1)


# Not yet --------------------------------------------------------------------------------------------------


async def test_an_event_that_comes_too_early_holds_its_key_until_what_it_needs_is_there(scene: Scene) -> None:
    await scene.arrive(scene.held, 1, EARLY)
    await scene.arrive(scene.held, 2)
    await scene.arrive(scene.free, 1)
    before = await scene.codes()
    scene.surroundings.cured.add(EARLY)

    scene.service.clock.advance(NOT_YET_DELAY)
    await scene.heal()

    assert (before, await scene.codes()) == (["not_yet", "behind"], [])
    assert (await scene.total(scene.held), await scene.total(scene.free)) == (2, 1)


async def test_an_event_that_comes_too_early_is_not_tried_before_its_time(scene: Scene) -> None:
    await scene.arrive(scene.held, 1, EARLY)
    scene.surroundings.cured.add(EARLY)

    scene.service.clock.advance(NOT_YET_DELAY - timedelta(milliseconds=1))
    await scene.heal()

    assert await scene.codes() == ["not_yet"]


# No key ---------------------------------------------------------------------------------------------------


async def test_a_record_without_a_key_holds_nothing_up(scene: Scene) -> None:
    scene.service.broker.append("intake.client", None, (), b"{}")
    await scene.arrive(scene.free, 1)
    await scene.heal()

    assert await scene.codes() == ["no_key"]
    assert await scene.total(scene.free) == 1


# For people who watch -------------------------------------------------------------------------------------


async def test_a_copy_tells_people_where_when_why_and_by_whom_an_event_was_parked(scene: Scene) -> None:
    await scene.arrive(scene.held, 1, POISON)

    (copy,) = [record for record in scene.service.broker.sent if record.topic == "sample.parked"]
    (row,) = await scene.rows()
    told = {name: data.decode() for name, data in copy.headers if name.startswith("kpo_")}
    assert (copy.key, copy.value) == (str(scene.held), row["value"])
    assert told.pop("kpo_trace", None) == row["trace"]
    assert told == {
        "kpo_topic": "intake.client",
        "kpo_partition": str(row["partition"]),
        "kpo_offset": str(row["offset"]),
        "kpo_seq": "1",
        "kpo_parked_at": scene.service.clock.now().isoformat(),
        "kpo_code": "bug",
        "kpo_error": "ZeroDivisionError",
        "kpo_reason": "ZeroDivisionError: a bug that only this event meets",
        "kpo_attempts": "3",
        "kpo_version": VERSION,
    }


async def test_what_is_parked_is_counted_by_its_code(scene: Scene) -> None:
    await scene.arrive(scene.held, 1, POISON)
    await scene.arrive(scene.held, 2)

    counted = scene.service.meters.counted
    assert (counted("kpo_parked_total", code="bug"), counted("kpo_parked_total", code="behind")) == (1, 1)
