"""How the download log is stored and read: one row per request, only ever inserted."""

from uuid import UUID

from pydantic import TypeAdapter

from kpo_chassis.documents import entries
from kpo_chassis.kernel import EntryReads
from kpo_delivery.domain.download import Download
from kpo_delivery.use_cases.entries.list_downloads import Place

BY_TIME = ("at", "_id")

_ROW = TypeAdapter(Download)


def _encode(row: Download) -> dict[str, object]:
    document: dict[str, object] = _ROW.dump_python(row)
    del document["id"]
    return {"_id": row.id, **document}


def _decode(document: dict[str, object]) -> Download:
    return _ROW.validate_python({**document, "id": document["_id"]})


downloads = entries(
    Download,
    collection="downloads",
    encode=_encode,
    decode=_decode,
    indexes=((("challenge_id", 1), *((name, 1) for name in BY_TIME)),),
)


class StoredDownloads:
    """Reads the log of one challenge at a time."""

    def __init__(self, entries: EntryReads) -> None:
        self._entries = entries

    async def page(self, challenge_id: UUID, *, after: Place | None, limit: int) -> tuple[Download, ...]:
        where = {"challenge_id": challenge_id}
        return await self._entries.entries(Download, where, order=BY_TIME, after=after, limit=limit)
