"""How timelines are stored and read: one row per event, only ever inserted."""

from datetime import timedelta
from uuid import UUID

from pydantic import TypeAdapter

from kpo_chassis.documents import entries
from kpo_chassis.kernel import EntryReads
from kpo_intake.domain.timeline import TimelineRow
from kpo_intake.use_cases.list_timeline import Place

MILLISECOND = timedelta(milliseconds=1)

BY_TIME = ("time", "_id")
BY_RANK = ("stage_rank", "number_rank")
BY_RECENCY = ("recency",)

_ROW = TypeAdapter(TimelineRow)


def encode(row: TimelineRow) -> dict[str, object]:
    """Write a row; entries sort upwards only, so what is wanted highest is kept as a negative number, too."""
    document: dict[str, object] = _ROW.dump_python(row)
    del document["id"]
    return {
        "_id": row.id,
        **document,
        "stage_rank": None if row.stage is None else -row.stage,
        "number_rank": -row.number,
        "recency": -int(row.time.timestamp() * 1_000),
    }


def decode(document: dict[str, object]) -> TimelineRow:
    return _ROW.validate_python({**document, "id": document["_id"]})


timeline = entries(
    TimelineRow,
    collection="timeline",
    encode=encode,
    decode=decode,
    indexes=tuple(
        (("engagement_id", 1), *((field, 1) for field in order)) for order in (BY_TIME, BY_RANK, BY_RECENCY)
    ),
)


class StoredTimeline:
    """Reads the rows of one engagement at a time."""

    def __init__(self, entries: EntryReads) -> None:
        self._entries = entries

    async def page(self, engagement_id: UUID, *, after: Place | None, limit: int) -> tuple[TimelineRow, ...]:
        where = {"engagement_id": engagement_id}
        return await self._entries.entries(TimelineRow, where, order=BY_TIME, after=after, limit=limit)

    async def current(self, engagement_id: UUID) -> TimelineRow | None:
        of_holders = {"engagement_id": engagement_id, "stage_rank": {"$lte": 0}}
        return _first(await self._entries.entries(TimelineRow, of_holders, order=BY_RANK, limit=1))

    async def newest(self, engagement_id: UUID) -> TimelineRow | None:
        where = {"engagement_id": engagement_id}
        return _first(await self._entries.entries(TimelineRow, where, order=BY_RECENCY, limit=1))


def _first(rows: tuple[TimelineRow, ...]) -> TimelineRow | None:
    return rows[0] if rows else None
