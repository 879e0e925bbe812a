"""The operators' door of a worker: what runs, what waits, what is parked or stuck, and wishes about it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query

from kpo_chassis.audit import Audit, AuditPage
from kpo_chassis.bodies import Instant, ResponseBody
from kpo_chassis.committer import Committer
from kpo_chassis.consumer import Consuming
from kpo_chassis.documents import Documents
from kpo_chassis.doors import Blueprint
from kpo_chassis.kernel import Caller, NotFoundError
from kpo_chassis.lists import only_parameters
from kpo_chassis.parked_desk import Operator, ParkedDesk, WishBody, add_parked_routes, wished
from kpo_chassis.store import OUTBOX, PARKED, Database, Document, Where
from kpo_chassis.stuck import MARKED, NEEDS_A_PERSON, find_stuck, stuck_row, wish_clock

COUNTED_MAX = 100_000

AGGREGATE_CHARS_MAX = 50

ABOUT_CHARS_MAX = 310
AUDIT_ID_CHARS_MAX = 36

About = Annotated[str, Query(max_length=ABOUT_CHARS_MAX, description="One `parked/<id>` or `clocks/<id>`.")]
Before = Annotated[str, Query(max_length=AUDIT_ID_CHARS_MAX, description="The last id of the page before.")]
AggregateName = Annotated[str, Path(max_length=AGGREGATE_CHARS_MAX, examples=["match"])]


class LaneBody(ResponseBody):
    """How far one partition has been consumed here."""

    topic: str
    partition: int
    next_offset: int
    queued: int
    lag: int | None


class StuckClockBody(ResponseBody):
    """A clock whose change failed three times, and what a person wished about it."""

    aggregate: str
    id: UUID
    due_at: Instant
    stuck_at: Instant
    reason: str
    wish: str | None


class StatusBody(ResponseBody):
    """A worker as operations see it; counts stop at a limit that is far above what is healthy."""

    service: str
    lanes: tuple[LaneBody, ...]
    queued_records: int
    outbox_documents: int
    parked_events: int
    stuck_clocks: tuple[StuckClockBody, ...]


class StuckClocksPage(ResponseBody):
    """The stuck clocks of all aggregates, soonest first in each kind; those left out stay until they move."""

    items: tuple[StuckClockBody, ...]


class Operations:
    """Reads and wishes: the worker that owns the partition, or for a clock any worker, carries them out."""

    def __init__(
        self,
        database: Database,
        blueprint: Blueprint,
        consuming: Consuming,
        committer: Committer,
        audit: Audit,
    ) -> None:
        self._database = database
        self._blueprint = blueprint
        self._consuming = consuming
        self._committer = committer
        self.audit = audit

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
            stuck_clocks=await self._stuck(NEEDS_A_PERSON),
        )

    async def clocks(self) -> StuckClocksPage:
        return StuckClocksPage(items=await self._stuck(MARKED))

    async def _stuck(self, where: Where) -> tuple[StuckClockBody, ...]:
        found = await find_stuck(self._database, self._blueprint.documents, where)
        return tuple(_stuck_clock(documents, row) for documents, row in found)

    async def wish_clock(self, aggregate: str, key: UUID, body: WishBody, person: Caller) -> StuckClockBody:
        """Record a wish with who and why; NotFoundError when no such clock is stuck."""
        documents = next((d for d in self._blueprint.documents if d.name == aggregate), None)
        if documents is None:
            raise NotFoundError(f"This service has no aggregates of the name {aggregate}.")
        row = await stuck_row(self._database, documents, key)
        await self.audit.wished(person, body.wish, body.reason, f"clocks/{aggregate}/{key}")
        return _stuck_clock(documents, await wish_clock(self._database, documents, row, wished(body, person)))


def _stuck_clock(documents: Documents, row: Document) -> StuckClockBody:
    stuck = row["stuck"]
    assert isinstance(stuck, dict)
    found = {"aggregate": documents.name, "id": row["_id"], "due_at": row["due_at"], "stuck_at": stuck["at"]}
    return StuckClockBody.model_validate({**found, "reason": stuck["reason"], "wish": stuck["wish"]})


def operations_router(operations: Operations, desk: ParkedDesk) -> APIRouter:
    routes = APIRouter(prefix="/v1/operations", tags=["operations"])

    @routes.get("/status")
    async def get_operations_status(person: Operator) -> StatusBody:  # noqa: ARG001 - it demands the scope.
        """Say what this worker consumes, what waits in it, and what needs a person."""
        return await operations.status()

    @routes.get("/clocks")
    async def list_stuck_clocks(person: Operator) -> StuckClocksPage:  # noqa: ARG001 - it demands the scope.
        """List clocks that are left out because they failed, with what was wished about them."""
        return await operations.clocks()

    @routes.put("/clocks/{aggregate}/{aggregate_id}/wish")
    async def wish_stuck_clock(
        aggregate: AggregateName, aggregate_id: UUID, body: WishBody, person: Operator
    ) -> StuckClockBody:
        """Ask for a stuck clock to be tried again, or for its deadline to be left out."""
        return await operations.wish_clock(aggregate, aggregate_id, body, person)

    @routes.get("/audit", dependencies=[Depends(only_parameters("about", "before"))])
    async def list_audit(
        person: Operator,  # noqa: ARG001 - it demands the scope.
        about: About = "",
        before: Before = "",
    ) -> AuditPage:
        """List what people did at the workers of this service and what came of it, the youngest first."""
        return await operations.audit.page(about, before)

    add_parked_routes(routes, desk)
    return routes
