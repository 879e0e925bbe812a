"""Clocks that are left out of the sweep: the mark in the aggregate's document, and wishes about it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from kpo_chassis.documents import Documents
from kpo_chassis.kernel import NotFoundError
from kpo_chassis.parking import RETRY, SKIP
from kpo_chassis.store import Database, Document, Where

STUCK_SHOWN_MAX = 200
"""How many stuck clocks of one aggregate type are listed."""

RUNS: Where = {"$or": [{"stuck": {"$exists": False}}, {"stuck.wish": RETRY}]}
"""What a sweep looks at."""

NEEDS_A_PERSON: Where = {"stuck": {"$exists": True}, "stuck.wish": {"$ne": SKIP}}
MARKED: Where = {"stuck": {"$exists": True}}


def mark(reason: str, now: datetime) -> Document:
    """Make the mark of a clock that failed; it goes away with the due time that it is about."""
    return {"at": now, "reason": reason, "wish": None, "wished_by": None, "wished_because": None}


async def find_stuck(
    database: Database, kinds: Iterable[Documents], where: Where
) -> list[tuple[Documents, Document]]:
    """Give the documents whose mark is as asked for, soonest first in each kind."""
    return [
        (documents, row)
        for documents in kinds
        for row in await database.find(
            documents.collection, where, sort=(("due_at", 1), ("_id", 1)), limit=STUCK_SHOWN_MAX
        )
    ]


async def stuck_row(database: Database, documents: Documents, key: UUID) -> Document:
    """Read the document of a stuck clock; NotFoundError where there is none."""
    rows = await database.find(documents.collection, {"_id": key, **MARKED}, limit=1)
    if not rows:
        raise NotFoundError(f"No clock of {documents.name} {key} is stuck.")
    return rows[0]


async def wish_clock(database: Database, documents: Documents, row: Document, wish: Document) -> Document:
    """Put a wish, with who and why, into the mark of a stuck clock; NotFoundError where it has moved on.

    It holds for the due time that it was made for: whatever moves that takes mark and wish away.
    """
    stuck = row["stuck"]
    assert isinstance(stuck, dict)
    wished = {**stuck, **wish}
    where = {"_id": row["_id"], "due_at": row["due_at"], **MARKED}
    if not await database.update(documents.collection, where, {"stuck": wished}):
        raise NotFoundError(f"The clock of {documents.name} {row['_id']} moved on a moment ago.")
    return {**row, "stuck": wished}
