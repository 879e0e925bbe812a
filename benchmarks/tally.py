"""The service that is measured: an event in, one aggregate changed, one event out, about 1 KB each."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar
from uuid import UUID

from fastapi import APIRouter

from kpo_chassis.documents import documents
from kpo_chassis.doors import Blueprint, Doors, Engine, Handlers
from kpo_chassis.kernel import Decision, Occurrence, Quiet, States, TenantId, maybe
from kpo_events.catalogue import Event
from kpo_events.intake import EngagementCancellationRequestedV1
from kpo_events.matching import MatchDeclinedV1
from kpo_events.payload import Payload

P = TypeVar("P", EngagementCancellationRequestedV1, MatchDeclinedV1)

SOURCE = "intake.engagement"
TARGET = "matching.match"
COLLECTION = "tallies"


@dataclass(frozen=True, slots=True)
class Tallied:
    """One more event was counted; it carries on what came in."""

    tally: UUID
    client: UUID
    count: int
    text: str


@dataclass(frozen=True, slots=True)
class Tally(Quiet):
    """How many events came, and the sum of their numbers: known beforehand, so both can be checked."""

    id: UUID
    client: TenantId
    count: int = 0
    total: int = 0
    text: str = ""

    @property
    def parties(self) -> frozenset[TenantId]:
        return frozenset({self.client})

    def take(self, seq: int, text: str) -> Decision["Tally", Tallied]:
        taken = replace(self, count=self.count + 1, total=self.total + seq, text=text)
        return Decision(taken, (Tallied(self.id, self.client, taken.count, text),))


def outgoing(fact: object) -> Payload:
    assert isinstance(fact, Tallied)
    return MatchDeclinedV1(
        engagement_id=fact.tally,
        client_id=fact.client,
        waiting_on=None,
        match_id=fact.tally,
        offer_number=1,
        expert_id=fact.tally,
        vendor_id=fact.client,
        reason=fact.text,
    )


DOCUMENTS = documents(Tally, name="tally", collection=COLLECTION, status=lambda tally: f"at {tally.count}")


def _build(engine: Engine, model: type[P], *, announces: bool) -> Doors:
    async def on_event(event: Event[P], cause: Occurrence) -> None:
        tally = maybe(Tally, event.data.engagement_id)

        def decide(states: States, now: datetime) -> Decision[Tally, Tallied]:
            assert now is not None
            before = states.get(tally) or Tally(tally.id, TenantId(event.data.client_id))
            taken = before.take(event.seq, event.data.reason)
            return taken if announces else Decision(taken.state)

        await engine.changes.change(cause, decide, tally)

    return Doors(APIRouter(), Handlers().on(model, on_event))


def blueprint(name: str) -> Blueprint:
    return _blueprint(name, partial(_build, model=EngagementCancellationRequestedV1, announces=True))


def next_blueprint(name: str) -> Blueprint:
    """Describe the service behind the other one in a chain: it counts what that announces."""
    return _blueprint(name, partial(_build, model=MatchDeclinedV1, announces=False))


def _blueprint(name: str, build: Callable[[Engine], Doors]) -> Blueprint:
    return Blueprint(
        name=name,
        description="Counts events.",
        documents=(DOCUMENTS,),
        outgoing=outgoing,
        build=build,
    )
