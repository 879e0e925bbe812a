"""A sample service: counters that HTTP, events and clocks all move, to prove the engine with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Annotated
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter, Response, Security

from kpo_chassis.documents import documents, entries
from kpo_chassis.doors import Blueprint, Doors, Engine, Handlers
from kpo_chassis.http import (
    ListFilters,
    Reading,
    RequestBody,
    ResponseBody,
    add_reading,
    command,
    reply,
    unkeyed_command,
)
from kpo_chassis.kernel import (
    PUBLIC,
    Caller,
    Cause,
    Changes,
    Clock,
    Command,
    Decision,
    Decisions,
    NotYetError,
    Occurrence,
    RejectedError,
    States,
    Stored,
    Task,
    TenantId,
    existing,
    maybe,
    together,
)
from kpo_events.catalogue import Event
from kpo_events.intake import ClientRegisteredV1, ClientUpdatedV1
from kpo_events.matching import VendorOnboardedV1
from kpo_events.payload import Payload

TOTAL_MAX = 1_000
POISON = "poison"
EARLY = "early"
LANDMARK = 500
"""Whoever counts this far becomes known to everybody."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The counter moved."""

    counter: UUID
    total: int


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts; a counter with a deadline doubles itself once when that has passed."""

    id: UUID
    tenant: TenantId
    total: int = 0
    due_at: datetime | None = None

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset({self.tenant, PUBLIC} if self.total >= LANDMARK else {self.tenant})

    @property
    def tasks(self) -> tuple[Task, ...]:
        if self.due_at is None:
            return ()
        return (Task(self.tenant, "add", f"/v1/counters/{self.id}/add", self.due_at),)

    def add(self, amount: int) -> Decision["Counter", Counted]:
        if self.total + amount > TOTAL_MAX:
            raise RejectedError(f"A counter goes up to {TOTAL_MAX}.", pointer="/amount")
        counted = replace(self, total=self.total + amount)
        return Decision(counted, (Counted(self.id, counted.total),))

    def ring(self) -> Decision["Counter", Counted]:
        rung = replace(self, total=2 * self.total, due_at=None)
        return Decision(rung, (Counted(self.id, rung.total),))


@dataclass(frozen=True, slots=True)
class Note:
    """One row per counted event."""

    id: str
    counter: UUID
    total: int


def counter_of(client: UUID) -> UUID:
    return uuid5(client, "counter")


async def count_client(event: Event[ClientRegisteredV1], cause: Occurrence, *, changes: Changes) -> None:
    counter = maybe(Counter, counter_of(event.data.client_id))

    def decide(states: States, now: datetime) -> Decisions:
        assert now is not None
        if event.data.name == POISON:
            raise ZeroDivisionError("a bug that only this event meets")
        if event.data.name == EARLY:
            raise NotYetError("something it needs has not arrived")
        before = states.get(counter) or Counter(counter.id, TenantId(event.data.client_id))
        counted = before.add(1)
        note = Note(f"{cause.topic}/{cause.key}/{cause.seq}", counter.id, counted.state.total)
        return together(counted, entries=[note])

    await changes.change(cause, decide, counter)


async def add(key: UUID, amount: int, cause: Cause, *, changes: Changes) -> Stored[Counter]:
    counter = existing(Counter, key)

    def decide(states: States, now: datetime) -> Decision[Counter, Counted]:
        assert now is not None
        return states[counter].add(amount)

    return await changes.change(cause, decide, counter)


async def create(
    key: UUID, tenant: TenantId, ring_after: timedelta | None, cause: Cause, *, changes: Changes
) -> Stored[Counter]:
    counter = maybe(Counter, key)

    def decide(states: States, now: datetime) -> Decision[Counter, Counted]:
        assert states.get(counter) is None, "a counter is made twice"
        made = Counter(key, tenant, due_at=now + ring_after if ring_after else None)
        return Decision(made, (Counted(key, 0),))

    return await changes.change(cause, decide, counter)


async def ring(key: UUID, cause: Clock, *, changes: Changes) -> Stored[Counter]:
    counter = existing(Counter, key)

    def decide(states: States, now: datetime) -> Decision[Counter, Counted]:
        assert now >= cause.due_at
        if states[counter].total == 13:
            raise ZeroDivisionError("a bug that only this clock meets")
        return states[counter].ring()

    return await changes.change(cause, decide, counter)


class CounterBody(ResponseBody):
    id: UUID
    total: int


class CreateBody(RequestBody):
    id: UUID
    ring_after_seconds: int | None = None


class AddBody(RequestBody):
    amount: int


def counter_body(stored: Stored[Counter], _: Caller) -> CounterBody:
    return CounterBody(id=stored.state.id, total=stored.state.total)


@dataclass(frozen=True)
class CounterFilters(ListFilters):
    total_min: int | None = None

    @property
    def facets(self) -> Mapping[str, object]:
        return {} if self.total_min is None else {"total": {"$gte": self.total_min}}


Adding = Annotated[Command, Security(command, scopes=["counters:write"])]


def router(engine: Engine) -> APIRouter:
    routes = APIRouter()
    add_reading(
        routes,
        engine.reads,
        Reading(
            kind=Counter,
            path="/v1/counters",
            name="counter",
            plural="counters",
            body=CounterBody,
            shape=counter_body,
            scope="counters:read",
            filters=CounterFilters,
        ),
    )

    @routes.post("/v1/counters", status_code=201)
    async def create_counter(body: CreateBody, response: Response, cause: Adding) -> CounterBody:
        after = timedelta(seconds=body.ring_after_seconds) if body.ring_after_seconds else None
        stored = await create(body.id, cause.caller.tenant, after, cause, changes=engine.changes)
        return reply(response, stored, counter_body)

    @routes.get("/v1/counters/{counter_id}/glance")
    async def glance_at_counter(
        counter_id: UUID, cause: Annotated[Command, Security(unkeyed_command)]
    ) -> CounterBody:
        counter = existing(Counter, counter_id)
        note = Note(uuid4().hex, counter_id, 0)
        stored = await engine.changes.change(cause, lambda *_: together(entries=[note]), counter)
        return counter_body(stored, cause.caller)

    @routes.post("/v1/counters/{counter_id}/add")
    async def add_to_counter(
        counter_id: UUID, body: AddBody, response: Response, cause: Adding
    ) -> CounterBody:
        stored = await add(counter_id, body.amount, cause, changes=engine.changes)
        return reply(response, stored, counter_body)

    return routes


def outgoing(fact: object) -> Payload:
    assert isinstance(fact, Counted)
    return VendorOnboardedV1(
        vendor_id=fact.counter, name=f"counted {fact.total}", country="NL", currencies=("EUR",)
    )


def build(engine: Engine) -> Doors:
    return doors(engine, router(engine))


def doors(engine: Engine, routes: APIRouter) -> Doors:
    async def on_client(event: Event[ClientRegisteredV1], cause: Occurrence) -> None:
        await count_client(event, cause, changes=engine.changes)

    async def on_clock(key: UUID, cause: Clock) -> None:
        await ring(key, cause, changes=engine.changes)

    handlers = Handlers().on(ClientRegisteredV1, on_client).on(ClientUpdatedV1, on_client)
    return Doors(routes, handlers, {Counter: on_clock})


@cache
def blueprint() -> Blueprint:
    return Blueprint(
        name="sample",
        description="Counters.",
        documents=(
            documents(
                Counter,
                name="counter",
                collection="counters",
                status=lambda _: "counting",
                facets=lambda counter: {"total": counter.total},
            ),
        ),
        entries=(
            entries(
                Note,
                collection="notes",
                encode=lambda note: {"_id": note.id, "counter": note.counter, "total": note.total},
                decode=lambda row: Note(str(row["_id"]), UUID(str(row["counter"])), int(str(row["total"]))),
            ),
        ),
        outgoing=outgoing,
        build=build,
    )
