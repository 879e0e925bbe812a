"""The operators' door of a worker: what runs, what waits, what is parked, and wishes about it."""

import logging
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Security
from pydantic import Field

from kpo_chassis.bodies import RequestBody, ResponseBody
from kpo_chassis.commands import caller
from kpo_chassis.committer import Committer
from kpo_chassis.consumer import Consuming
from kpo_chassis.doors import Blueprint
from kpo_chassis.kernel import Caller, NotFoundError
from kpo_chassis.store import OUTBOX, PARKED, Database, Document

log = logging.getLogger("kpo.operations")

PARKED_SHOWN_MAX = 200
COUNTED_MAX = 100_000

Operator = Annotated[Caller, Security(caller, scopes=[Caller.OPERATOR])]


class LaneBody(ResponseBody):
    """How far one partition has been consumed here."""

    topic: str
    partition: int
    next_offset: int
    queued: int
    lag: int | None


class StuckClockBody(ResponseBody):
    """A clock whose change failed three times."""

    aggregate: str
    id: UUID
    reason: str


class StatusBody(ResponseBody):
    """A worker as operations see it; counts stop at a limit that is far above what is healthy."""

    service: str
    lanes: tuple[LaneBody, ...]
    queued_records: int
    outbox_documents: int
    parked_events: int
    stuck_clocks: tuple[StuckClockBody, ...]


class ParkedBody(ResponseBody):
    """A parked event, without its body: it may hold personal data."""

    id: str
    topic: str
    partition: int
    offset: int
    key: str | None
    seq: int | None
    type: str
    code: str
    reason: str
    attempts: int
    wish: str | None


class ParkedPage(ResponseBody):
    """The first parked events, by stream and number."""

    items: tuple[ParkedBody, ...]


class WishBody(RequestBody):
    """What a person wants to happen with a parked event, and why."""

    wish: Literal["retry", "skip"]
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class Operations:
    """Reads and wishes; the worker that owns the partition carries wishes out."""

    def __init__(
        self, database: Database, blueprint: Blueprint, consuming: Consuming, committer: Committer
    ) -> None:
        self._database = database
        self._blueprint = blueprint
        self._consuming = consuming
        self._committer = committer

    async def status(self) -> StatusBody:
        lanes = tuple(
            LaneBody(
                topic=lane.topic,
                partition=lane.partition,
                next_offset=lane.next_offset,
                queued=len(lane.slots),
                lag=self._consuming.lag(lane),
            )
            for lane in self._consuming.lanes.values()
        )
        return StatusBody(
            service=self._blueprint.name,
            lanes=lanes,
            queued_records=self._committer.queued,
            outbox_documents=await self._database.count(OUTBOX, {}, limit=COUNTED_MAX),
            parked_events=await self._database.count(PARKED, {}, limit=COUNTED_MAX),
            stuck_clocks=await self._stuck(),
        )

    async def _stuck(self) -> tuple[StuckClockBody, ...]:
        found: list[StuckClockBody] = []
        for documents in self._blueprint.documents:
            where = {"stuck": {"$exists": True}}
            for row in await self._database.find(documents.collection, where, limit=PARKED_SHOWN_MAX):
                key, stuck = row["_id"], row["stuck"]
                assert isinstance(key, UUID)
                assert isinstance(stuck, dict)
                found.append(StuckClockBody(aggregate=documents.name, id=key, reason=str(stuck["reason"])))
        return tuple(found)

    async def parked(self) -> ParkedPage:
        order = (("topic", 1), ("key", 1), ("seq", 1))
        rows = await self._database.find(PARKED, {}, sort=order, limit=PARKED_SHOWN_MAX)
        return ParkedPage(items=tuple(_parked(row) for row in rows))

    async def wish(self, parked_id: str, body: WishBody, person: Caller) -> ParkedBody:
        """Record a wish with who and why; NotFoundError when nothing of that id is parked."""
        wish = {"wish": body.wish, "wished_by": str(person.person), "wished_because": body.reason}
        if not await self._database.update(PARKED, {"_id": parked_id}, wish):
            raise NotFoundError(f"Nothing is parked as {parked_id}.")
        log.info(
            "parked_wish", extra={"parked_id": parked_id, "wish": body.wish, "person": str(person.person)}
        )
        rows = await self._database.find(PARKED, {"_id": parked_id}, limit=1)
        if not rows:
            raise NotFoundError(f"{parked_id} was released a moment ago.")
        return _parked(rows[0])


def _parked(row: Document) -> ParkedBody:
    return ParkedBody.model_validate({**row, "id": row["_id"]}, from_attributes=False)


def operations_router(operations: Operations) -> APIRouter:
    routes = APIRouter(prefix="/v1/operations", tags=["operations"])

    @routes.get("/status")
    async def get_operations_status(person: Operator) -> StatusBody:  # noqa: ARG001 - it demands the scope.
        """Say what this worker consumes, what waits in it, and what needs a person."""
        return await operations.status()

    @routes.get("/parked")
    async def list_parked(person: Operator) -> ParkedPage:  # noqa: ARG001 - it demands the scope.
        """List parked events, without their bodies."""
        return await operations.parked()

    @routes.put("/parked/{parked_id:path}/wish")
    async def wish_parked(parked_id: str, body: WishBody, person: Operator) -> ParkedBody:
        """Ask for a parked event to be tried again, or to be left out for good."""
        return await operations.wish(parked_id, body, person)

    return routes
