"""What people asked of a service's workers and what came of it: rows that are added and never changed."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from kpo_chassis.bodies import Instant, ResponseBody
from kpo_chassis.kernel import Caller
from kpo_chassis.store import AUDIT, Database, Document
from kpo_events.envelope import uuid7

log = logging.getLogger("kpo.operations")

AUDIT_SHOWN_MAX = 200

Step = Literal["wished", "done", "failed_again", "revealed"]
"""A person wished something; a worker has done it, or has tried it and parked the event again; or a person
has seen what others wrote."""


class AuditRowBody(ResponseBody):
    """One row: who, when, what about, and why; `wish` is missing where something was revealed."""

    id: str
    at: Instant
    person: str
    step: Step
    wish: str | None
    about: str
    reason: str


class AuditPage(ResponseBody):
    """Rows, the youngest first; `next` is where the next page begins, if there may be one."""

    items: tuple[AuditRowBody, ...]
    next: str | None


def audit_row(  # noqa: PLR0913 - who, when, what, about what and why: no row is without one of them.
    step: Step, now: datetime, *, person: str, about: str, wish: str | None, reason: str
) -> Document:
    """Make a row; its id sorts by its time."""
    row: Document = {"_id": str(uuid7(now)), "at": now, "person": person, "step": step}
    return {**row, "wish": wish, "about": about, "reason": reason}


def outcome_row(parked: Document, step: Step, now: datetime) -> Document:
    """Make the row that says what came of the wish in a parked row, whoever has put it there."""
    wished = {"person": str(parked.get("wished_by")), "reason": str(parked.get("wished_because"))}
    return audit_row(step, now, about=parked_thing(parked["_id"]), wish=str(parked["wish"]), **wished)


def parked_thing(parked_id: object) -> str:
    """Name a parked event as the audit does; clocks are `clocks/<aggregate>/<id>`."""
    return f"parked/{parked_id}"


class Audit:
    """Keeps what people do at a worker's door. Each row is written before what it tells of is done."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    async def wished(self, person: Caller, wish: str, reason: str, *things: str) -> None:
        """Keep that a person wished the same for each of these things."""
        await self._keep("wished", person, wish, reason, *things)

    async def revealed(self, person: Caller, reason: str, *things: str) -> None:
        """Keep that a person saw these things with what people wrote in them."""
        await self._keep("revealed", person, None, reason, *things)

    async def _keep(self, step: Step, person: Caller, wish: str | None, reason: str, *things: str) -> None:
        """Write a row for each thing to the database, and to the log, which the service cannot change."""
        who, now = str(person.person), self._now()
        rows = [audit_row(step, now, person=who, about=thing, wish=wish, reason=reason) for thing in things]
        if rows:
            await self._database.insert(AUDIT, rows)
        for row in rows:
            told = {name: row[name] for name in ("person", "step", "wish", "about", "reason")}
            log.info("operator_act", extra=told)

    async def page(self, about: str, before: str) -> AuditPage:
        """Give rows about one thing, or about all where it is empty; older ones than the id `before`."""
        where: Document = {"about": about} if about else {}
        if before:
            where["_id"] = {"$lt": before}
        rows = await self._database.find(AUDIT, where, sort=(("_id", -1),), limit=AUDIT_SHOWN_MAX)
        items = tuple(AuditRowBody.model_validate({**row, "id": row["_id"]}) for row in rows)
        return AuditPage(items=items, next=items[-1].id if len(items) == AUDIT_SHOWN_MAX else None)
