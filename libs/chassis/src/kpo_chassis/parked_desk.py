"""The operators' door to parked events: what was set aside, and wishes about it, each on record."""

import logging
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Security
from pydantic import Field, JsonValue

from kpo_chassis.bodies import Instant, RequestBody, ResponseBody
from kpo_chassis.commands import caller
from kpo_chassis.kernel import Caller, NotFoundError, RejectedError
from kpo_chassis.masking import body_of, headers_of
from kpo_chassis.parking import unpark
from kpo_chassis.store import PARKED, Database, Document

log = logging.getLogger("kpo.operations")

PARKED_SHOWN_MAX = 200
WISHES_MAX = 1_000
"""How many events one wish for all of a code may concern; who wants more asks again."""

IDS_SHOWN_MAX = 20
CODE_CHARS_MAX = 50
PARKED_ID_CHARS_MAX = 300

Operator = Annotated[Caller, Security(caller, scopes=[Caller.OPERATOR])]
After = Annotated[str, Query(max_length=PARKED_ID_CHARS_MAX, description="The last id of the page before.")]
Reveal = Annotated[bool, Query(description="Show what people wrote; `reason` is needed then.")]
Why = Annotated[str, Query(max_length=500)]


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


class ParkedRecordBody(ParkedBody):
    """A parked event with its headers and its body, in which texts are hidden unless they were asked for."""

    parked_at: Instant
    headers: dict[str, str]
    body: JsonValue
    masked: bool


class ParkedRecordsPage(ResponseBody):
    """Parked events by id; `next` is where the next page begins, if there is one."""

    items: tuple[ParkedRecordBody, ...]
    next: str | None


class RetryAllBody(RequestBody):
    """Asks for all events with a code to be tried again; at first only how many there are."""

    code: Annotated[str, Field(min_length=1, max_length=CODE_CHARS_MAX, examples=["bug"])]
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    dry_run: bool = True


class RetriedBody(ResponseBody):
    """How many events it concerned, and the first of them; with `dry_run` nothing was done."""

    count: int
    ids: tuple[str, ...] = Field(max_length=IDS_SHOWN_MAX)
    dry_run: bool


class WishBody(RequestBody):
    """What a person wants to happen with a parked event or a stuck clock, and why."""

    wish: Literal["retry", "skip"]
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class ParkedDesk:
    """Reads and wishes; the worker that owns the partition carries them out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self) -> ParkedPage:
        order = (("topic", 1), ("key", 1), ("seq", 1))
        rows = await self._database.find(PARKED, {}, sort=order, limit=PARKED_SHOWN_MAX)
        return ParkedPage(items=tuple(_parked(row) for row in rows))

    async def retry_all(self, body: RetryAllBody, person: Caller) -> RetriedBody:
        """Wish for all events with a code to be tried again, WISHES_MAX at most; each is on record."""
        where = {"code": body.code, "wish": None}
        rows = await self._database.find(PARKED, where, limit=WISHES_MAX)
        ids = [str(row["_id"]) for row in rows]
        if not body.dry_run:
            wish = WishBody(wish="retry", reason=body.reason)
            for parked_id in ids:
                still_unasked = {"_id": parked_id, "wish": None}
                if await self._database.update(PARKED, still_unasked, wished(wish, person)):
                    audit("parked_wish", person, parked_id=parked_id, wish="retry", reason=body.reason)
        return RetriedBody(count=len(ids), ids=tuple(ids[:IDS_SHOWN_MAX]), dry_run=body.dry_run)

    async def records(self, after: str, person: Caller, *, reveal: bool, reason: str) -> ParkedRecordsPage:
        """Give parked events whole, those behind the id `after`; who reveals what people wrote says why."""
        rows = await self._database.find(PARKED, {"_id": {"$gt": after}}, limit=PARKED_SHOWN_MAX)
        if reveal:
            audit("parked_revealed", person, after=after, count=len(rows), reason=reason)
        items = tuple(_record(row, reveal=reveal) for row in rows)
        return ParkedRecordsPage(items=items, next=items[-1].id if len(rows) == PARKED_SHOWN_MAX else None)

    async def wish(self, parked_id: str, body: WishBody, person: Caller) -> ParkedBody:
        """Record a wish with who and why; NotFoundError when nothing of that id is parked."""
        if not await self._database.update(PARKED, {"_id": parked_id}, wished(body, person)):
            raise NotFoundError(f"Nothing is parked as {parked_id}.")
        audit("parked_wish", person, parked_id=parked_id, wish=body.wish, reason=body.reason)
        rows = await self._database.find(PARKED, {"_id": parked_id}, limit=1)
        if not rows:
            raise NotFoundError(f"{parked_id} was released a moment ago.")
        return _parked(rows[0])


def audit(event: str, person: Caller, **told: str | int) -> None:
    """Tell who did what and why in the log, which is kept where nobody can change it."""
    log.info(event, extra={**told, "person": str(person.person)})


def wished(body: WishBody, person: Caller) -> Document:
    return {"wish": body.wish, "wished_by": str(person.person), "wished_because": body.reason}


def _parked(row: Document) -> ParkedBody:
    return ParkedBody.model_validate({**row, "id": row["_id"]}, from_attributes=False)


def _record(row: Document, *, reveal: bool) -> ParkedRecordBody:
    record = unpark(row)
    return ParkedRecordBody.model_validate(
        {
            **row,
            "id": row["_id"],
            "headers": headers_of(record.headers, reveal=reveal),
            "body": body_of(record.value, reveal=reveal),
            "masked": not reveal,
        }
    )


def add_parked_routes(routes: APIRouter, desk: ParkedDesk) -> None:
    """Add the routes of parked events to those of a worker's door."""

    @routes.get("/parked")
    async def list_parked(person: Operator) -> ParkedPage:  # noqa: ARG001 - it demands the scope.
        """List parked events, without their bodies."""
        return await desk.page()

    @routes.get("/parked-records")
    async def list_parked_records(
        person: Operator,
        after: After = "",
        *,
        reveal: Reveal = False,
        reason: Why = "",
    ) -> ParkedRecordsPage:
        """List parked events with their bodies, for repair and export."""
        if reveal and not reason:
            raise RejectedError("Say in `reason` why you need to see what people wrote.", pointer="/reason")
        return await desk.records(after, person, reveal=reveal, reason=reason)

    @routes.put("/parked-wishes")
    async def retry_all_parked(body: RetryAllBody, person: Operator) -> RetriedBody:
        """Ask for all events with a code to be tried again; see first how many there are."""
        return await desk.retry_all(body, person)

    @routes.put("/parked/{parked_id:path}/wish")
    async def wish_parked(parked_id: str, body: WishBody, person: Operator) -> ParkedBody:
        """Ask for a parked event to be tried again, or to be left out for good."""
        return await desk.wish(parked_id, body, person)
