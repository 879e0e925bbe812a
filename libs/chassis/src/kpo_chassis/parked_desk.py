"""The operators' door to parked events: what was set aside, and wishes about it, each kept in the audit."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Security
from pydantic import Field, JsonValue

from kpo_chassis.audit import Audit, parked_thing
from kpo_chassis.bodies import Instant, RequestBody, ResponseBody
from kpo_chassis.commands import caller
from kpo_chassis.kernel import Caller, NotFoundError, RejectedError
from kpo_chassis.lists import only_parameters
from kpo_chassis.masking import body_of, headers_of, told
from kpo_chassis.parking import BODY, RETRY, SKIP, Code, unpark
from kpo_chassis.store import PARKED, Database, Document

PARKED_SHOWN_MAX = 200
RECORDS_SHOWN_MAX = 50
"""How many records one page has: with bodies, of which one may have a megabyte."""

WISHES_MAX = 1_000
"""How many events one wish for all of a code may concern; who wants more asks again."""

COUNTED_MAX = 100_000
IDS_SHOWN_MAX = 20
ERROR_CHARS_MAX = 100
PARKED_ID_CHARS_MAX = 300


NOT_RETRIED = {
    "behind": "It waits for an earlier event of its key: retry that one.",
    "gap": "It waits for the number that is missing before it, and comes back with that.",
    "no_key": "It has no key or no number, so it can only be skipped.",
}
"""Why a wish to retry an event with such a code would do nothing."""

Operator = Annotated[Caller, Security(caller, scopes=[Caller.OPERATOR])]
After = Annotated[str, Query(max_length=PARKED_ID_CHARS_MAX, description="The last id of the page before.")]
Reveal = Annotated[bool, Query(description="Show what people wrote; `reason` is needed then.")]
Why = Annotated[str, Query(max_length=500)]
OnlyCode = Annotated[Code | None, Query(description="Only events that are parked for this cause.")]


class ParkedBody(ResponseBody):
    """A parked event, without its body: it may hold personal data. What `reason` quotes is hidden, too."""

    id: str
    topic: str
    partition: int
    offset: int
    key: str | None
    seq: int | None
    type: str
    code: str
    error: str | None
    reason: str
    attempts: int
    parked_at: Instant
    wish: str | None


class ParkedPage(ResponseBody):
    """The first parked events, by stream and number, and how many there are."""

    items: tuple[ParkedBody, ...]
    count: int


class ParkedRecordBody(ParkedBody):
    """A parked event with its headers and its body, in which texts are hidden unless they were asked for."""

    version: str | None
    headers: dict[str, str]
    body: JsonValue
    masked: bool


class ParkedRecordsPage(ResponseBody):
    """Parked events by id; `next` is where the next page begins, if there is one."""

    items: tuple[ParkedRecordBody, ...]
    next: str | None


class ParkedEventBody(ParkedRecordBody):
    """One parked event, and how many of its key wait behind it."""

    waiting_behind: int


class RetryAllBody(RequestBody):
    """Asks for all events with a code, or of them those with an error, to be tried again.

    At first it only tells how many there are. Those that wait for their order are not asked for: they follow.
    """

    code: Annotated[Literal["bug", "unreadable", "unknown_major", "not_yet"], Field(examples=["bug"])]
    error: Annotated[
        str | None, Field(min_length=1, max_length=ERROR_CHARS_MAX, examples=["ZeroDivisionError"])
    ] = None
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    dry_run: bool = True


class RetriedBody(ResponseBody):
    """How many events it concerned, the first of them, and how many are left to be asked for."""

    count: int
    ids: tuple[str, ...] = Field(max_length=IDS_SHOWN_MAX)
    left: int
    dry_run: bool


class WishBody(RequestBody):
    """What a person wants to happen with a parked event or a stuck clock, and why."""

    wish: Literal["retry", "skip"]
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class ParkedDesk:
    """Reads and wishes; the worker that owns the partition carries them out."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    # Looks ------------------------------------------------------------------------------------------------

    async def page(self, code: str | None) -> ParkedPage:
        order = (("topic", 1), ("key", 1), ("seq", 1))
        where: Document = {} if code is None else {"code": code}
        rows = await self._database.find(PARKED, where, sort=order, limit=PARKED_SHOWN_MAX, without=BODY)
        count = await self._database.count(PARKED, where, limit=COUNTED_MAX)
        return ParkedPage(items=tuple(_parked(row) for row in rows), count=count)

    async def event(self, parked_id: str, person: Caller, *, reveal: bool, reason: str) -> ParkedEventBody:
        """Give one parked event whole, named by its id, or by its stream: then the first that is parked."""
        row = await self._named(parked_id)
        if reveal:
            await self._audit.revealed(person, reason, parked_thing(row["_id"]))
        later = {"topic": row["topic"], "key": row["key"], "seq": {"$gt": row["seq"]}}
        waiting = 0 if row["seq"] is None else await self._database.count(PARKED, later, limit=COUNTED_MAX)
        return ParkedEventBody(
            **_record(row, reveal=reveal).model_dump(by_alias=False), waiting_behind=waiting
        )

    async def records(self, after: str, person: Caller, *, reveal: bool, reason: str) -> ParkedRecordsPage:
        """Give parked events whole, those behind the id `after`; who reveals what people wrote says why."""
        rows = await self._database.find(PARKED, {"_id": {"$gt": after}}, limit=RECORDS_SHOWN_MAX)
        if reveal:
            await self._audit.revealed(person, reason, *(parked_thing(row["_id"]) for row in rows))
        items = tuple(_record(row, reveal=reveal) for row in rows)
        return ParkedRecordsPage(items=items, next=items[-1].id if len(rows) == RECORDS_SHOWN_MAX else None)

    # Wishes -----------------------------------------------------------------------------------------------

    async def wish(self, parked_id: str, body: WishBody, person: Caller) -> ParkedBody:
        """Record a wish with who and why; NotFoundError when nothing of that id or stream is parked.

        Raises RejectedError for a wish that would do nothing, and for a skip that does not name its event.
        """
        row = await self._named(parked_id)
        if body.wish == RETRY and (why := NOT_RETRIED.get(str(row["code"]))):
            raise RejectedError(why, pointer="/wish")
        if body.wish == SKIP and row["_id"] != parked_id:
            raise RejectedError(
                f"A skip cannot be undone, so name the event. The first one is {row['_id']}.", pointer="/wish"
            )
        await self._audit.wished(person, body.wish, body.reason, parked_thing(row["_id"]))
        wish = wished(body, person)
        if not await self._database.update(PARKED, {"_id": row["_id"]}, wish):
            raise NotFoundError(f"{row['_id']} came back a moment ago, and is parked no more.")
        return _parked({**row, **wish})

    async def retry_all(self, body: RetryAllBody, person: Caller) -> RetriedBody:
        """Wish for all events of a kind to be tried again, WISHES_MAX at most; each wish is in the audit."""
        where: Document = {"code": body.code, "wish": None}
        if body.error is not None:
            where["error"] = body.error
        rows = await self._database.find(PARKED, where, limit=WISHES_MAX, without=BODY)
        ids = [str(row["_id"]) for row in rows]
        left = await self._database.count(PARKED, where, limit=COUNTED_MAX) - len(ids)
        if not body.dry_run:
            await self._audit.wished(person, RETRY, body.reason, *map(parked_thing, ids))
            wish = wished(WishBody(wish="retry", reason=body.reason), person)
            for parked_id in ids:  # A wish that somebody made meanwhile stays.
                await self._database.update(PARKED, {"_id": parked_id, "wish": None}, wish)
        shown = tuple(ids[:IDS_SHOWN_MAX])
        return RetriedBody(count=len(ids), ids=shown, left=max(0, left), dry_run=body.dry_run)

    async def _named(self, name: str) -> Document:
        """Find the row of this id, or the first one of the stream `<topic>/<key>`."""
        rows = await self._database.find(PARKED, {"_id": name}, limit=1)
        if not rows:
            topic, _, key = name.partition("/")
            where: Document = {"topic": topic, "key": key, "seq": {"$ne": None}}
            rows = await self._database.find(PARKED, where, sort=(("seq", 1),), limit=1)
        if not rows:
            raise NotFoundError(
                f"Nothing is parked as {name}: it came back, was skipped, or was never parked in this "
                f"service. `/v1/operations/audit?about={parked_thing(name)}` says what people did about it."
            )
        return rows[0]


def wished(body: WishBody, person: Caller) -> Document:
    return {"wish": body.wish, "wished_by": str(person.person), "wished_because": body.reason}


def _parked(row: Document) -> ParkedBody:
    return ParkedBody.model_validate(_shown(row, reveal=False))


def _record(row: Document, *, reveal: bool) -> ParkedRecordBody:
    record = unpark(row)
    return ParkedRecordBody.model_validate(
        {
            **_shown(row, reveal=reveal),
            "version": row.get("version"),
            "headers": headers_of(record.headers, reveal=reveal),
            "body": body_of(record.value, reveal=reveal),
            "masked": not reveal,
        }
    )


def _shown(row: Document, *, reveal: bool) -> Document:
    """Give what is shown of every row; rows of older builds do not name the class of the error."""
    reason = told(str(row["reason"]), reveal=reveal)
    return {**row, "id": row["_id"], "error": row.get("error"), "reason": reason}


def _explained(*, reveal: Reveal = False, reason: Why = "") -> None:
    """Let nobody see what people wrote without saying why."""
    if reveal and not reason:
        raise RejectedError("Say in `reason` why you need to see what people wrote.", pointer="/reason")


def add_parked_routes(routes: APIRouter, desk: ParkedDesk) -> None:
    """Add the routes of parked events to those of a worker's door."""

    @routes.get("/parked", dependencies=[Depends(only_parameters("code"))])
    async def list_parked(person: Operator, code: OnlyCode = None) -> ParkedPage:  # noqa: ARG001 - the scope.
        """List parked events, without their bodies."""
        return await desk.page(code)

    @routes.get("/parked-records", dependencies=[Depends(_explained)])
    async def list_parked_records(
        person: Operator, after: After = "", *, reveal: Reveal = False, reason: Why = ""
    ) -> ParkedRecordsPage:
        """List parked events with their bodies, for repair and export."""
        return await desk.records(after, person, reveal=reveal, reason=reason)

    @routes.put("/parked-wishes")
    async def retry_all_parked(body: RetryAllBody, person: Operator) -> RetriedBody:
        """Ask for all events of a kind to be tried again; see first how many there are."""
        return await desk.retry_all(body, person)

    @routes.get("/parked-records/{parked_id:path}", dependencies=[Depends(_explained)])
    async def get_parked(
        parked_id: str, person: Operator, *, reveal: Reveal = False, reason: Why = ""
    ) -> ParkedEventBody:
        """Read one parked event with its body, by its id or as the first one of `<topic>/<key>`."""
        return await desk.event(parked_id, person, reveal=reveal, reason=reason)

    @routes.put("/parked/{parked_id:path}/wish")
    async def wish_parked(parked_id: str, body: WishBody, person: Operator) -> ParkedBody:
        """Ask for a parked event to be tried again, or to be left out for good."""
        return await desk.wish(parked_id, body, person)
