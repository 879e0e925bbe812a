"""Two requests with one key in one process, while the first is still under way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx2

from kpo_chassis.testing.database import MemoryDatabase, MemoryTransaction
from kpo_chassis.testing.service import MemoryService, memory

from .sample import Counter, blueprint

TIMEOUT_SECONDS = 0.2
ADD = ("counters:write", "counters:read")


class GatedDatabase(MemoryDatabase):
    """A database that commits nothing while its gate is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MemoryTransaction]:
        async with super().transaction() as tx:
            yield tx
            await self.gate.wait()


class Asker:
    """Somebody who sends one request again and again."""

    def __init__(self, service: MemoryService) -> None:
        self._service = service
        self._headers = service.token(tenant=uuid4(), scopes=ADD)
        self.counter = uuid4()

    async def ask(self) -> httpx2.Response:
        body = {"id": str(self.counter)}
        return await self._service.http.post("/v1/counters", json=body, headers=self._headers)


async def test_a_second_request_waits_for_the_first_and_gets_its_answer() -> None:
    database = GatedDatabase()
    async with memory(blueprint(), database=database) as service:
        asker = Asker(service)
        both = [asyncio.create_task(asker.ask()) for _ in range(2)]
        await asyncio.sleep(TIMEOUT_SECONDS)
        waited = not any(task.done() for task in both)

        database.gate.set()

        first, second = await asyncio.gather(*both)
    assert waited
    assert (first.status_code, second.status_code) == (201, 201)
    assert ("idempotency-replayed" in first.headers, second.headers["idempotency-replayed"]) == (
        False,
        "true",
    )


async def test_who_waits_too_long_behind_its_own_first_request_is_told_so() -> None:
    database = GatedDatabase()
    async with memory(blueprint(), database=database, request_timeout_seconds=TIMEOUT_SECONDS) as service:
        asker = Asker(service)

        first, second = await asker.ask(), await asker.ask()

        database.gate.set()
        third = await asker.ask()
        stored = await service.reads.get(Counter, asker.counter)
    assert (first.status_code, first.json()["code"]) == (503, "timeout")
    assert (second.status_code, second.json()["code"]) == (409, "request_in_flight")
    assert second.json()["errors"][0]["pointer"] == "/Idempotency-Key"
    assert second.headers["retry-after"] == "1"
    assert (third.status_code, third.headers["idempotency-replayed"], stored.version) == (201, "true", 1)


async def test_another_key_that_waits_too_long_is_told_only_that() -> None:
    database = GatedDatabase()
    async with memory(blueprint(), database=database, request_timeout_seconds=TIMEOUT_SECONDS) as service:
        await Asker(service).ask()

        answer = await Asker(service).ask()

        database.gate.set()
    assert (answer.status_code, answer.json()["code"]) == (503, "timeout")
