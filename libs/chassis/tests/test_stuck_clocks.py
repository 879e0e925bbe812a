"""A clock that keeps failing waits for a person, who lets it be tried again or leaves it out."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

import httpx2
import pytest

from kpo_chassis.kernel import Caller, Command, PersonId, TenantId
from kpo_chassis.machinery import Machinery
from kpo_chassis.parked_desk import WishBody
from kpo_chassis.testing.service import MemoryService, memory

from .bench import LOOK_SECONDS, SECONDS_MAX, Bench
from .sample import Counter, add, blueprint, create

SICK = 13
"""The total with which the sample's clock meets a bug."""

MINUTE = timedelta(minutes=1)
ADD = ("counters:write", "counters:read")
STUCK = {"stuck": {"$exists": True}}


@dataclass
class Desk:
    """A service whose one clock is stuck, and its operator."""

    service: MemoryService
    counter: UUID = field(default_factory=uuid4)
    tenant: UUID = field(default_factory=uuid4)
    person: UUID = field(default_factory=uuid4)

    async def post(self, path: str, body: dict[str, object]) -> None:
        headers = self.service.token(tenant=self.tenant, scopes=ADD)
        answer = await self.service.http.post(path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text

    async def add(self, amount: int) -> None:
        await self.post(f"/v1/counters/{self.counter}/add", {"amount": amount})

    async def wish(self, wish: str, *, kind: str = "counter", key: UUID | None = None) -> httpx2.Response:
        path = f"/v1/operations/clocks/{kind}/{key or self.counter}/wish"
        body = {"wish": wish, "reason": "because"}
        return await self.service.http.put(path, json=body, headers=self.operator)

    async def clocks(self) -> list[dict[str, object]]:
        answer = await self.service.http.get("/v1/operations/clocks", headers=self.operator)
        items: list[dict[str, object]] = answer.json()["items"]
        return items

    async def needing_a_person(self) -> int:
        status = await self.service.http.get("/v1/operations/status", headers=self.operator)
        return len(status.json()["stuck_clocks"])

    async def total(self) -> int:
        return (await self.service.reads.get(Counter, self.counter)).state.total

    @property
    def operator(self) -> dict[str, str]:
        return self.service.token(person=self.person, scopes=("operator",))


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with memory(blueprint()) as service:
        desk = Desk(service)
        await desk.post("/v1/counters", {"id": str(desk.counter), "ring_after_seconds": 60})
        await desk.add(SICK)
        await service.tick(MINUTE)
        yield desk


async def test_a_stuck_clock_is_listed_with_its_deadline_and_the_reason(desk: Desk) -> None:
    (clock,) = await desk.clocks()

    assert (clock["aggregate"], clock["id"], clock["wish"]) == ("counter", str(desk.counter), None)
    assert (clock["due_at"], clock["stuck_at"]) == ("2026-03-02T09:01:00.000Z", "2026-03-02T09:01:00.000Z")
    assert "a bug that only this clock meets" in str(clock["reason"])


async def test_a_stuck_clock_stays_out_until_somebody_wishes_otherwise(desk: Desk) -> None:
    await desk.add(1)

    await desk.service.tick(MINUTE)

    assert (await desk.total(), await desk.needing_a_person()) == (SICK + 1, 1)


async def test_a_clock_is_carried_out_when_a_retry_is_wished_and_the_cause_is_gone(desk: Desk) -> None:
    await desk.add(1)

    answer = await desk.wish("retry")
    await desk.service.tick()

    assert (answer.status_code, answer.json()["wish"]) == (200, "retry")
    assert await desk.total() == 2 * (SICK + 1)
    assert await desk.clocks() == []


async def test_a_retry_that_fails_again_uses_the_wish_up(desk: Desk) -> None:
    await desk.wish("retry")

    await desk.service.tick(MINUTE)

    (clock,) = await desk.clocks()
    assert (clock["wish"], clock["stuck_at"]) == (None, "2026-03-02T09:02:00.000Z")
    assert await desk.total() == SICK


async def test_a_skipped_clock_needs_nobody_and_never_acts(desk: Desk) -> None:
    await desk.wish("skip")
    await desk.add(1)

    await desk.service.tick(MINUTE)

    assert (await desk.total(), await desk.needing_a_person()) == (SICK + 1, 0)
    assert [clock["wish"] for clock in await desk.clocks()] == ["skip"]


async def test_a_skipped_clock_can_still_be_retried(desk: Desk) -> None:
    await desk.wish("skip")
    await desk.add(1)

    await desk.wish("retry")
    await desk.service.tick()

    assert await desk.total() == 2 * (SICK + 1)


async def test_a_wish_keeps_who_wished_and_why(desk: Desk) -> None:
    await desk.wish("skip")

    (row,) = await desk.service.database.find("counters", STUCK, limit=10)
    stuck = row["stuck"]
    assert isinstance(stuck, dict)
    assert (stuck["wished_by"], stuck["wished_because"]) == (str(desk.person), "because")


@pytest.mark.parametrize(
    ("kind", "key", "sentence"),
    [("counter", uuid4(), "No clock of counter"), ("match", None, "no aggregates of the name match")],
)
async def test_a_wish_about_no_stuck_clock_is_not_found(
    desk: Desk, kind: str, key: UUID | None, sentence: str
) -> None:
    answer = await desk.wish("retry", kind=kind, key=key)

    assert answer.status_code == 404
    assert sentence in answer.json()["detail"]


async def test_only_operators_see_and_move_clocks(desk: Desk) -> None:
    stranger = desk.service.token(tenant=desk.tenant, scopes=ADD)
    path = f"/v1/operations/clocks/counter/{desk.counter}/wish"

    seen = await desk.service.http.get("/v1/operations/clocks", headers=stranger)
    wished = await desk.service.http.put(path, json={"wish": "skip", "reason": "x"}, headers=stranger)

    assert (seen.status_code, wished.status_code) == (403, 403)


# On real servers ------------------------------------------------------------------------------------------


@pytest.mark.real
async def test_a_clock_is_stuck_listed_and_released_on_real_servers(bench: Bench) -> None:
    person = Caller(PersonId(uuid4()), TenantId(uuid4()), frozenset({Caller.OPERATOR}))
    key = uuid4()
    async with bench.worker() as machinery:
        changes = machinery.committer
        await create(key, person.tenant, timedelta(seconds=1), a_command(person), changes=changes)
        await add(key, SICK, a_command(person), changes=changes)
        await bench.until("counters", 1, seq=2)
        await until_stuck(machinery)
        await add(key, 1, a_command(person), changes=changes)

        body = WishBody(wish="retry", reason="the cause is gone")
        await machinery.operations.wish_clock("counter", key, body, person)

        await bench.until("counters", 1, due_at=None)
        left = await machinery.operations.clocks()
    (row,) = await bench.rows("counters")
    state = row["state"]
    assert isinstance(state, dict)
    assert (state["total"], left.items) == (2 * (SICK + 1), ())


async def until_stuck(machinery: Machinery) -> None:
    async with asyncio.timeout(SECONDS_MAX):
        while not (await machinery.operations.clocks()).items:  # noqa: ASYNC110 - a document sends no event.
            await asyncio.sleep(LOOK_SECONDS)


def a_command(caller: Caller) -> Command:
    return Command(caller, uuid4().hex, "0" * 64)
